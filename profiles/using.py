"""The one door through which an answer is read: for the purpose it was given for, while decide() allows that. Each reading is counted, by
day, purpose and reader, in the statement that reads, and the person sees the count."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Customer
from consents.conditions import Condition
from consents.decide import decide_of, reason_for_nobody
from consents.judging import Decision
from ledger.times import as_moment
from profiles.actions import happen
from profiles.kinds import Value
from profiles.models.journey import ANSWER_USED

FOUND = """
SELECT a.id, q.key, a.version, a.value, a.given_at, a.first_used_at FROM profiles_answer a JOIN profiles_question q ON q.id = a.question_id
WHERE a.customer_id = %s AND a.purpose = %s AND a.kept_until > %s AND q.retired_at IS NULL{among} ORDER BY q."order", q.key
"""
COUNT = """
INSERT INTO profiles_answeruse (answer_id, day, purpose, reader, times, last_at) {these}
ON CONFLICT (answer_id, day, purpose, reader) DO UPDATE SET times = profiles_answeruse.times + 1, last_at = excluded.last_at
"""
FIRST = "UPDATE profiles_answer SET first_used_at = %s WHERE first_used_at IS NULL AND id IN ({these})"

# The count is seen by everybody at once, and on the disk some tenths of a second later: no answer waits for it. Not within somebody's
# transaction, for what else is written there would reach the disk as late.
LATER = ", set_config('synchronous_commit', 'off', true)"


@dataclass(frozen=True)
class Told:
    """One answer, as a system of the brand reads it."""

    question: str
    version: int
    value: Value
    given_at: datetime


@dataclass(frozen=True)
class Reading:
    """`decision`: whether the answers may be read, and why; without a yes there are none. `subject`: in whose chain it is proven."""

    decision: Decision
    answers: tuple[Told, ...] = ()
    subject: str = ""


def read_answers(customer: Customer, purpose: str, *, reader: str, questions: Sequence[str] = (), at: datetime | None = None) -> Reading:
    """`reader`: by what name the person will see who read; `questions`: keys, all when left out."""
    return read_answers_of(customer.brand, Condition("c.id = %s", (customer.pk,)), purpose, reader=reader, questions=questions, at=at)


def read_answers_of(
    brand: Any, whom: Condition, purpose: str, *, reader: str, questions: Sequence[str] = (), at: datetime | None = None
) -> Reading:
    """The same of the one person whom the condition means (`c`: the alias of accounts_customer). Of several nothing is read."""
    now = at or timezone.now()
    found = decide_of(brand, whom, purpose, at=now)
    if len(found) != 1:
        return Reading(reason_for_nobody(brand, purpose, at=now))
    one = found[0]
    if not one.decision.allowed:
        return Reading(one.decision, subject=one.subject)
    rows = _read(one.customer, purpose, reader, tuple(questions), now)
    if any(row[5] is None for row in rows):
        happen(Customer.objects.select_related("brand").get(pk=one.customer), ANSWER_USED, now)
    told = (Told(key, version, _value(value), _moment(given_at)) for _pk, key, version, value, given_at, _first in rows)
    return Reading(one.decision, tuple(told), one.subject)


def _read(customer: int, purpose: str, reader: str, questions: tuple[str, ...], now: datetime) -> list[tuple[Any, ...]]:
    """The rows of FOUND, counted."""
    moment = connection.ops.adapt_datetimefield_value(now)
    among = f" AND q.key IN ({', '.join(['%s'] * len(questions))})" if questions else ""
    sql, values = FOUND.format(among=among), [customer, purpose, moment, *questions]
    day = timezone.localdate(now)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            counted = COUNT.format(these="SELECT id, %s, %s, %s, 1, %s FROM found")
            first = FIRST.format(these="SELECT id FROM found")
            cursor.execute(
                f"WITH found AS ({sql}), counted AS ({counted}), first AS ({first})"  # noqa: S608  (statements of ours)
                f" SELECT id, key, version, value, given_at, first_used_at FROM found{'' if connection.in_atomic_block else LATER}",
                [*values, day, purpose, reader, moment, moment],
            )
            return list(cursor.fetchall())
    return _read_and_count(sql, values, [day, purpose, reader, moment])


def _read_and_count(sql: str, values: list[Any], count: list[Any]) -> list[tuple[Any, ...]]:
    """SQLite writes in no statement that reads: one transaction instead."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = list(cursor.fetchall())
        for row in rows:
            cursor.execute(COUNT.format(these="VALUES (%s, %s, %s, %s, 1, %s)"), [row[0], *count])
            if row[5] is None:
                cursor.execute(FIRST.format(these="%s"), [count[-1], row[0]])
    return rows


def _value(stored: Any) -> Value:
    value: Value = json.loads(stored) if isinstance(stored, str) else stored
    return value


def _moment(stored: Any) -> datetime:
    moment = as_moment(stored)
    assert moment is not None  # the column holds no null
    return moment
