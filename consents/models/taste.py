"""Taste is not permission: what somebody likes to hear about narrows what they allow, and never widens it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Customer
from brands.models import Brand
from ledger.personal_data import DELETE, ForEver, Nobody, WithPerson

PUBLIC = ForEver("the brand's own public words")


class Topic(models.Model):
    """Something a brand writes about under one purpose: "Bed linen" under "News and offers"."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="topics")
    key = models.SlugField(max_length=40)
    purpose = models.SlugField(max_length=60)
    names = models.JSONField()  # by language
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "key"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "key"], name="topic_key")]

    class PersonalData:
        of = Nobody("what the brand writes about")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "purpose", "names", "order")
        keep = PUBLIC
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.key


class Frequency(models.Model):
    """How often a brand offers to write. `days` is the least time between two messages; 0 is as it happens."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="frequencies")
    key = models.SlugField(max_length=40)
    names = models.JSONField()  # by language
    hints = models.JSONField(default=dict)
    days = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["days", "key"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "key"], name="frequency_key")]

    class PersonalData:
        of = Nobody("how often the brand writes")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "names", "hints", "days")
        keep = PUBLIC
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.key


class TasteQuerySet(models.QuerySet["Taste"]):
    def of(self, customer: Customer) -> Self:
        return self.filter(customer=customer)


class Taste(models.Model):
    """One customer's taste on one channel. Without a row: every topic, as it happens, no break."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tastes")
    channel = models.CharField(max_length=10)
    topics_off = models.JSONField(default=list)  # keys: a topic that is new is on
    days_between = models.PositiveSmallIntegerField(default=0)
    pause_until = models.DateField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField(null=True)

    objects = TasteQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer", "channel"], name="taste_one_a_channel")]

    class PersonalData:
        of = "customer"
        exported: ClassVar[dict[str, str]] = {
            "channel": "choices", "topics_off": "choices", "days_between": "choices", "pause_until": "choices", "last_sent_at": "history",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "customer", "entry")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.channel} of {self.customer_id}"

    def too_often(self, now: datetime) -> bool:
        return self.last_sent_at is not None and self.days_between > 0 and (now - self.last_sent_at).days < self.days_between


class SignedOutOptOut(models.Model):
    """How many opted out without signing in, by day: the only thing that is kept of it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="signed_out_opt_outs")
    day = models.DateField()
    scope = models.CharField(max_length=10)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "day", "scope"], name="signed_out_opt_out_once_a_day"),
            models.CheckConstraint(condition=Q(scope__in=["marketing", "sale", "sensitive"]), name="signed_out_opt_out_scope"),
        ]

    class PersonalData:
        of = Nobody("counts by day")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "day", "scope", "count")
        keep = ForEver("figures")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.day} {self.scope}"

    @classmethod
    def count_one(cls, brand: Brand, scope: str, day: Any) -> None:
        cls.objects.get_or_create(brand=brand, day=day, scope=scope)
        cls.objects.filter(brand=brand, day=day, scope=scope).update(count=F("count") + 1)
