"""Counts by day of what people switched off: the figures that CCPA regulations 7102 ask for, without a row about anybody."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from brands.models import Brand
from ledger.personal_data import KEEP, ForEver, Nobody


class OptOutCount(models.Model):
    """How many opted out on one day: of sale and sharing, or of sensitive data; by their own word, or by a browser's signal."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="opt_out_counts")
    day = models.DateField()
    scope = models.CharField(max_length=10)
    signal = models.BooleanField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "day", "scope", "signal"], name="opt_out_count_once_a_day"),
            models.CheckConstraint(condition=Q(scope__in=["sale", "sensitive"]), name="opt_out_count_scope"),
        ]

    class PersonalData:
        of = Nobody("counts by day")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "day", "scope", "signal", "count")
        keep = ForEver("figures")
        on_erasure = KEEP("names nobody", "for ever")

    def __str__(self) -> str:
        return f"{self.day} {self.scope}"

    @classmethod
    def count_one(cls, brand: Brand, day: date, scope: str, *, signal: bool) -> None:
        cls.objects.get_or_create(brand=brand, day=day, scope=scope, signal=signal)
        cls.objects.filter(brand=brand, day=day, scope=scope, signal=signal).update(count=F("count") + 1)
