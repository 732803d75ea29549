"""A request: the ledger holds each step, here is how it stands."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from brands.models import Brand
from data_requests.kinds import APPEAL, ONCE
from data_requests.kinds import AT_DESK as KINDS_AT_DESK
from data_requests.refusals import ABUSE
from data_requests.states import AT_DESK as STATES_AT_DESK
from data_requests.states import NEED_PROOF, OPEN, UNVERIFIED, WORKING, State
from ledger.personal_data import EMPTY, Days, Reference

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no look-alikes, for the telephone
IS_OPEN, WORKED_ON = Q(state__in=sorted(OPEN)), Q(state__in=sorted(NEED_PROOF))
# The next step is ours: somebody is known, or has shown what we have to look at (a claim that has not been found to differ).
WITH_US = ~Q(state__in=sorted(UNVERIFIED)) | (Q(claim__isnull=False) & ~Q(claim__finding="differs"))
ERASED = Q(customer__isnull=True)  # whose it was is gone, and the words with them
LOG_DAYS = 731  # the request log: 24 months (CCPA regulations 7101)


def new_number() -> str:
    """R-7K2M-4QXW. For the eye and the telephone: it opens nothing to whom it does not belong."""
    found = "".join(secrets.choice(LETTERS) for _unused in range(8))
    return f"R-{found[:4]}-{found[4:]}"


class RequestQuerySet(models.QuerySet["Request"]):
    def of(self, customer: Customer) -> Self:
        return self.filter(customer=customer)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def working(self) -> Self:
        return self.filter(state__in=(State.VERIFIED, *WORKING))

    def late(self, now: datetime) -> Self:
        """The law's time is over, and nobody has answered somebody whom we know."""
        return self.open().filter(WITH_US).filter(until__lte=now)

    def overdue(self, now: datetime) -> Self:
        """The law's time is over, whoever has the next step: also of those who have not shown who they are."""
        return self.open().filter(until__lte=now)

    def due_within(self, today: date, days: int) -> Self:
        """Open, known, and due on that day or before; not late yet."""
        return self.open().filter(WITH_US).filter(due__gte=today, due__lte=today + timedelta(days=days))

    def pauses_to_lift(self, today: date) -> Self:
        return self.filter(lift_on__lte=today, lifted_at=None)

    def unverified_since(self, moment: datetime) -> Self:
        """What waits for the person; a claim that waits for us does not run out."""
        return self.filter(~WITH_US, state=State.IDENTITY_PENDING, created_at__lt=moment)


class Request(models.Model):
    """What somebody asked for. `received_on` is the day the law counts from, whatever day it was typed in."""

    class Via(models.TextChoices):
        CENTER = "center", _("Privacy center")
        PHONE = "phone", _("Telephone")
        POST = "post", _("Post")
        EMAIL = "email", _("Email")
        SHOP = "shop", _("In person")
        AGENT = "agent", _("Somebody who asks for them")

    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="requests")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="requests")
    subject = models.CharField(max_length=32)
    number = models.CharField(_("number"), max_length=11, unique=True, default=new_number, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=KINDS_AT_DESK)
    state = models.CharField(_("state"), max_length=20, choices=STATES_AT_DESK, default=State.RECEIVED)
    via = models.CharField(_("how it came"), max_length=8, choices=Via, default=Via.CENTER)
    language = models.CharField(max_length=16)
    country = models.CharField(max_length=2)  # where the person lived when they asked: the law of that place is the one
    region = models.CharField(max_length=8, blank=True)
    asked = models.JSONField(default=dict)  # {"text": …} in the person's words, {"parts": […]} of a copy
    received_on = models.DateField(_("received on"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    assurance = models.CharField(max_length=5, blank=True)
    method = models.CharField(max_length=20, blank=True)
    verified_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # the slow lane: nothing leaves earlier
    regime = models.CharField(max_length=40, blank=True)
    due = models.DateField(_("due"), null=True)
    until = models.DateTimeField(null=True)  # the first moment that is too late
    target = models.DateField(_("our own target"))
    extend_by = models.DateField(null=True)
    extended_on = models.DateField(null=True)
    extension_reason = models.TextField(blank=True)
    ground = models.CharField(max_length=30, blank=True)  # of a refusal: refusals.GROUNDS
    answer = models.TextField(blank=True)  # what the person reads: why, what was not refused
    proposed_by = models.CharField(max_length=80, blank=True)  # of a refusal that takes two
    answered_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)
    lift_on = models.DateField(null=True)  # of a pause that was granted: the day it ends, which the person is told before
    lifted_at = models.DateTimeField(null=True)
    appeal_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="appeals")
    decided_before_by = models.CharField(max_length=80, blank=True, default="")  # of an appeal: who decided what it is about

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering: ClassVar = ["until", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~WORKED_ON | Q(verified_at__isnull=False), name="request_worked_on_is_proven"),
            models.CheckConstraint(condition=Q(verified_at__isnull=True) | ~Q(method=""), name="request_proven_says_how"),
            models.CheckConstraint(
                condition=Q(IS_OPEN, closed_at__isnull=True) | Q(~IS_OPEN, closed_at__isnull=False), name="request_closed_says_when"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED) | (~Q(ground="") & ~Q(answer="")) | ERASED, name="request_refused_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED, ground__in=ABUSE) | (~Q(proposed_by="") & ~Q(answered_by=F("proposed_by"))),
                name="request_abuse_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(extended_on__isnull=True) | ~Q(extension_reason="") | ERASED, name="request_extended_says_why"
            ),
            models.CheckConstraint(condition=Q(subject__regex=r"^[0-9a-f]{32}$"), name="request_subject_is_hex"),
            # What nobody proved to be theirs shadows nothing (docs/threats.md): of proven copies and deletions there is one at a time.
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(state__in=sorted({State.VERIFIED, *WORKING}), kind__in=ONCE),
                name="request_one_at_a_time",
            ),
            # Somebody else decides (DSR-09): whoever answered first has no part in it.
            models.CheckConstraint(
                condition=Q(decided_before_by="") | ~Q(answered_by=F("decided_before_by")), name="request_appeal_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(kind=APPEAL, appeal_of__isnull=False) | ~Q(kind=APPEAL) & Q(appeal_of__isnull=True),
                name="request_appeal_of_one",
            ),
            models.UniqueConstraint(
                fields=["appeal_of"], condition=~Q(state__in=[State.WITHDRAWN, State.EXPIRED_UNVERIFIED]), name="request_appealed_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["brand", "until"], condition=Q(closed_at__isnull=True), name="request_queue"),
            models.Index(fields=["customer", "created_at"], name="request_of_customer"),
            models.Index(fields=["subject"], name="request_of_subject"),
            models.Index(fields=["brand", "received_on"], name="request_by_day"),
        ]
        permissions: ClassVar = [("work_request", "Can work on requests"), ("export_log", "Can take away the log of requests")]

    class PersonalData:
        of = Reference("subject")
        exported: ClassVar[dict[str, str]] = {
            "number": "requests", "kind": "requests", "state": "requests", "via": "requests", "language": "requests",
            "country": "requests", "region": "requests", "asked": "requests",
            "received_on": "requests", "created_at": "requests", "assurance": "requests", "method": "requests", "verified_at": "requests",
            "regime": "requests", "due": "requests", "extended_on": "requests", "extension_reason": "requests", "ground": "requests",
            "answer": "requests", "closed_at": "requests", "lift_on": "requests", "lifted_at": "requests",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {
            "subject": "names the person in the ledger; each receipt carries it",
            "proposed_by": "names a member of staff",
            "answered_by": "names a member of staff",
            "decided_before_by": "names a member of staff",
        }
        plain = ("id", "customer", "brand", "not_before", "until", "target", "extend_by", "appeal_of")
        keep = Days(LOG_DAYS, after="closed_at")
        on_erasure = EMPTY(("asked", "answer", "extension_reason"))

    def __str__(self) -> str:
        return self.number

    @property
    def state_for_person(self) -> str:
        """As whoever asked reads it; `get_state_display` is how the desk says it."""
        return str(State(self.state).label)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_late(self, now: datetime) -> bool:
        return self.is_open and self.is_with_us and self.until is not None and self.until <= now

    @property
    def is_with_us(self) -> bool:
        """Whether the next step is ours: somebody is known, or has shown what we have to look at."""
        claim = getattr(self, "claim", None) if self.state in UNVERIFIED else None
        return self.state not in UNVERIFIED or (claim is not None and claim.finding != "differs")
