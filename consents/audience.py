"""Whom a use runs for, and whom it may be put to, of any number of people at once: decide() as a condition in SQL.

A condition reads the alias `c` of accounts_customer. It is exact where SIMPLE holds: for an adult who speaks for themselves and lives
in one of the places the law was read for. About everybody else `runs_for` and `asks_of` are asked, one person at a time.
tests/test_audience.py holds both against decide().
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import Published, published
from consents.conditions import Condition
from consents.decide import decide
from consents.judging import covering
from consents.standing import basis_here, retired
from consents.states import NO, SCOPE_COLUMN, Scope
from regimes.resolver import Place, tighten

NOBODY = Condition("FALSE")
GRANTED = "(w.state = 'granted' AND (w.expires_at IS NULL OR w.expires_at > %s))"
OWN = "w.customer_id = c.id AND w.purpose = %s AND w.party = c.subject"
NOES = tuple(sorted(state.value for state in NO))


class Audience:
    """The conditions of one brand at one moment, for people who live in `places` ((country, region) of their rows)."""

    def __init__(self, brand: Brand, at: datetime, places: Iterable[tuple[str, str]]) -> None:
        self.brand = brand
        self.at = at
        self.places = sorted(set(places))

    def simple(self, purposes: Iterable[str]) -> Condition:
        """Where the conditions about these uses are exact. A birth date, a guardian's word or a place not read need more than they say."""
        keys = sorted(set(purposes))
        plain = Condition("c.birth_date IS NULL AND c.minor_until IS NULL")
        others = "NOT EXISTS (SELECT 1 FROM consents_choice w WHERE w.customer_id = c.id AND w.party <> c.subject AND w.purpose IN ({}))"
        spoken = Condition(others.format(_marks(keys)), tuple(keys)) if keys else Condition("TRUE")
        return Condition.all([plain, self._lives(self.places), spoken])

    def runs(self, key: str) -> Condition:
        """decide() allows it, on one of its channels or as a whole."""
        purpose = self._offered(key)
        if purpose is None or purpose.in_force_from > self.at:
            return NOBODY
        grounds = self._by_basis(purpose)
        always = [self._lives(grounds[basis]) for basis in ("contract", "legal_duty") if basis in grounds]
        unless = [
            Condition.all([self._lives(grounds[basis]), self._not_objected(purpose)])
            for basis in ("legitimate_interest", "opt_out")
            if basis in grounds
        ]
        with_yes = [Condition.all([self._lives(grounds["consent"]), self._granted(purpose)])] if "consent" in grounds else []
        return Condition.all([Condition("c.restricted_seq IS NULL"), Condition.any([*always, *unless, *with_yes])])

    def asks(self, key: str) -> Condition:
        """It may be put to them: it needs their yes, they have said nothing about it, no wide word of theirs covers it; and what grew
        out of another use concerns those who allow that one."""
        purpose = self._offered(key)
        if purpose is None:
            return NOBODY
        wanted = [
            Condition("c.restricted_seq IS NULL"),
            self._lives(self._by_basis(purpose).get("consent", [])),
            *(Condition(f"c.{SCOPE_COLUMN[scope]} IS NULL") for scope in _scopes(purpose)),
            Condition(f"NOT EXISTS (SELECT 1 FROM consents_choice w WHERE {OWN})", (purpose.key,)),
        ]
        return Condition.all([*wanted, self.runs(purpose.parent)] if purpose.parent else wanted)

    # ── The parts ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _offered(self, key: str) -> Published | None:
        purpose = published(self.brand, self.at).get(key)
        return None if purpose is None or retired(purpose, self.at) else purpose

    def _by_basis(self, purpose: Published) -> dict[str, list[tuple[str, str]]]:
        """The places, by the ground that the use stands on there for an adult."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for country, region in self.places:
            place, on = Place(country, region), self.at.date()
            found[tighten(purpose.basis, purpose.classes, place, None, on, self.brand.home_regime).basis].append((country, region))
        return found

    def _lives(self, places: list[tuple[str, str]]) -> Condition:
        pairs = " OR ".join(["(c.country = %s AND c.region = %s)"] * len(places))
        return Condition(f"({pairs})", tuple(each for place in places for each in place)) if places else NOBODY

    def _granted(self, purpose: Published) -> Condition:
        """A yes that counts on one channel: later than every wide word over it, and no no on that channel or on the whole."""
        channels = purpose.channels or ("",)
        lifted = "".join(
            f" AND (c.{column} IS NULL OR (w.seq > c.{column} AND w.seen >= c.{column}))"
            for column in (SCOPE_COLUMN[scope] for scope in _scopes(purpose))
        )
        no = (
            "NOT EXISTS (SELECT 1 FROM consents_choice n WHERE n.customer_id = c.id AND n.purpose = w.purpose AND n.party = c.subject"
            f" AND n.state IN ({_marks(NOES)}) AND (n.channel = w.channel OR n.channel = ''))"
        )
        sql = f"EXISTS (SELECT 1 FROM consents_choice w WHERE {OWN} AND w.channel IN ({_marks(channels)}) AND {GRANTED}{lifted} AND {no})"
        return Condition(sql, (purpose.key, *channels, self._moment(), *NOES))

    def _not_objected(self, purpose: Published) -> Condition:
        return Condition.any(self._not_objected_on(purpose, channel) for channel in purpose.channels or ("",))

    def _not_objected_on(self, purpose: Published, channel: str) -> Condition:
        """No no on the channel or the whole; and each wide word over it lifted there, by a yes or an objection taken back."""
        no = f"NOT EXISTS (SELECT 1 FROM consents_choice w WHERE {OWN} AND w.state IN ({_marks(NOES)}) AND w.channel IN (%s, ''))"
        conditions = [Condition(no, (purpose.key, *NOES, channel))]
        for scope in _scopes(purpose):
            column = SCOPE_COLUMN[scope]
            lifted = (
                f"EXISTS (SELECT 1 FROM consents_choice w WHERE {OWN} AND w.channel = %s AND (w.state = 'unset' OR {GRANTED})"
                f" AND w.seq > c.{column} AND w.seen >= c.{column})"
            )
            values = (purpose.key, channel, self._moment())
            conditions.append(Condition.any([Condition(f"c.{column} IS NULL"), Condition(lifted, values)]))
        return Condition.all(conditions)

    def _moment(self) -> Any:
        return connection.ops.adapt_datetimefield_value(self.at)


def _scopes(purpose: Published) -> list[Scope]:
    """The wide words that would bind it."""
    return [scope for scope, _seq in covering(purpose, [(scope, 0) for scope in Scope])]


def _marks(values: Iterable[Any]) -> str:
    return ", ".join("%s" for _value in values)


# ── The same, of one person ─────────────────────────────────────────────────────────────────────────────────────────


def runs_for(customer: Customer, key: str, at: datetime) -> bool:
    return any(decide(customer, key, channel, at).allowed for channel in _channels(customer.brand, key, at))


def asks_of(customer: Customer, key: str, at: datetime) -> bool:
    purpose = published(customer.brand, at).get(key)
    if purpose is None or retired(purpose, at) or customer.restricted_seq is not None or basis_here(customer, purpose) != "consent":
        return False
    if any(getattr(customer, SCOPE_COLUMN[scope]) is not None for scope in _scopes(purpose)):
        return False
    if customer.choices.filter(purpose=key, party=customer.subject).exists():
        return False
    return not purpose.parent or runs_for(customer, purpose.parent, at)


def _channels(brand: Brand, key: str, at: datetime) -> Iterator[str]:
    purpose = published(brand, at).get(key)
    yield from (purpose.channels if purpose is not None else ()) or ("",)
