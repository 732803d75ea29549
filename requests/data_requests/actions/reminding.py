"""Dates that come near, and dates that have passed: each is an act, and never silence."""

from __future__ import annotations

import hashlib

from django.utils import timezone

from data_requests.models import Request
from data_requests.steps import at_work_on
from ledger.models import Entry


def note_missed(request: Request, *, by: str) -> bool:
    """The law's date has passed without an answer, and the person is told. Once for each date."""
    return _once(request, "missed", by=by)


def note_due_soon(request: Request, days: int, *, by: str) -> bool:
    """So many days are left, or fewer. Once for each date and number; the brand's officer is told, the person is not."""
    return _once(request, "due_soon", days, by=by)


def is_noted(request: Request, what: str, days: int | None = None) -> bool:
    return Entry.objects.of(request.subject).filter(idempotency_key=_key(request, what, days)).exists()


def _key(request: Request, what: str, days: int | None) -> str:
    return hashlib.sha256("|".join([request.number, what, str(request.due), *([str(days)] if days else [])]).encode()).hexdigest()


def _once(request: Request, what: str, days: int | None = None, *, by: str) -> bool:
    with at_work_on(request, by=by) as (this, found):
        late = found.is_late(timezone.now())
        if found.due is None or not found.is_open or late != (what == "missed") or is_noted(found, what, days):
            return False
        act = {"request": found.number, "about": found.kind, "regime": found.regime or None, "due": found.due.isoformat()}
        this.append(found.subject, f"request.{what}", act if days is None else act | {"days": days}, key=_key(found, what, days))
    return True
