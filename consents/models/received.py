from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from ledger.personal_data import DELETE, WithPerson


class ReceivedQuerySet(models.QuerySet["Received"]):
    def at(self, brand_id: int) -> Self:
        return self.filter(customer__brand=brand_id)

    def untold(self) -> Self:
        return self.filter(told_at=None)

    def late(self, today: date) -> Self:
        """Nobody has told the person, and the law's time for it is over."""
        return self.untold().filter(tell_by__lt=today)

    def since(self, moment: datetime) -> Self:
        return self.filter(recorded_at__gte=moment)


class Received(models.Model):
    """Data about a customer that came from somebody else, and when they were told (GDPR Art. 14): which kinds, never the data."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="received")
    source = models.SlugField(_("source"), max_length=40)  # key of the register's Source
    categories = models.JSONField()  # keys of its DataCategory, sorted
    received_on = models.DateField(_("received on"))
    tell_by = models.DateField(_("to be told by"))  # the law's last day
    recorded_at = models.DateTimeField()
    told_at = models.DateTimeField(_("told"), null=True)
    entry = models.BigIntegerField()

    objects = ReceivedQuerySet.as_manager()

    class Meta:
        verbose_name = _("data from others")
        verbose_name_plural = _("data from others")
        ordering: ClassVar = ["tell_by", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(tell_by__gte=F("received_on")), name="received_told_after"),
            models.UniqueConstraint(fields=["entry"], name="received_one_an_entry"),
        ]
        indexes: ClassVar = [models.Index(fields=["tell_by"], condition=Q(told_at__isnull=True), name="received_untold")]

    class PersonalData:
        of = "customer"
        exported: ClassVar[dict[str, str]] = {
            "source": "history", "categories": "history", "received_on": "history", "told_at": "history", "recorded_at": "history",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "customer", "tell_by", "entry")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.source} {self.received_on}"
