"""The two statements of every decision, by hand: the ORM's way to the same rows costs more than the database does.

tests/test_rows.py holds them against the ORM.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import Customer
from consents.models import Choice
from consents.states import SCOPE_COLUMN, Scope
from ledger.models import Entry
from ledger.times import as_moment

FIELDS = ("state", "version", "seq", "seen", "expires_at", "entry", "receipt", "recorded_at", "how")
READ = f"""
SELECT c.{", c.".join(SCOPE_COLUMN.values())},
       EXISTS (SELECT 1 FROM ledger_entry e WHERE e.subject = c.subject AND e.idempotency_key = %s),
       EXISTS (SELECT 1 FROM consents_shown s WHERE s.sha256 = %s),
       w.id, w.channel, w.{", w.".join(FIELDS)}
FROM accounts_customer c
LEFT JOIN consents_choice w ON w.customer_id = c.id AND w.purpose = %s AND w.channel IN (%s, '') AND w.party = %s
WHERE c.id = %s
"""  # noqa: S608  (names of columns of ours)
WRITE = f"""
INSERT INTO consents_choice (customer_id, purpose, channel, party, {", ".join(FIELDS)}) VALUES ({", ".join(["%s"] * 13)})
ON CONFLICT (customer_id, purpose, channel, party) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in FIELDS)}
RETURNING id
"""  # noqa: S608


@dataclass(frozen=True)
class Read:
    """What a decision is taken on: the party's rows by channel, the wide words, and whether key and wording are known."""

    choices: dict[str, Choice]
    scopes: list[tuple[Scope, int]]
    key_known: bool
    shown_known: bool


def read(customer: Customer, purpose: str, channel: str, party: str, *, key: str | None, shown: str | None) -> Read:
    with connection.cursor() as cursor:
        cursor.execute(READ, [key, shown, purpose, channel, party, customer.pk])
        rows = cursor.fetchall()
    if not rows:
        raise Customer.DoesNotExist("the customer is gone")
    first = rows[0]
    scopes = [(scope, seq) for scope, seq in zip(SCOPE_COLUMN, first, strict=False) if seq is not None]
    choices = {row[6]: _choice(customer, purpose, party, row[5:]) for row in rows if row[5] is not None}
    return Read(choices, scopes, bool(first[3]), bool(first[4]))


def _choice(customer: Customer, purpose: str, party: str, row: tuple[Any, ...]) -> Choice:
    pk, channel, state, version, seq, seen, expires_at, entry, receipt, recorded_at, how = row
    choice = Choice(
        pk=pk, customer=customer, purpose=purpose, channel=channel, party=party, state=state, version=version, seq=seq, seen=seen,
        expires_at=as_moment(expires_at), entry=entry, receipt=uuid.UUID(str(receipt)), how=how,
    )  # fmt: skip
    if moment := as_moment(recorded_at):
        choice.recorded_at = moment
    choice._state.adding, choice._state.db = False, connection.alias
    return choice


def write(customer: Customer, purpose: str, channel: str, party: str, entry: Entry, values: dict[str, Any]) -> Choice:
    """The row that shows the entry: `values` are state, version, seen, expires_at and how."""
    values = {**values, "seq": entry.seq, "entry": entry.id, "receipt": entry.public_id, "recorded_at": entry.recorded_at}
    stored = {
        **values,
        "expires_at": connection.ops.adapt_datetimefield_value(values["expires_at"]) if values["expires_at"] else None,
        "recorded_at": connection.ops.adapt_datetimefield_value(entry.recorded_at),
        "receipt": entry.public_id if connection.features.has_native_uuid_field else entry.public_id.hex,
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [customer.pk, purpose, channel, party, *(stored[name] for name in FIELDS)])
        pk = cursor.fetchone()[0]
    choice = Choice(pk=pk, customer=customer, purpose=purpose, channel=channel, party=party, **values)
    choice._state.adding, choice._state.db = False, connection.alias
    return choice
