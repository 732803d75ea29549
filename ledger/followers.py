"""Followers: whoever must act on entries reads the ledger in position order, with a cursor. The ledger is the outbox.

A table follower writes one row of its own per entry, unique by (follower, entry), in the transaction that moves its cursor. A
file follower writes in `flush`, which runs before the cursor is saved, so it may repeat a line and never misses one. An entry
that fails is parked and tried again while the cursor goes on; where the order per person counts, that person's later entries
wait behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from ledger.models import Cursor, Entry, Log, Parked, Position

logger = logging.getLogger(__name__)

BATCH = 200
RETRIES = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=120), timedelta(minutes=10))


class Follower:
    """Subclass, set `name`, write `handle`, and call `follow(Subclass())` in AppConfig.ready."""

    name: ClassVar[str]
    from_start: ClassVar[bool] = False
    per_person: ClassVar[bool] = False

    def handle(self, entry: Entry, position: int) -> None:
        raise TypeError("a follower says what it does with an entry")

    def flush(self) -> None:
        """Before the cursor moves: where a file follower writes what `handle` gathered."""


_followers: dict[str, Follower] = {}


def follow(follower: Follower) -> None:
    _followers[follower.name] = follower


def unfollow(name: str) -> None:
    _followers.pop(name, None)


def followers() -> list[Follower]:
    return list(_followers.values())


@dataclass
class Batch:
    """What one transaction reads: the entries in order, and the people who have an entry parked."""

    positions: list[tuple[int, int]]
    entries: dict[int, Entry] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)


def run(follower: Follower) -> int:
    """One batch; returns how many entries it read."""
    with transaction.atomic():
        cursor = _cursor(follower)
        batch = _read(follower, cursor.position)
        if not batch.positions:
            return 0
        for position, entry_id in batch.positions:
            _take(follower, batch.entries[entry_id], position, batch.held)
        follower.flush()
        cursor.position = batch.positions[-1][0]
        cursor.save(update_fields=["position"])
    return len(batch.positions)


def _cursor(follower: Follower) -> Cursor:
    start = 0 if follower.from_start else Log.objects.values_list("position", flat=True).get(pk=1)
    Cursor.objects.get_or_create(follower=follower.name, defaults={"position": start})
    return Cursor.objects.select_for_update().get(follower=follower.name)


def _read(follower: Follower, after: int) -> Batch:
    batch = Batch(list(Position.objects.filter(position__gt=after).order_by("position").values_list("position", "entry")[:BATCH]))
    batch.entries = Entry.objects.in_bulk([entry for _, entry in batch.positions])
    if follower.per_person:
        subjects = {entry.subject for entry in batch.entries.values()}
        batch.held = set(Parked.objects.filter(follower=follower.name, subject__in=subjects).values_list("subject", flat=True))
    return batch


def _take(follower: Follower, entry: Entry, position: int, held: set[str]) -> None:
    if entry.subject in held:
        _park(follower, entry, position, None)
        return
    try:
        with transaction.atomic():
            follower.handle(entry, position)
    except Exception as error:  # whatever it is, the others must go on; /healthz/ turns red when retries do not help
        logger.exception("follower %s could not handle entry %s", follower.name, entry.public_id)
        _park(follower, entry, position, error)
        if follower.per_person:
            held.add(entry.subject)


def _park(follower: Follower, entry: Entry, position: int, error: Exception | None) -> None:
    first = error is not None
    Parked.objects.get_or_create(
        follower=follower.name,
        entry=entry.id,
        defaults={
            "position": position,
            "subject": entry.subject,
            "attempts": 1 if first else 0,
            "next_try": timezone.now() + RETRIES[0] if first else None,
            "error": type(error).__name__ if error else "waits behind an earlier entry",
        },
    )


# ── Parked entries ──────────────────────────────────────────────────────────────────────────────────────────────────


def retry(follower: Follower, now: datetime | None = None) -> int:
    """Tries what is due; returns how many parked entries were handled."""
    now = now or timezone.now()
    due = Parked.objects.filter(follower=follower.name, next_try__lte=now).order_by("position")
    return sum(_retry_one(follower, parked_id, now) for parked_id in list(due.values_list("id", flat=True)[:BATCH]))


def replay(follower: Follower, entries: Iterable[int]) -> int:
    """A person asked for it: the entries are due now, whatever their attempts; returns how many. What waits behind another
    entry of its person goes on waiting."""
    parked = Parked.objects.filter(follower=follower.name, entry__in=list(entries))
    if follower.per_person:
        earlier = Parked.objects.filter(follower=follower.name, subject=OuterRef("subject"), position__lt=OuterRef("position"))
        parked = parked.exclude(Exists(earlier))
    return parked.update(next_try=timezone.now(), attempts=0)


def _retry_one(follower: Follower, parked_id: int, now: datetime) -> bool:
    with transaction.atomic():
        parked = Parked.objects.select_for_update().filter(pk=parked_id, next_try__lte=now).first()
        if parked is None:
            return False
        entry = Entry.objects.get(pk=parked.entry)
        try:
            with transaction.atomic():
                follower.handle(entry, parked.position)
            follower.flush()
        except Exception as error:  # see _take
            logger.exception("follower %s failed again at entry %s", follower.name, entry.public_id)
            parked.attempts += 1
            parked.next_try = now + RETRIES[parked.attempts - 1] if parked.attempts <= len(RETRIES) else None
            parked.error = type(error).__name__
            parked.save(update_fields=["attempts", "next_try", "error"])
            return False
        parked.delete()
        _release(follower, parked.subject, now)
    return True


def _release(follower: Follower, subject: str, now: datetime) -> None:
    """The next of this person's entries, if some wait behind the one that went through."""
    waiting = Parked.objects.filter(follower=follower.name, subject=subject, attempts=0, next_try=None)
    following = waiting.order_by("position").values_list("id", flat=True).first()
    if following is not None:
        Parked.objects.filter(pk=following).update(next_try=now)


def run_all() -> int:
    """Every follower until it has nothing to read; returns how many entries were read or replayed. One that breaks down (a full
    disk) does not stop the others; its error is raised in the end."""
    count = 0
    broken: Exception | None = None
    for follower in followers():
        try:
            while read := run(follower):
                count += read
            while replayed := retry(follower):
                count += replayed
        except Exception as error:
            logger.exception("follower %s broke down", follower.name)
            broken = broken or error
    if broken:
        raise broken
    return count


def lag() -> dict[str, int]:
    """Entries that each follower has yet to read."""
    newest = Log.objects.values_list("position", flat=True).get(pk=1)
    cursors = dict(Cursor.objects.values_list("follower", "position"))
    return {each.name: newest - cursors.get(each.name, 0 if each.from_start else newest) for each in followers()}


def given_up() -> models.QuerySet[Parked]:
    """Parked entries that wait for a person."""
    return Parked.objects.filter(next_try=None, attempts__gt=0)
