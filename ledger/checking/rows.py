"""Entries as verification reads them: in (subject, seq) order, a page at a time, by hand.

Model instances would cost more than the hashing, a cursor held open would pin old rows, and a page is all that memory holds. The
order is the index's own, under whatever collation the database has: nothing in here or above compares two subjects but for equality.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from ledger.kinds import Payload

AT_ONCE = 1000


Columns = tuple[Any, ...]  # those of a Row, as the cursor gives them: to make a Row of each would cost as much as the hashing


class Row(NamedTuple):
    """First the columns that a payload repeats, written as it writes them; then the rest."""

    subject: str
    seq: int
    previous: str | None
    kind: str
    brand: str
    actor: str
    id: str
    recorded_at: str
    number: int
    payload: str | None
    salt: bytes | None
    commitment: str

    @property
    def where(self) -> str:
        return f"entry {self.id}"


COPIES = 8  # up to recorded_at
# The same of a payload; raises KeyError for one that lacks a member.
said = itemgetter(*Row._fields[:COPIES])

# The id and the time as a payload has them. PostgreSQL writes them so: a UUID and a datetime made in Python only to be written again cost
# more than the hashing. SQLite keeps 32 hex digits, and naive UTC in text, without a fraction where that is zero: see _as_payload().
ID_AND_TIME = {
    "postgresql": """e.public_id::text, to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "sqlite": "e.public_id, e.recorded_at || ''",  # or Django would have the driver make a datetime of it
}
NEW = "JOIN ledger_position p ON p.entry = e.id AND p.position > %s"


def pages(after: int = 0) -> Iterator[list[Columns]]:
    """Every entry; with `after`, a position, those that came later."""
    columns = (
        f"e.subject, e.seq, e.previous, e.kind, e.brand, e.actor, {ID_AND_TIME[connection.vendor]}, e.id, e.payload, e.salt, e.commitment"
    )
    for page in _read(columns, NEW if after else "", "TRUE", [after] if after else []):
        yield page if connection.vendor == "postgresql" else [_as_payload(row) for row in page]


def _as_payload(row: Columns) -> Columns:
    subject, seq, previous, kind, brand, actor, digits, moment, number, payload, salt, made = row
    public_id = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    recorded_at = moment.replace(" ", "T") + ("Z" if len(moment) > 19 else ".000000Z")
    return subject, seq, previous, kind, brand, actor, public_id, recorded_at, number, payload, salt, made


def acts(kinds: Collection[str]) -> Iterator[tuple[str, int, int, Payload]]:
    """(subject, seq, id, payload) of what is still readable of these kinds."""
    marks = ", ".join(["%s"] * len(kinds))
    for page in _read("e.subject, e.seq, e.id, e.payload", "", f"e.kind IN ({marks}) AND e.payload IS NOT NULL", list(kinds)):
        for subject, seq, number, payload in page:
            yield subject, seq, number, parsed(payload)


def _read(columns: str, join: str, condition: str, values: list[Any]) -> Iterator[list[Columns]]:
    query = (
        f"SELECT {columns} FROM ledger_entry e {join} WHERE {condition} AND (e.subject, e.seq) > (%s, %s)"
        f" ORDER BY e.subject, e.seq LIMIT {AT_ONCE}"
    )
    subject, seq = "", 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [*values, subject, seq])
            page = cursor.fetchall()
        yield page
        if len(page) < AT_ONCE:
            return
        subject, seq = page[-1][0], page[-1][1]


_scan = json.JSONDecoder().raw_decode  # json.loads without its questions about types and white space


def parsed(payload: str | None) -> Payload:
    """Empty for a payload that has gone, and for one that somebody wrote who did not know the form."""
    if payload is None:
        return {}
    try:
        value, end = _scan(payload)
    except (ValueError, RecursionError):
        return {}
    return value if type(value) is dict and end == len(payload) else {}
