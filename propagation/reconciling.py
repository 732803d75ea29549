"""Do they have what we sent? Once a night each endpoint that counts along is told our count and digest of a day, and answers with its own.

The digest is the exclusive or of the SHA-256 of each webhook-id: of a set, in whatever order it came.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from ledger.canonical import timestamp
from propagation.models import Comparison, Delivery, Endpoint
from propagation.states import State
from propagation.waking import look_now
from propagation.webhooks import events
from propagation.webhooks.numbers import new_number

DIGEST = re.compile(r"[0-9a-f]{64}")
COUNTED = 2**53


def digest_of(numbers: Iterable[str]) -> tuple[int, str]:
    """How many, and 64 hex digits."""
    count = folded = 0
    for number in numbers:
        count += 1
        folded ^= int.from_bytes(hashlib.sha256(number.encode()).digest())
    return count, f"{folded:064x}"


def delivered_on(endpoint: Endpoint, day: date) -> Iterable[str]:
    """Numbers of what was taken on a day (UTC), tests and questions like this one apart."""
    first = datetime.combine(day, time.min, UTC)
    rows = Delivery.objects.filter(endpoint=endpoint, delivered_at__gte=first, delivered_at__lt=first + timedelta(days=1))
    return rows.exclude(kind__in=NOT_COUNTED).values_list("number", flat=True).iterator()


NOT_COUNTED = (events.ReconciliationRequested.type, events.EndpointTested.type)


def ask(endpoint: Endpoint, day: date, now: datetime) -> Comparison:
    """Twice is once."""
    count, digest = digest_of(delivered_on(endpoint, day))
    with transaction.atomic():
        row, made = Comparison.objects.get_or_create(
            endpoint=endpoint, day=day, defaults={"count": count, "digest": digest, "asked_at": now}
        )
        if made:
            event = events.ReconciliationRequested(day=day.isoformat(), count=count, digest=digest)
            body = json.dumps(events.envelope(event, timestamp(now)), separators=(",", ":"))
            Delivery.objects.create(
                endpoint=endpoint, number=new_number(), kind=event.type, about=day.isoformat(), body=body, next_try=now, created_at=now
            )
            transaction.on_commit(look_now, robust=True)
    return row


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
    """Days on which a partner has something else than what we sent, and nobody has sent it again since."""
    answered = Comparison.objects.filter(replayed_at=None).exclude(answered_at=None).select_related("endpoint__partner")
    return [row for row in answered if row.drifts]


def replay_day(comparison: Comparison, now: datetime) -> int:
    """Everything of that day goes out again, under its numbers: what has arrived is recognised by them. Then the day is compared anew."""
    first = datetime.combine(comparison.day, time.min, UTC)
    with transaction.atomic():
        rows = Delivery.objects.filter(
            endpoint=comparison.endpoint, state=State.DELIVERED, delivered_at__gte=first, delivered_at__lt=first + timedelta(days=1)
        ).exclude(kind__in=NOT_COUNTED)
        count = rows.update(state=State.QUEUED, delivered_at=None, ended_at=None, next_try=now, attempts=0)
        Comparison.objects.filter(pk=comparison.pk).update(replayed_at=now)
        transaction.on_commit(look_now, robust=True)
    return count
