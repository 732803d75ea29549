"""Baseline: the same decisions without the ledger's chain. The same rows go in, by a plain INSERT: no head is locked or moved on, no
payload is committed to, no entry knows the one before it.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from benchmarks.pressing import Presser
from ledger import turns
from ledger.models import Entry, Head

_counted: dict[str, int] = {}


def unchained(number: int) -> Presser:
    """For a process of its own: takes the chain out of the ledger, there, for good."""
    presser = Presser(number)
    _counted[presser.customer.subject] = presser.seen
    turns._lock = _not_locked
    turns._insert = _inserted
    turns.commitment = lambda salt, payload: "0" * 64  # type: ignore[attr-defined]
    return presser


def _not_locked(subjects: list[str], *_rest: Any) -> dict[str, Head]:
    """Nobody else writes to these people, so counting is enough."""
    return {subject: Head(subject=subject, seq=_counted[subject]) for subject in subjects}


def _inserted(entry: Entry, *_rest: Any) -> None:
    _counted[entry.subject] = entry.seq
    row: list[Any] = [
        entry.public_id, entry.subject, entry.seq, entry.kind, entry.brand, entry.actor, entry.payload, entry.salt,
        entry.commitment, entry.previous, entry.recorded_at, entry.idempotency_key,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"WITH entry AS ({turns.INSERT}) INSERT INTO ledger_waiting (entry) SELECT id FROM entry RETURNING entry", row)
        entry.id = cursor.fetchone()[0]
    entry._state.adding, entry._state.db = False, connection.alias
