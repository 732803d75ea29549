"""Roll-ups of decisions and people by day: what the figures of the desk read, so that no page counts in the ledger or among people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from ledger.personal_data import KEEP, ForEver, Nobody

NOBODY: dict[str, str] = {}
STAYS = KEEP("about no person", "the brand goes")


class ChoiceDay(models.Model):
    """What came of one use on one day, by channel, language and place. `allowed` and `refused` are differences: by how many more words that
    stand say yes, or no, than the day before. Kept by consents/follower.py."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    purpose = models.CharField(max_length=64)  # or a wide word: "*marketing", "*sale", "*sensitive"
    channel = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=20)
    place = models.CharField(max_length=24)  # states.Where
    allowed = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    yes = models.PositiveIntegerField(default=0)  # decisions that day
    no = models.PositiveIntegerField(default=0)
    taken_back = models.PositiveIntegerField(default=0)  # of the noes, those after a yes

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "purpose", "channel", "day", "language", "place"], name="choice_day_once"),
        ]
        permissions: ClassVar = [("read_figures", "Can read the figures of the brand")]

    class PersonalData:
        of = Nobody("counts by day")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "brand", "day", "purpose", "channel", "language", "place", "allowed", "refused", "yes", "no", "taken_back")
        keep = ForEver("figures")
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.purpose} {self.day}"


class PeopleDay(models.Model):
    """How many came and went on one day."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    came = models.PositiveIntegerField(default=0)
    went = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "day"], name="people_day_once")]

    class PersonalData:
        of = Nobody("counts by day")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "brand", "day", "came", "went")
        keep = ForEver("figures")
        on_erasure = STAYS

    def __str__(self) -> str:
        return str(self.day)
