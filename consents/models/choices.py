from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Customer
from consents.states import NO, State
from ledger.personal_data import DELETE, KEEP, ForEver, Nobody, WithPerson


class ChoiceQuerySet(models.QuerySet["Choice"]):
    def of(self, customer: Customer) -> Self:
        return self.filter(customer=customer)

    def about(self, purpose: str, channel: str) -> Self:
        return self.filter(purpose=purpose, channel=channel)

    def run_out(self, now: datetime) -> Self:
        """Yeses whose time is over and whose end nobody has recorded yet."""
        return self.filter(state=State.GRANTED, expires_at__lte=now)


class Choice(models.Model):
    """One party's standing word on one purpose, or on one channel of it: a projection of the ledger."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="choices")
    purpose = models.SlugField(max_length=60)
    channel = models.CharField(max_length=10, blank=True, default="")  # "" is the purpose itself
    party = models.CharField(max_length=32)  # whose word: the customer's own subject, or a guardian's
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State])
    version = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()  # of the entry, in the customer's chain
    seen = models.PositiveIntegerField(null=True)  # the head's seq when the page was made
    expires_at = models.DateTimeField(null=True)  # of a yes: when it runs out, or ran out
    entry = models.BigIntegerField()
    receipt = models.UUIDField()
    recorded_at = models.DateTimeField()
    how = models.CharField(max_length=16)

    objects = ChoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "purpose", "channel", "party"], name="choice_one_word_a_party"),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in State]), name="choice_state"),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(state__in=[State.GRANTED.value, State.EXPIRED.value]), name="choice_only_a_yes_expires"
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="choice_expiry")]

    class PersonalData:
        of = "customer"
        exported = {
            "purpose": "choices", "channel": "choices", "state": "choices", "recorded_at": "choices", "expires_at": "choices",
            "how": "choices",
        }  # fmt: skip
        withheld = {"party": "may name another person: the history says in words who decided"}
        plain = ("id", "customer", "version", "seq", "seen", "entry", "receipt")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.purpose} {self.channel} {self.state}".replace("  ", " ")

    @property
    def is_no(self) -> bool:
        return self.state in NO

    def stands(self, at: datetime) -> bool:
        """Whether it is a yes that has not run out."""
        return self.state == State.GRANTED and (self.expires_at is None or self.expires_at > at)


class Shown(models.Model):
    """What was on the screen when somebody decided, once per wording. Says nothing about a person."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    body = models.TextField()

    class PersonalData:
        of = Nobody("the wording of a page, the same for everybody")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("sha256", "body")
        keep = ForEver("proof of what people were told")
        on_erasure = KEEP("proof of what people were told", "no entry names it any more")

    def __str__(self) -> str:
        return self.sha256
