"""Everybody whom a use is allowed for on one channel, in the order of their keys: as many people at a time as one statement reads.

One pass over the choices of each says all that an adult's answer needs; about everybody else decide() is asked. It is held against
decide(), person by person, by propagation/tests/test_api_audiences.py and tests/test_listing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection

from brands.models import Brand
from catalogue.published import Published, published
from consents.audience import GRANTED, NOES
from consents.conditions import Condition
from consents.decide import decide_of
from consents.judging import covering
from consents.standing import retired
from consents.states import SCOPE_COLUMN, Scope
from regimes.resolver import Place, tighten

# All that an adult's answer hangs on, as one number for each person: the fewer columns come over, the faster.
PLAIN, RESTRICTED, WIDE, OTHERS, NO, YES, LIFTED = (1 << place for place in range(7))
SELECT = """
SELECT c.id, c.subject, c.country, c.region,
       CASE WHEN c.birth_date IS NULL AND c.minor_until IS NULL THEN 1 ELSE 0 END + CASE WHEN c.restricted_seq IS NULL THEN 0 ELSE 2 END
       + CASE WHEN {wide} THEN 4 ELSE 0 END + MAX(CASE WHEN w.party <> c.subject THEN 8 ELSE 0 END)
       + MAX(CASE WHEN w.party = c.subject AND w.channel IN (%s, '') AND w.state IN ({noes}) THEN 16 ELSE 0 END)
       + MAX(CASE WHEN w.party = c.subject AND w.channel = %s AND {granted}{lifted} THEN 32 ELSE 0 END)
       + MAX(CASE WHEN w.party = c.subject AND w.channel = %s AND (w.state = 'unset' OR {granted}){lifted} THEN 64 ELSE 0 END),
       {more}
FROM accounts_customer c
LEFT JOIN consents_choice w ON w.customer_id = c.id AND w.purpose = %s AND w.customer_id > %s AND w.customer_id <= %s{join}
WHERE c.brand_id = %s AND c.id > %s AND c.id <= %s GROUP BY c.id{group} ORDER BY c.id
"""
# How far the next people reach: both tables are then read between two keys, and not from end to end for each page.
REACH = "SELECT COUNT(*), MAX(f.id) FROM (SELECT id FROM accounts_customer WHERE brand_id = %s AND id > %s ORDER BY id LIMIT %s) f"


@dataclass(frozen=True, slots=True)
class More:
    """What else is read of each: an expression over `c`, and a table that is joined beside, with its columns to group by."""

    columns: str = "NULL"
    join: str = ""
    group: str = ""
    values: tuple[Any, ...] = ()


class Listing:
    """One use on one channel at one moment."""

    def __init__(self, brand: Brand, key: str, channel: str, at: datetime) -> None:
        self.brand, self.key, self.channel, self.at = brand, key, channel, at
        self._known: dict[tuple[Any, ...], bool | None] = {}  # country, region and bits -> the answer: a few dozen at most

    @cached_property
    def purpose(self) -> Published | None:
        found = published(self.brand, self.at).get(self.key)
        over = found is None or retired(found, self.at) or found.in_force_from > self.at
        return None if over or (self.channel and found and self.channel not in found.channels) else found

    def some(self, after: int, limit: int, more: More) -> tuple[list[tuple[int, str, Any]], int, bool]:
        """(key, subject, further columns) of those who allow it among the next people; the last key looked at; whether there is more."""
        if self.purpose is None:
            return [], after, False
        count, last = self._reach(after, limit)
        if not count:
            return [], after, False
        rows = self._rows(self.purpose, after, last, more)
        known = self._known
        unsure = []
        for row in rows:
            kind = row[2:5]
            if kind not in known:
                known[kind] = self._judged(self.purpose, *kind)
            if known[kind] is None:
                unsure.append(row[0])
        asked = self._one_by_one(unsure)
        found = [(row[0], row[1], row[5:]) for row in rows if known[row[2:5]] or row[0] in asked]
        return found, last, count == limit

    def _reach(self, after: int, limit: int) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(REACH, [self.brand.pk, after, limit])
            count, last = cursor.fetchone()
        return count, last or after

    def _rows(self, purpose: Published, after: int, last: int, more: More) -> list[tuple[Any, ...]]:
        columns = [SCOPE_COLUMN[scope] for scope, _seq in covering(purpose, [(scope, 0) for scope in Scope])]
        lifted = "".join(f" AND (c.{column} IS NULL OR (w.seq > c.{column} AND w.seen >= c.{column}))" for column in columns)
        sql = SELECT.format(
            wide=" OR ".join(f"c.{column} IS NOT NULL" for column in columns) or "FALSE", noes=", ".join(["%s"] * len(NOES)),
            granted=GRANTED, lifted=lifted, more=more.columns, join=more.join, group=more.group,
        )  # fmt: skip
        now = connection.ops.adapt_datetimefield_value(self.at)
        values = [
            self.channel,
            *NOES,
            self.channel,
            now,
            self.channel,
            now,
            self.key,
            after,
            last,
            *more.values,
            self.brand.pk,
            after,
            last,
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _judged(self, purpose: Published, country: str, region: str, bits: int) -> bool | None:
        """None: more has to be known of them than these columns say."""
        if not bits & PLAIN or bits & OTHERS:
            return None
        if bits & RESTRICTED:
            return False
        place, day = Place(country, region), self.at.date()
        basis = tighten(purpose.basis, purpose.classes, place, None, day, self.brand.home_regime).basis
        if basis == "consent":  # a yes by channel allows the whole of what is decided by channel to nobody
            return bool(bits & YES and not bits & NO) and bool(self.channel or not purpose.channels)
        if basis in {"legitimate_interest", "opt_out"}:
            return not bits & NO and bool(bits & LIFTED or not bits & WIDE)
        return basis in {"contract", "legal_duty"}

    def _one_by_one(self, people: list[int]) -> set[int]:
        if not people:
            return set()
        whom = Condition(f"c.id IN ({', '.join(['%s'] * len(people))})", tuple(people))
        return {each.customer for each in decide_of(self.brand, whom, self.key, self.channel, self.at) if each.decision.allowed}
