"""Whom a policy change concerns: what they allow, where they live, what they are. Nobody else is written to.

A change that needs consent concerns those to whom its use may be put; any other one those for whom one of its uses runs, or everybody
where it names none. An editorial change concerns nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.models import Customer
from brands.models import Brand
from catalogue.models import Change
from catalogue.policy_content import ChangeContent
from consents.audience import NOBODY, Audience, asks_of, runs_for
from consents.conditions import Condition

ADULTS, MINORS = Change.Audience.ADULTS, Change.Audience.MINORS


@dataclass(frozen=True)
class Concerned:
    """The conditions of a version's changes over many people; exact where `simple` holds (see consents/audience.py)."""

    changes: tuple[ChangeContent, ...]
    conditions: tuple[Condition, ...]  # one a change, in their order
    simple: Condition

    @property
    def any(self) -> Condition:
        return Condition.any(self.conditions)


def telling(changes: Iterable[ChangeContent], *, open_only: bool = False) -> tuple[ChangeContent, ...]:
    """Those that people are told of; `open_only`: that wait for a decision."""
    return tuple(each for each in changes if (each.asks if open_only else not each.editorial))


def concerned(brand: Brand, changes: Iterable[ChangeContent], places: Iterable[tuple[str, str]], at: datetime) -> Concerned:
    audience, told = Audience(brand, at, places), tuple(changes)
    purposes = {key for change in told for key in change.purposes}
    return Concerned(told, tuple(_condition(audience, change) for change in told), audience.simple(purposes))


def _condition(audience: Audience, change: ChangeContent) -> Condition:
    if change.editorial or change.audience == MINORS:  # who is simple is of age
        return NOBODY
    wanted = []
    if change.countries:
        marks = ", ".join(["%s"] * len(change.countries))
        wanted.append(Condition(f"c.country IN ({marks})", tuple(change.countries)))
    if change.purposes:
        touched = audience.asks if change.asks else audience.runs
        wanted.append(Condition.any(touched(key) for key in change.purposes))
    return Condition.all(wanted)


def addressed(customer: Customer, change: ChangeContent, at: datetime) -> bool:
    """Whether it is meant for people of their country and age, whatever they allow."""
    if change.countries and customer.country not in change.countries:
        return False
    minor = customer.minor_until is not None and at.date() < customer.minor_until
    return change.audience != (ADULTS if minor else MINORS)


def concerns(customer: Customer, change: ChangeContent, at: datetime) -> bool:
    """The same of one person, whoever they are."""
    if change.editorial or not addressed(customer, change, at):
        return False
    touched = asks_of if change.asks else runs_for
    return not change.purposes or any(touched(customer, key, at) for key in change.purposes)


def of_one(customer: Customer, found: Concerned, at: datetime) -> tuple[ChangeContent, ...]:
    """The changes that concern this person, asked now. One query where they are simple."""
    columns = ", ".join(each.sql for each in (found.simple, *found.conditions))
    values = [value for each in (found.simple, *found.conditions) for value in each.values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM accounts_customer c WHERE c.id = %s", [*values, customer.pk])
        row = cursor.fetchone()
    if row is None:
        return ()
    if row[0]:
        return tuple(change for change, told in zip(found.changes, row[1:], strict=True) if told)
    return tuple(change for change in found.changes if concerns(customer, change, at))
