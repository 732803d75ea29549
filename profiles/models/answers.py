"""What somebody was asked, what they did about it, what they told, and what it was used for."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from catalogue.models.vocabulary import KEY
from ledger.personal_data import DELETE, Days, WithPerson
from profiles.models.journey import EVENT
from profiles.models.questions import Question

NOBODY: dict[str, str] = {}
MOST_SHOWINGS = 3  # in a lifetime; settings.PROMPT_SHOWINGS may only be lower


class Asked(models.Model):
    """How a question stands with somebody: the budget's own record."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="asked")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    times = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    put_off = models.PositiveSmallIntegerField(default=0)  # how often it was “not now”
    rest_until = models.DateTimeField(null=True)
    said_no_at = models.DateTimeField(null=True)  # “not now” or “don’t ask again”, last
    never_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)  # an answer stands since then

    class Meta:
        verbose_name = _("question put to somebody")
        verbose_name_plural = _("questions put to you")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "question"], name="asked_once"),
            models.CheckConstraint(condition=Q(times__lte=MOST_SHOWINGS), name="asked_three_times_at_most"),
            models.CheckConstraint(condition=Q(times=0, last_at=None) | Q(times__gt=0, last_at__isnull=False), name="asked_when"),
        ]

    class PersonalData:
        of = "customer"
        exported: ClassVar = {
            "question": "answers", "times": "answers", "last_at": "answers", "put_off": "answers", "rest_until": "answers",
            "said_no_at": "answers", "never_at": "answers", "answered_at": "answers",
        }  # fmt: skip
        withheld: ClassVar = NOBODY
        plain = ("id", "customer")
        keep = WithPerson()
        on_erasure = DELETE


class AskQuerySet(models.QuerySet["Ask"]):
    def open(self) -> Self:
        return self.filter(state=Ask.State.OPEN)


class Ask(models.Model):
    """One showing. While it is open, the same visit shows it again and no second one begins."""

    class State(models.TextChoices):
        OPEN = "open", _("shown")
        ANSWERED = "answered", _("answered")
        LATER = "later", _("not now")
        NEVER = "never", _("don’t ask again")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="asks")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    moment = models.CharField(max_length=EVENT)
    session = models.CharField(max_length=32)  # of SHA-256 of what names the visit
    number = models.PositiveSmallIntegerField()  # the first, second, third showing
    language = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    shown_at = models.DateTimeField()
    acted_at = models.DateTimeField(null=True)
    receipt = models.UUIDField(null=True)  # of the answer that it brought

    objects = AskQuerySet.as_manager()

    class Meta:
        verbose_name = _("showing of a question")
        verbose_name_plural = _("showings of questions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "session"], name="ask_once_a_session"),
            models.UniqueConstraint(fields=["customer", "question", "number"], name="ask_number"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=MOST_SHOWINGS), name="ask_three_at_most"),
            models.CheckConstraint(condition=Q(state__in=["open", "answered", "later", "never"]), name="ask_state"),
            models.CheckConstraint(
                condition=Q(state="open", acted_at=None) | (~Q(state="open") & Q(acted_at__isnull=False)), name="ask_acted"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "-shown_at"], name="ask_newest")]

    class PersonalData:
        of = "customer"
        exported: ClassVar = {
            "question": "answers", "version": "answers", "moment": "answers", "number": "answers", "language": "answers",
            "state": "answers", "shown_at": "answers", "acted_at": "answers",
        }  # fmt: skip
        withheld: ClassVar = {"session": "a fingerprint of one visit"}
        plain = ("id", "customer", "receipt")
        keep = WithPerson()
        on_erasure = DELETE


class AnswerQuerySet(models.QuerySet["Answer"]):
    def unused(self, now: datetime) -> Self:
        """Given, and not used for so long that they are offered for deletion."""
        since = now - settings.ANSWER_UNUSED
        return self.filter(given_at__lte=since).exclude(Exists(AnswerUse.objects.filter(answer=OuterRef("pk"), last_at__gt=since)))

    def over(self, now: datetime) -> Self:
        """Kept for as long as was said, or given to a question that nobody asks any more."""
        return self.filter(Q(kept_until__lte=now) | Q(question__retired_at__lte=now))


class Answer(models.Model):
    """What somebody told us of themselves. The value stands here alone: the ledger says that it was given.
    `purpose`: the one use it was given for, which no later version of its question changes."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    version = models.PositiveIntegerField()
    purpose = models.CharField(max_length=KEY)
    value = models.JSONField(_("answer"))
    given_at = models.DateTimeField(_("given"))
    kept_until = models.DateTimeField(_("kept until"))
    receipt = models.UUIDField()
    seq = models.BigIntegerField()
    first_used_at = models.DateTimeField(null=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("what you told us")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "question"], name="answer_once"),
            models.CheckConstraint(condition=Q(kept_until__gt=models.F("given_at")), name="answer_kept_after"),
        ]
        indexes: ClassVar = [models.Index(fields=["kept_until"], name="answer_by_end")]

    class PersonalData:
        of = "customer"
        exported: ClassVar = {
            "question": "answers", "version": "answers", "purpose": "answers", "value": "answers", "given_at": "answers",
            "kept_until": "answers", "first_used_at": "answers",
        }  # fmt: skip
        withheld: ClassVar = NOBODY
        plain = ("id", "customer", "receipt", "seq")
        keep = Days(0, after="kept_until")
        on_erasure = DELETE


class AnswerUse(models.Model):
    """How often an answer was read on a day, for which purpose and by whom: counts, which the person sees."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="uses")
    day = models.DateField(_("day"))
    purpose = models.CharField(_("purpose"), max_length=KEY)
    reader = models.CharField(_("read by"), max_length=120)
    times = models.PositiveIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("use of an answer")
        verbose_name_plural = _("uses of what you told us")
        ordering: ClassVar = ["-day"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["answer", "day", "purpose", "reader"], name="answer_use_once_a_day")]

    class PersonalData:
        of = "answer__customer"
        exported: ClassVar = {"day": "answers", "purpose": "answers", "reader": "answers", "times": "answers", "last_at": "answers"}
        withheld: ClassVar = NOBODY
        plain = ("id", "answer")
        keep = Days(0, after="answer__kept_until")
        on_erasure = DELETE
