"""Do they have what we sent? Once a night each endpoint that counts along is told our count and digest of a day, and answers with its own.

The digest is the exclusive or of the SHA-256 of each webhook-id: of a set, in whatever order it came.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ledger.canonical import timestamp
from propagation.models import Comparison, Delivery, Endpoint
from propagation.states import State
from propagation.waking import look_now
from propagation.webhooks import events
from propagation.webhooks.numbers import new_number

DIGEST = re.compile(r"[0-9a-f]{64}")
COUNTED = 2**53


def tally(endpoint: Endpoint, number: str, kind: str, now: datetime) -> None:
    """One more that was taken on this day (UTC), by an endpoint that counts along. In the transaction that says so: an erasure takes the
    delivery away and leaves the count."""
    if not endpoint.reconciles or kind in NOT_COUNTED:
        return
    row = _row(endpoint, now.astimezone(UTC).date())
    row.count += 1
    row.digest = folded(row.digest, number)
    row.save(update_fields=["count", "digest"])


def folded(digest: str, number: str) -> str:
    """64 hex digits."""
    return f"{int(digest, 16) ^ int.from_bytes(hashlib.sha256(number.encode()).digest()):064x}"


def _row(endpoint: Endpoint, day: date) -> Comparison:
    """Locked until the end of the transaction."""
    Comparison.objects.get_or_create(endpoint=endpoint, day=day)
    return Comparison.objects.select_for_update().get(endpoint=endpoint, day=day)


NOT_COUNTED = (events.ReconciliationRequested.type, events.EndpointTested.type)


def ask(endpoint: Endpoint, day: date, now: datetime) -> Comparison:
    """Twice is once."""
    with transaction.atomic():
        row = _row(endpoint, day)
        if row.asked_at is None:
            _ask(row, now, now)
    return row


def _ask(row: Comparison, now: datetime, not_before: datetime) -> None:
    event = events.ReconciliationRequested(day=row.day.isoformat(), count=row.count, digest=row.digest)
    body = json.dumps(events.envelope(event, timestamp(now)), separators=(",", ":"))
    Delivery.objects.create(
        endpoint=row.endpoint,
        number=new_number(),
        kind=event.type,
        about=row.day.isoformat(),
        body=body,
        next_try=not_before,
        created_at=now,
    )
    row.asked_at, row.their_count, row.their_digest, row.answered_at = now, None, "", None
    row.save(update_fields=["asked_at", "their_count", "their_digest", "answered_at"])
    transaction.on_commit(look_now, robust=True)


def take_answer(delivery: Delivery, body: bytes, now: datetime) -> None:
    """What the partner says it got; an answer that is none counts as none: the comparison stays open."""
    try:
        answer = json.loads(body)
        count, digest = answer["count"], answer["digest"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if type(count) is not int or not 0 <= count <= COUNTED or not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        return
    rows = Comparison.objects.filter(endpoint=delivery.endpoint_id, day=date.fromisoformat(delivery.about), answered_at=None)
    rows.update(their_count=count, their_digest=digest, answered_at=now)


def drifting() -> list[Comparison]:
    """Days on which a partner has something else than what we sent. One that is sent again is asked about anew, and is none until it has
    answered."""
    return [row for row in Comparison.objects.exclude(answered_at=None).select_related("endpoint__partner") if row.drifts]


def again(rows: QuerySet[Delivery]) -> int:
    """These go out again under their numbers, and with them whatever about the same people was taken since: or a yes would come after the
    no. Returns how many are on their way."""
    endpoints = list(rows.order_by().values_list("endpoint", flat=True).distinct())
    anew = {"state": State.QUEUED, "ended_at": None, "next_try": timezone.now(), "attempts": 0}
    count = rows.update(**anew)
    return count + Delivery.objects.filter(endpoint__in=endpoints).overtaken().update(**anew)


ASKED_AGAIN_AFTER = timedelta(minutes=5)  # once what was sent again has had its time to arrive


def replay_day(comparison: Comparison, now: datetime) -> int:
    """Everything of that day goes out again, under its numbers: what has arrived is recognised by them. Then the day is compared anew."""
    first = datetime.combine(comparison.day, time.min, UTC)
    with transaction.atomic():
        taken = Delivery.objects.filter(endpoint=comparison.endpoint, state=State.DELIVERED).exclude(kind__in=NOT_COUNTED)
        count = again(taken.filter(delivered_at__gte=first, delivered_at__lt=first + timedelta(days=1)))
        row = _row(comparison.endpoint, comparison.day)
        row.replayed_at = now
        row.save(update_fields=["replayed_at"])
        _ask(row, now, now + ASKED_AGAIN_AFTER)
    return count
