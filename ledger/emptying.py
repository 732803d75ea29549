"""Taking the content out of entries and leaving their place in the chain: erasure, and the end of the proof period."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection

from ledger.kinds import Period, UnknownKind, kind
from ledger.models import Entry
from ledger.turns import Turn

IN_ONE_STATEMENT = 500
# Entries under one tombstone: were each a range of its own, far along a long chain, the payload still fits into 16 kB.
AT_MOST = 500


class Reason(StrEnum):
    ERASURE = "erasure"
    PERIOD = "period"


def empty(turn: Turn, subject: str, seqs: Iterable[int], reason: Reason) -> Entry | None:
    """Empties these entries of the subject under a tombstone, which is an entry of the same chain; under several where one could not
    hold so many ranges. Returns the last of them, None if all had gone. Raises ValueError for what is public: it stays for ever."""
    return _empty(turn, subject, "seq", list(seqs), reason)


def empty_kinds(turn: Turn, subject: str, names: Collection[str], reason: Reason) -> Entry | None:
    """The same, of every entry of these kinds."""
    return _empty(turn, subject, "kind", list(names), reason)


class Row(NamedTuple):
    """What is needed of an entry to cover it."""

    id: int
    seq: int
    kind: str
    commitment: str


def _empty(turn: Turn, subject: str, column: str, values: list[Any], reason: Reason) -> Entry | None:
    entries = _readable(subject, column, values)
    if not entries:
        return None
    if public := {entry.kind for entry in entries if _period(entry.kind) is Period.PUBLIC}:
        raise ValueError(f"public for ever: {sorted(public)}")
    return [_under_one(turn, subject, entries[start : start + AT_MOST], reason) for start in range(0, len(entries), AT_MOST)][-1]


def _readable(subject: str, column: str, values: list[Any]) -> list[Row]:
    """In order of seq. By hand, as each erasure runs it: the ORM would cost more than the database does."""
    rows: list[Row] = []
    with connection.cursor() as cursor:
        for start in range(0, len(values), IN_ONE_STATEMENT):
            some = values[start : start + IN_ONE_STATEMENT]
            marks = ",".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT id, seq, kind, commitment FROM ledger_entry WHERE subject = %s AND payload IS NOT NULL AND kind <> 'tombstone'"
                f" AND {column} IN ({marks})",
                [subject, *some],
            )
            rows += [Row(*row) for row in cursor.fetchall()]
    return sorted(rows, key=lambda row: row.seq)


def _under_one(turn: Turn, subject: str, entries: list[Row], reason: Reason) -> Entry:
    tombstone = turn.append(
        subject,
        "tombstone",
        {
            "reason": reason.value,
            "ranges": [list(pair) for pair in ranges([entry.seq for entry in entries])],
            "count": len(entries),
            "sha256": covered([entry.commitment for entry in entries]),
        },
    )
    _empty_rows([entry.id for entry in entries], tombstone.id)
    return tombstone


def period_of(entry: Entry) -> Period:
    """That of its kind; of a kind that no app registers any more, the one of proof."""
    return _period(entry.kind)


def _period(name: str) -> Period:
    try:
        return kind(name).period
    except UnknownKind:
        return Period.PROOF


def ranges(seqs: list[int]) -> list[tuple[int, int]]:
    """[1, 2, 3, 7] -> [(1, 3), (7, 7)]"""
    if not seqs:
        return []
    starts = [seqs[0]] + [after for before, after in pairwise(seqs) if after != before + 1]
    ends = [before for before, after in pairwise(seqs) if after != before + 1] + [seqs[-1]]
    return list(zip(starts, ends, strict=True))


def covered(commitments: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(commitments).encode()).hexdigest()


def _empty_rows(ids: list[int], tombstone: int) -> None:
    """That the tombstone covers them, and the one UPDATE the database lets through then. By hand: the model refuses every update."""
    for start in range(0, len(ids), IN_ONE_STATEMENT):
        some = ids[start : start + IN_ONE_STATEMENT]
        marks = ",".join(["%s"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO ledger_emptied (entry, tombstone) SELECT id, %s FROM ledger_entry WHERE id IN ({marks})", [tombstone, *some]
            )
            cursor.execute(f"UPDATE ledger_entry SET payload = NULL, salt = NULL, idempotency_key = NULL WHERE id IN ({marks})", some)
