"""The journey: its stages, the moments at which somebody may be asked, and which of them a person has come to."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from brands.models import Brand
from catalogue.models.vocabulary import KEY, PUBLIC, STAYS, Word
from ledger.personal_data import DELETE, Nobody, WithPerson

NOBODY: dict[str, str] = {}
EVENT = 60  # characters of an event's key
EVENT_FORM = r"[a-z][a-z0-9_-]{0,28}\.[a-z][a-z0-9_-]{0,28}"
# What the center itself sees. Everything else is posted by the brand.
FIRST_VISIT, CHOICE_MADE, ANSWER_USED = "visit.first", "choice.made", "answer.used"
OURS = (FIRST_VISIT, CHOICE_MADE, ANSWER_USED)


class Moment(Word):
    """An event after which a question may be asked, for so many days. `on_the_way_to_pay`: from it to the next event nothing is asked."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="moments")
    key = models.CharField(_("event"), max_length=EVENT, validators=[RegexValidator(rf"^{EVENT_FORM}\Z")])
    days = models.PositiveSmallIntegerField(_("days after it"), default=7, validators=[MinValueValidator(1), MaxValueValidator(90)])
    on_the_way_to_pay = models.BooleanField(_("on the way to paying: nothing is asked"), default=False)

    class Meta:
        verbose_name = _("moment")
        verbose_name_plural = _("moments")
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "key"], name="moment_once_a_brand"),
            models.CheckConstraint(condition=Q(key__regex=rf"^{EVENT_FORM}$"), name="moment_key"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=90), name="moment_days"),
            models.CheckConstraint(condition=Q(on_the_way_to_pay=False) | ~Q(key__in=OURS), name="moment_of_ours_pays_nothing"),
        ]

    class PersonalData:
        of = Nobody("when the brand asks, about no person")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "brand", "key", "names", "days", "on_the_way_to_pay")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key


class Stage(Word):
    """A step of getting to know each other. It opens when something was delivered (`opens_on`, an event), never because a form was filled;
    the first one is open to everybody."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="stages")
    key = models.SlugField(_("key"), max_length=KEY)
    order = models.PositiveSmallIntegerField(_("order"))
    opens_on = models.CharField(_("opens on"), max_length=EVENT, blank=True, default="")

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering: ClassVar = ["order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "key"], name="stage_once_a_brand"),
            models.UniqueConstraint(fields=["brand", "order"], name="stage_order"),
            models.CheckConstraint(
                condition=Q(order=0, opens_on="") | (Q(order__gt=0) & ~Q(opens_on="")),
                name="stage_opens_on_something",
                violation_error_message=_("The first stage is open to everybody; each later one names the event that opens it."),
            ),
        ]

    class PersonalData:
        of = Nobody("how the brand gets to know people, about no person")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "brand", "key", "names", "order", "opens_on")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key


class Happening(models.Model):
    """That an event happened to somebody: once and last, and nothing about it. A flood of the same event is one row."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="happenings")
    event = models.CharField(max_length=EVENT)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = _("event of the journey")
        verbose_name_plural = _("events of the journey")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "event"], name="happening_once"),
            models.CheckConstraint(condition=Q(first_at__lte=models.F("last_at")), name="happening_in_order"),
        ]

    class PersonalData:
        of = "customer"
        exported: ClassVar = {"event": "answers", "first_at": "answers", "last_at": "answers"}
        withheld: ClassVar = NOBODY
        plain = ("id", "customer")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.event} {self.last_at:%Y-%m-%d}"
