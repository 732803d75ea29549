"""What the daily retention has deleted: figures, and nobody's data."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.personal_data import KEEP, ForEver, Nobody


class RetentionReport(models.Model):
    """Rows of one table that went on one day, because their time was over."""

    day = models.DateField(_("day"))
    table = models.CharField(_("table"), max_length=120)  # a label of ours, or "<system>: <table>"
    rows = models.PositiveBigIntegerField(_("rows"))

    class Meta:
        verbose_name = _("retention carried out")
        verbose_name_plural = _("retention carried out")
        ordering: ClassVar = ["-day", "table"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "table"], name="retention_once_a_day")]

    class PersonalData:
        of = Nobody("counts of rows")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "day", "table", "rows")
        keep = ForEver("figures")
        on_erasure = KEEP("names nobody", "for ever")

    def __str__(self) -> str:
        return f"{self.day} {self.table}"
