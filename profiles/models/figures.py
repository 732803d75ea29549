"""Roll-ups: what the desk's report reads, so that no page counts in the ledger or among people."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from catalogue.models.vocabulary import STAYS
from ledger.personal_data import ForEver, Nobody
from profiles.models.questions import Question

NOBODY: dict[str, str] = {}


class QuestionDay(models.Model):
    """What came of a question on one day. Kept by the ledger's follower (profiles/follower.py)."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    asked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    put_off = models.PositiveIntegerField(default=0)
    never = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)  # answers that people took back
    withdrawn = models.PositiveIntegerField(default=0)  # of its purpose, by people whose answer stood

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["question", "day"], name="question_day_once")]

    class PersonalData:
        of = Nobody("counts by day")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "question", "day", "asked", "answered", "put_off", "never", "deleted", "withdrawn")
        keep = ForEver("figures")
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.question_id} {self.day}"

    @classmethod
    def count_one(cls, question: int, day: date, column: str) -> None:
        cls.objects.get_or_create(question_id=question, day=day)
        cls.objects.filter(question=question, day=day).update(**{column: F(column) + 1})


class QuestionFigures(models.Model):
    """How a question's answers are used, as last counted by the nightly job."""

    question = models.OneToOneField(Question, on_delete=models.CASCADE, related_name="figures")
    counted_at = models.DateTimeField(_("counted"))
    answers = models.PositiveIntegerField(default=0)  # that stand
    used = models.PositiveIntegerField(default=0)  # of them, at least once
    unused = models.PositiveIntegerField(default=0)  # of them, for so long that they are offered for deletion
    reads = models.PositiveIntegerField(default=0)  # in the last 90 days
    hours_to_first_use = models.PositiveIntegerField(null=True)  # on average; null: none was used

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(used__lte=F("answers"), unused__lte=F("answers")), name="question_figures_are_of_its_answers"
            )
        ]

    class PersonalData:
        of = Nobody("counts")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "question", "counted_at", "answers", "used", "unused", "reads", "hours_to_first_use")
        keep = ForEver("figures")
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.question_id} {self.counted_at:%Y-%m-%d}"
