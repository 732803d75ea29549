"""Turns: the only way to write to the ledger.

    with turn(customer.subject, brand=brand.key, actor=f"self:{customer.subject}") as t:
        ...read, decide...
        entry = t.append(customer.subject, "choice.decided", {...})
        ...write the projections that name entry.id...

A turn opens a transaction and locks the heads of all its subjects, in order of subject, before anything is read: acts on one
person happen one after another. The entry and its effects commit together or not at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from ledger.canonical import canonical, commitment, timestamp
from ledger.kinds import kind
from ledger.models import Entry, EntryParty, Head
from ledger.times import as_moment
from ledger.waking import wake

MICROSECOND = timedelta(microseconds=1)
_open: ContextVar[bool] = ContextVar("turn", default=False)


class TurnError(RuntimeError):
    """A turn used against its rules: nested, ended, or for a subject it did not name."""


class Turn:
    def __init__(self, heads: dict[str, Head], *, brand: str, actor: str) -> None:
        self._heads = heads
        self.brand = brand
        self.actor = actor
        self.ended = False

    def head(self, subject: str) -> Head:
        try:
            return self._heads[subject]
        except KeyError:
            raise TurnError(f"the turn was not opened for subject {subject}") from None

    def append(
        self, subject: str, kind_name: str, act: dict[str, Any], *, key: str | None = None, parties: tuple[tuple[str, str], ...] = ()
    ) -> Entry:
        """One more entry of the subject's chain. `act` has exactly the fields of its kind; `key` makes a repetition fail;
        `parties` are (subject, role) of others whom it concerns."""
        if self.ended:
            raise TurnError("the turn has ended")
        head = self.head(subject)
        if missing := kind(kind_name).fields ^ act.keys():
            raise ValueError(f"{kind_name}: fields missing or unknown: {sorted(missing)}")
        moment = max(timezone.now(), head.recorded_at + MICROSECOND) if head.recorded_at else timezone.now()
        entry = Entry(
            public_id=uuid7(), subject=subject, seq=head.seq + 1, kind=kind_name, brand=self.brand, actor=self.actor,
            salt=secrets.token_bytes(32), previous=head.commitment, recorded_at=moment, idempotency_key=key,
        )  # fmt: skip
        payload = canonical(_common(entry) | act)
        entry.payload = payload.decode()
        entry.commitment = commitment(bytes(entry.salt or b""), payload)
        _insert(entry)
        head.seq, head.commitment, head.recorded_at = entry.seq, entry.commitment, moment
        if parties:
            EntryParty.objects.bulk_create(EntryParty(entry=entry.id, subject=party, role=role) for party, role in parties)
        return entry


def _common(entry: Entry) -> dict[str, Any]:
    return {
        "v": 1, "id": str(entry.public_id), "subject": entry.subject, "seq": entry.seq, "previous": entry.previous,
        "kind": entry.kind, "brand": entry.brand, "actor": entry.actor, "recorded_at": timestamp(entry.recorded_at),
    }  # fmt: skip


@contextmanager
def turn(*subjects: str, brand: str, actor: str) -> Iterator[Turn]:
    if _open.get():
        raise TurnError("a turn inside a turn could lock two people in the wrong order")
    token = _open.set(True)
    try:
        with transaction.atomic():
            this = Turn(_lock(sorted(set(subjects))), brand=brand, actor=actor)
            try:
                yield this
            finally:
                this.ended = True
            transaction.on_commit(wake, robust=True)
    finally:
        _open.reset(token)


# ── By hand: these statements run once in every act, and the ORM would cost more than the database does ─────────────


def _lock(subjects: list[str]) -> dict[str, Head]:
    if not subjects:
        raise TurnError("a turn names the subjects it writes for")
    suffix = " FOR UPDATE" if connection.features.has_select_for_update else ""  # on SQLite BEGIN IMMEDIATE is the lock
    marks = ",".join(["%s"] * len(subjects))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject, seq, commitment, recorded_at FROM ledger_head WHERE subject IN ({marks}) ORDER BY subject{suffix}",
            subjects,
        )
        rows = cursor.fetchall()
    if len(rows) != len(subjects):
        raise TurnError("a subject has no chain")
    return {row[0]: Head(subject=row[0], seq=row[1], commitment=row[2], recorded_at=as_moment(row[3])) for row in rows}


COLUMNS = "public_id,subject,seq,kind,brand,actor,payload,salt,commitment,previous,recorded_at,idempotency_key"
INSERT = f"INSERT INTO ledger_entry ({COLUMNS}) VALUES ({','.join(['%s'] * 12)}) RETURNING id"
# From where this turn left it: a savepoint rolled back within the turn took the head back, and the chain must not go on from there.
ADVANCE = "UPDATE ledger_head SET seq = %s, commitment = %s, recorded_at = %s WHERE subject = %s AND seq = %s RETURNING seq"
ALL_AT_ONCE = (
    f"WITH entry AS ({INSERT}), waiting AS (INSERT INTO ledger_waiting (entry) SELECT id FROM entry), head AS ({ADVANCE})"
    " SELECT entry.id FROM entry, head"
)


def _insert(entry: Entry) -> None:
    """The entry, its place in the queue for positions, and the head that moves on."""
    postgresql = connection.vendor == "postgresql"
    public_id = entry.public_id if postgresql else entry.public_id.hex
    moment = connection.ops.adapt_datetimefield_value(entry.recorded_at)
    row: list[Any] = [
        public_id, entry.subject, entry.seq, entry.kind, entry.brand, entry.actor, entry.payload, entry.salt,
        entry.commitment, entry.previous, moment, entry.idempotency_key,
    ]  # fmt: skip
    head: list[Any] = [entry.seq, entry.commitment, moment, entry.subject, entry.seq - 1]
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute(ALL_AT_ONCE, row + head)
            inserted = advanced = cursor.fetchone()
        else:
            cursor.execute(INSERT, row)
            inserted = cursor.fetchone()
            cursor.execute("INSERT INTO ledger_waiting (entry) VALUES (%s)", inserted)
            cursor.execute(ADVANCE, head)
            advanced = cursor.fetchone()
    if advanced is None:
        raise TurnError("an entry of this turn was rolled back: its chain cannot go on from there")
    entry.id = inserted[0]
    entry._state.adding, entry._state.db = False, connection.alias
