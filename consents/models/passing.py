from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from ledger.personal_data import DELETE, WithPerson


class PassingQuerySet(models.QuerySet["Passing"]):
    def at(self, brand_id: int) -> Self:
        return self.filter(customer__brand=brand_id)

    def unconfirmed(self) -> Self:
        return self.filter(confirmed_at=None)

    def late(self, now: datetime) -> Self:
        """Whoever had to confirm by now, and has not."""
        return self.unconfirmed().filter(confirm_by__lt=now)


class Passing(models.Model):
    """One choice, and one recipient who has to hear of it: told when, confirmed when. `recipient` is a key of the register."""

    class Change(models.TextChoices):
        STOPPED = "stopped", _("has to stop")
        STARTED = "started", _("may begin")
        CORRECTED = "corrected", _("has to correct it")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        NOTHING = "nothing", _("had nothing")
        KEPT = "kept", _("keeps something, and says why")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="passings")
    entry = models.BigIntegerField()
    purpose = models.SlugField(_("purpose"), max_length=60, blank=True, default="")  # "": about everything
    channel = models.CharField(max_length=10, blank=True, default="")
    recipient = models.SlugField(max_length=40)
    name = models.CharField(_("recipient"), max_length=120)
    change = models.CharField(_("what it has to do"), max_length=10, choices=Change)
    by_machine = models.BooleanField(_("by a program"), default=False)  # it has an endpoint; whoever has none is told by a person
    recorded_at = models.DateTimeField(_("decided"))
    told_at = models.DateTimeField(_("told"), null=True)
    confirm_by = models.DateTimeField(_("to confirm by"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    outcome = models.CharField(_("what it says"), max_length=8, choices=Outcome, blank=True, default="")
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    objects = PassingQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice passed on")
        verbose_name_plural = _("choices passed on")
        ordering: ClassVar = ["confirm_by", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "purpose", "channel", "recipient"], name="passing_once"),
            models.CheckConstraint(condition=Q(change__in=["stopped", "started", "corrected"]), name="passing_change"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, outcome="") | Q(confirmed_at__isnull=False, outcome__in=["done", "nothing", "kept"]),
                name="passing_confirmed_says_what",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["confirm_by"], condition=Q(confirmed_at__isnull=True), name="passing_unconfirmed"),
            models.Index(fields=["recorded_at"], condition=Q(told_at__isnull=True), name="passing_untold"),
        ]

    class PersonalData:
        of = "customer"
        exported: ClassVar[dict[str, str]] = {
            "purpose": "history", "channel": "history", "name": "history", "change": "history", "recorded_at": "history",
            "told_at": "history", "confirmed_at": "history", "outcome": "history", "note": "history",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "customer", "entry", "recipient", "by_machine", "confirm_by")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.recipient} {self.change} {self.purpose}"
