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
from catalogue.published import published
from consents.audience import NOBODY, Audience, asks_of, runs_for
from consents.conditions import Condition
from consents.grounds import meant_for
from notifications.families import guardians_of

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
        wanted.append(Condition.any(touched(key) for key in change.purposes if not _of_children(audience, key)))
    return Condition.all(wanted)


def _of_children(audience: Audience, key: str) -> bool:
    purpose = published(audience.brand, audience.at).get(key)
    return purpose is not None and purpose.audience == "children"


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
    touched = _asks if change.asks else runs_for
    return not change.purposes or any(touched(customer, key, at) for key in change.purposes if _is_meant(customer, key, at))


def _is_meant(customer: Customer, key: str, at: datetime) -> bool:
    purpose = published(customer.brand, at).get(key)
    return purpose is None or meant_for(customer, purpose, at.date())


def _asks(customer: Customer, key: str, at: datetime) -> bool:
    """For a child the adults are asked, as long as none of them has answered: one's no is enough, and one's yes."""
    if not asks_of(customer, key, at):
        return False
    adults = [each.subject for each in guardians_of(customer, seeing=True)]
    return not customer.choices.filter(purpose=key, party__in=adults).exists()


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
