"""Who is meant by an id, an address, or a partner's number: never more than the people of one brand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from consents.conditions import Condition

# Whoever has proven an address has it; while nobody has, all of whom the brand's records say it.
BY_ADDRESS = """
SELECT o.canonical, o.customer_id FROM accounts_contact o WHERE o.brand_id = %s AND o.channel = %s AND o.canonical {these}
AND (o.proven_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM accounts_contact p WHERE p.brand_id = o.brand_id AND p.channel = o.channel
     AND p.canonical = o.canonical AND p.proven_at IS NOT NULL))
"""
BY_ID = "SELECT o.value, o.customer_id FROM accounts_externalid o WHERE o.brand_id = %s AND o.value {these}"
BY_PAIRWISE = "SELECT o.value, o.customer_id FROM propagation_pseudonym o WHERE o.partner_id = %s AND o.value {these}"
CHANNEL = {"email": "email", "phone": "sms"}


def _statement(brand: int, partner: int | None, kind: str) -> tuple[str, list[Any]]:
    """SQL with {these} for the names, and the parameters before them."""
    if kind in CHANNEL:
        return BY_ADDRESS, [brand, CHANNEL[kind]]
    return (BY_ID, [brand]) if kind == "id" else (BY_PAIRWISE, [partner])


def condition(brand: int, partner: int | None, name: tuple[str, str]) -> Condition:
    """Who is meant, as a condition on `c`."""
    sql, values = _statement(brand, partner, name[0])
    return Condition(AMONG.format(found=sql.format(these="= %s")), (*values, name[1]))


AMONG = "c.id IN (SELECT f.customer_id FROM ({found}) f)"


def find_all(brand: int, partner: int | None, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[int]]:
    """Keys of customers by name, those who are not here left out: one query for each way of naming."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for kind, value in names:
        by_kind[kind].add(value)
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        for kind, values in by_kind.items():
            sql, before = _statement(brand, partner, kind)
            for some in _chunks(sorted(values)):
                cursor.execute(sql.format(these=f"IN ({', '.join(['%s'] * len(some))})"), [*before, *some])
                for value, customer in cursor.fetchall():
                    found[kind, value].append(customer)
    return found


AT_ONCE = 500  # parameters of one statement: SQLite takes some thousands


def _chunks(values: list[str]) -> Iterable[list[str]]:
    return (values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE))
