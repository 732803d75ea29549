"""Endpoints: opened, exchanged, tested, switched off, and what waits for them sent again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ledger.canonical import timestamp
from ledger.turns import turn
from propagation.models import Comparison, Delivery, Endpoint, Partner
from propagation.reconciling import again, replay_day
from propagation.states import State
from propagation.waking import look_now
from propagation.webhooks import events
from propagation.webhooks.guard import checked_url
from propagation.webhooks.numbers import new_number
from propagation.webhooks.secrets import sealed, secrets_of
from propagation.webhooks.signing import new_secret

OVERLAP = timedelta(days=2)  # for which both secrets sign


class UnknownEvent(ValueError):
    """No event of that type."""


def open_endpoint(
    partner: Partner, url: str, *, by: str, kinds: Iterable[str] = (), full: bool = False, reconciles: bool = False
) -> tuple[Endpoint, str]:
    """The row, and its secret, which is shown once. `kinds`: types of events; none is all. Raises Refused, UnknownEvent."""
    checked_url(url)
    wanted = sorted(set(kinds))
    if set(wanted) - set(events.TYPES):
        raise UnknownEvent(", ".join(wanted))
    secret = new_secret()
    endpoint = Endpoint(
        partner=partner, number=f"ep_{secrets.token_hex(8)}", url=url, events=wanted, full=full, reconciles=reconciles,
        secret=sealed(secret),
    )  # fmt: skip
    with _noted(endpoint, "opened", by):
        endpoint.save()
    return endpoint, secret


def rotate_secret(endpoint: Endpoint, *, by: str, now: datetime | None = None) -> str:
    """A new secret, returned once. For two days both sign, so that nothing is lost while the partner exchanges it."""
    now = now or timezone.now()
    secret = new_secret()
    with _noted(endpoint, "rotated", by):
        row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        row.secret_before, row.secret_before_until, row.secret = sealed(secrets_of(row, now)[0]), now + OVERLAP, sealed(secret)
        row.save(update_fields=["secret", "secret_before", "secret_before_until"])
    endpoint.refresh_from_db()
    return secret


def close_endpoint(endpoint: Endpoint, *, by: str) -> bool:
    """Twice is once."""
    with _noted(endpoint, "closed", by) as note:
        still_open = Endpoint.objects.filter(pk=endpoint.pk).exclude(closed_why=Endpoint.Closed.BY_HAND)
        note.happened = bool(still_open.update(closed_at=timezone.now(), closed_why=Endpoint.Closed.BY_HAND))
    return note.happened


def test_endpoint(endpoint: Endpoint, *, by: str) -> Delivery:
    """One event, about nobody, that goes the way of all others."""
    now = timezone.now()
    body = json.dumps(events.envelope(events.EndpointTested(), timestamp(now)), separators=(",", ":"))
    with _noted(endpoint, "tested", by):
        delivery = Delivery.objects.create(
            endpoint=endpoint, number=new_number(), kind=events.EndpointTested.type, urgent=True, body=body, next_try=now, created_at=now
        )
        transaction.on_commit(look_now, robust=True)
    return delivery


def replay(endpoint: Endpoint, *, by: str, since: datetime | None = None, until: datetime | None = None) -> int:
    """Opens it again, and what was given up or waits goes out now, in its order; `since` and `until` narrow what was given up. Returns how
    many events are on their way."""
    now = timezone.now()
    dead = Delivery.objects.filter(endpoint=endpoint, state=State.DEAD)
    dead = dead.filter(created_at__gte=since) if since else dead
    dead = dead.filter(created_at__lt=until) if until else dead
    with _noted(endpoint, "replayed", by) as note:
        Endpoint.objects.filter(pk=endpoint.pk).update(
            closed_at=None, closed_why="", failures=0, failing_since=None, quiet_until=None, told_owner_at=None
        )
        again(dead)
        note.count = Delivery.objects.waiting().filter(endpoint=endpoint).update(next_try=now)
        transaction.on_commit(look_now, robust=True)
    return note.count


def replay_comparison(comparison: Comparison, *, by: str) -> int:
    with _noted(comparison.endpoint, "replayed", by) as note:
        note.count = replay_day(comparison, timezone.now())
    return note.count


@dataclass
class Note:
    """`count`: of events, where there is one to tell. What did not happen leaves no entry."""

    count: int = 0
    happened: bool = True


@contextmanager
def _noted(endpoint: Endpoint, what: str, by: str) -> Iterator[Note]:
    """A turn of the brand's, whose entry says what was done."""
    brand, note = endpoint.partner.brand, Note()
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        yield note
        act = {"number": endpoint.number, "partner": endpoint.partner.key, "what": what, "count": note.count or None}
        if note.happened:
            this.append(brand.subject, "endpoint.changed", act)
