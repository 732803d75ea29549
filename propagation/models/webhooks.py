"""Endpoints of partners, and one row for each event that one of them is to be told."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ledger.personal_data import DELETE, Days, ForEver, Nobody, Reference
from propagation.models.partners import NOBODY, Partner
from propagation.states import State

KEPT_DAYS = 30  # of what was delivered, or given up


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def open(self) -> Self:
        """Those that are told: not switched off by their owner, by us, or by a 410."""
        return self.filter(closed_at=None, partner__in_use=True)


class Endpoint(models.Model):
    """Where a partner is told, and how it stands."""

    class Closed(models.TextChoices):
        BY_HAND = "by_hand", _("switched off at the desk")
        GONE = "gone", _("it answered that it is gone (410)")
        DOWN = "down", _("three days without an answer that counts")

    partner = models.ForeignKey(Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="endpoints")
    number = models.CharField(max_length=24, unique=True, editable=False)
    url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(_("told of"), default=list)  # types; empty: all
    full = models.BooleanField(_("with state and version, not only that something changed"), default=False)
    reconciles = models.BooleanField(_("counts along, and is compared every night"), default=False)
    secret = models.TextField(editable=False)  # whsec_…, encrypted
    secret_before = models.TextField(blank=True, default="", editable=False)
    secret_before_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(_("fails since"), null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)
    told_owner_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(_("last taken"), null=True, blank=True)
    closed_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    closed_why = models.CharField(_("why"), max_length=8, choices=Closed, blank=True, default="")

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "url"], name="endpoint_once_a_partner"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_why="") | Q(closed_at__isnull=False, closed_why__in=["by_hand", "gone", "down"]),
                name="endpoint_closed_says_why",
            ),
        ]

    class PersonalData:
        of = Nobody("an address of a company's server")
        exported: ClassVar = NOBODY
        withheld: ClassVar = {"secret": "signs what is sent there", "secret_before": "signs what is sent there"}
        plain = (
            "id", "partner", "number", "url", "events", "full", "reconciles", "secret_before_until", "failures", "failing_since",
            "quiet_until", "told_owner_at", "delivered_at", "closed_at", "closed_why",
        )  # fmt: skip
        keep = ForEver("where partners are told")
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.url

    def wants(self, kind: str) -> bool:
        return not self.events or kind in self.events


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        return self.filter(state=State.QUEUED)

    def next_of_each(self) -> Self:
        """Of the events about one person the first: the others wait until it has arrived, or was given up."""
        return self.waiting().filter(Q(subject="") | ~Exists(_waiting_before()))

    def overtaken(self) -> Self:
        """Taken already, while something earlier about the same person waits."""
        return self.filter(Exists(_waiting_before()), state=State.DELIVERED).exclude(subject="")

    def overdue(self, since: datetime) -> Self:
        return self.waiting().filter(created_at__lt=since, endpoint__closed_at=None)


def _waiting_before() -> DeliveryQuerySet:
    return Delivery.objects.waiting().filter(endpoint=OuterRef("endpoint"), subject=OuterRef("subject"), pk__lt=OuterRef("pk"))


class Delivery(models.Model):
    """One event for one endpoint. `number` is its webhook-id, the same however often it is sent."""

    endpoint = models.ForeignKey(Endpoint, verbose_name=_("address"), on_delete=models.CASCADE, related_name="deliveries")
    number = models.CharField(_("number"), max_length=40, unique=True, editable=False)
    kind = models.CharField(_("event"), max_length=40)
    about = models.CharField(max_length=60, blank=True, default="")  # tells several events of one entry apart
    entry = models.BigIntegerField(null=True)
    position = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=32, blank=True, default="")  # "": about no person
    urgent = models.BooleanField(default=False)  # a reduction goes before all else
    body = models.TextField()
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try = models.DateTimeField()
    lease = models.CharField(max_length=32, blank=True, default="")
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("made"))
    first_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(_("taken"), null=True)
    ended_at = models.DateTimeField(null=True)  # delivered or given up: its time to be kept begins
    answer = models.CharField(_("answer"), max_length=60, blank=True, default="")  # a status, or the name of a fault
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    outcome = models.CharField(max_length=8, blank=True, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endpoint", "entry", "kind", "about"], condition=Q(entry__isnull=False), name="delivery_once_an_entry"
            ),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in State]), name="delivery_state"),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False) | ~Q(state="delivered"), name="delivery_delivered_says_when"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["endpoint", "-urgent", "id"], condition=Q(state="queued"), name="delivery_queue"),
            models.Index(fields=["endpoint", "subject", "id"], condition=Q(state="queued"), name="delivery_person"),
            models.Index(fields=["endpoint", "delivered_at"], name="delivery_by_day"),
            models.Index(fields=["subject"], name="delivery_subject"),
            models.Index(fields=["ended_at"], name="delivery_ended"),
        ]

    class PersonalData:
        of = Reference("subject")
        exported: ClassVar = {"kind": "history", "created_at": "history", "delivered_at": "history", "confirmed_at": "history"}
        withheld: ClassVar = {
            "body": "what a partner was told: a number that it has for you, and what changed", "answer": "a status of its server",
        }  # fmt: skip
        plain = (
            "id", "endpoint", "number", "about", "entry", "position", "subject", "urgent", "state", "attempts", "next_try", "lease",
            "leased_until", "first_try_at", "ended_at", "outcome",
        )  # fmt: skip
        keep = Days(KEPT_DAYS, after="ended_at")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Comparison(models.Model):
    """One day of one endpoint: what we delivered, and what the partner says it got. They differ: a red light until somebody replays it."""

    endpoint = models.ForeignKey(Endpoint, verbose_name=_("address"), on_delete=models.CASCADE, related_name="comparisons")
    day = models.DateField(_("day"))
    count = models.PositiveBigIntegerField(_("delivered"), default=0)
    digest = models.CharField(_("digest"), max_length=64, default="0" * 64)
    their_count = models.PositiveBigIntegerField(_("got, as the partner says"), null=True)
    their_digest = models.CharField(max_length=64, blank=True, default="")
    asked_at = models.DateTimeField(_("asked"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    replayed_at = models.DateTimeField(_("sent again"), null=True)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering: ClassVar = ["-day", "endpoint"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["endpoint", "day"], name="comparison_once_a_day")]

    class PersonalData:
        of = Nobody("counts and a digest")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "endpoint", "day", "count", "digest", "their_count", "their_digest", "asked_at", "answered_at", "replayed_at")
        keep = Days(730, after="day")
        on_erasure = DELETE

    @property
    def drifts(self) -> bool:
        return self.answered_at is not None and (self.count, self.digest) != (self.their_count, self.their_digest)
