"""What had to stay when somebody was deleted: locked away, for its ground alone, until a day."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from data_requests.models.request import Request
from data_requests.models.systems import System
from ledger.personal_data import KEEP, Days, Reference


class HeldQuerySet(models.QuerySet["Held"]):
    def due(self, today: date) -> Self:
        """Something of it may go."""
        return self.filter(ended_at=None, until__lt=today)


class Held(models.Model):
    """What one system keeps of one person. `sealed`: the keys to find it by and where to tell of its end, encrypted; gone with it."""

    request = models.ForeignKey(Request, verbose_name=_("request"), on_delete=models.PROTECT, related_name="held")
    system = models.ForeignKey(System, verbose_name=_("system"), on_delete=models.PROTECT, related_name="held")
    subject = models.CharField(max_length=32)
    until = models.DateField(_("until"))  # the last day of the first that ends
    found = models.JSONField(default=list)  # table by table, with ground and day
    sealed = models.TextField(blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = HeldQuerySet.as_manager()

    class Meta:
        verbose_name = _("held data")
        verbose_name_plural = _("held data")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "system"], name="held_once_a_system"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) & ~Q(sealed="") | Q(ended_at__isnull=False, sealed=""), name="held_ended_knows_nobody"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["until"], condition=Q(ended_at__isnull=True), name="held_by_day")]

    class PersonalData:
        of = Reference("subject")
        exported: ClassVar[dict[str, str]] = {"until": "requests", "found": "requests", "since": "requests", "ended_at": "requests"}
        withheld: ClassVar[dict[str, str]] = {
            "subject": "names the person in the ledger; each receipt carries it",
            "sealed": "keys of another system, and where to tell of the end",
        }
        plain = ("id", "request", "system")
        keep = Days(731, after="ended_at")
        on_erasure = KEEP("a law obliges the brand to keep it, shown with its ground", "the day shown with it")

    def __str__(self) -> str:
        return f"{self.request} {self.system}"
