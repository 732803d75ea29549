"""A database in words of the operator: which tables hold data of people, by which column, and what happens to them.

    database: shop                         # one of CONNECTED_DATABASES
    tables:
      - table: customers
        title: {en: Account in the shop, pl: Konto w sklepie}
        subject: {column: email, is: email}            # or `is: code`; any_case: true where it is not in lower case
        columns: [name, email, phone]                  # what a copy holds
        on_erasure: mask                               # delete, mask or keep
        mask: {name: "–", email: null, phone: null}
      - table: invoices
        title: {en: Invoices, pl: Faktury}
        subject: {column: customer_id, from: customers.id}
        columns: [number, issued_on, total]
        on_erasure: keep
        keep: {ground: {en: Tax law, pl: Przepisy podatkowe}, law: "Art. 112 VAT Act", column: issued_on, years: 5, year_end: true}

What is kept is deleted when its time is over. A table may also say how long anybody's rows stay, which a daily job carries out:

        retention: {column: viewed_at, days: 426}      # or `category: viewed-pages`: as long as the published uses of that data say

A description that names what the database does not have is refused as a whole.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from data_requests.connectors.base import Fault
from data_requests.ordering import InACircle, pointing_first

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
ON_ERASURE = ("delete", "mask", "keep")


@dataclass(frozen=True)
class Keep:
    """Until so many years after the day in `column`, or after the end of its year."""

    ground: Mapping[str, str]
    law: Mapping[str, str]
    column: str
    years: int
    year_end: bool

    def until(self, value: Any) -> date | None:
        """The last day, as the brand reckons days; None where the column says no day: such a row stays until somebody has looked."""
        try:
            return self._end(_day(value))
        except (ValueError, TypeError):
            return None

    def _end(self, day: date) -> date:
        if self.year_end:
            return date(day.year + self.years, 12, 31)
        last = calendar.monthrange(day.year + self.years, day.month)[1]
        return day.replace(year=day.year + self.years, day=min(day.day, last))


def _day(value: Any) -> date:
    """Raises ValueError, TypeError."""
    if isinstance(value, datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    if isinstance(value, date):
        return value
    return date.fromisoformat(value[:10])


@dataclass(frozen=True)
class Retention:
    """How long rows stay, whoever's they are: so many `days` after the day in `column`, or as the published uses of `category` say."""

    column: str
    days: int | None
    category: str


@dataclass(frozen=True)
class Described:
    """One table. `column`: whose row it is, by `known_by`: "email", "code", or "table.column" of another table of the description."""

    name: str
    title: Mapping[str, str]
    column: str
    known_by: str
    any_case: bool
    columns: tuple[str, ...]
    on_erasure: str
    mask: Mapping[str, Any] = field(default_factory=dict)
    keep: Keep | None = None
    retention: Retention | None = None

    @property
    def parent(self) -> tuple[str, str] | None:
        """Table and column that this one's key comes from."""
        table, dot, column = self.known_by.partition(".")
        return (table, column) if dot else None

    @property
    def named(self) -> set[str]:
        """Every column that the description speaks of."""
        return {self.column, *self.columns, *self.mask, *(each.column for each in (self.keep, self.retention) if each)}


@dataclass(frozen=True)
class Description:
    database: str
    tables: tuple[Described, ...]  # those that others take their keys from come first

    def wanted(self) -> Mapping[str, set[str]]:
        """By table, the columns that must be there."""
        found = {table.name: set(table.named) for table in self.tables}
        for table in self.tables:
            if table.parent:
                found[table.parent[0]].add(table.parent[1])
        return found


def read(values: Mapping[str, Any]) -> Description:
    """Raises Fault, which names the table."""
    raw = values.get("tables")
    if not isinstance(values.get("database"), str) or not isinstance(raw, list) or not raw:
        raise Fault("a description names its database, and tables")
    tables = [_table(each) for each in raw]
    names = [table.name for table in tables]
    if len(set(names)) != len(names):
        raise Fault("a table is described twice")
    return Description(values["database"], tuple(_parents_first(tables)))


def _table(raw: Any) -> Described:
    name = _name(raw.get("table") if isinstance(raw, dict) else None, "a table")
    subject, on_erasure = raw.get("subject"), raw.get("on_erasure")
    if not isinstance(subject, dict) or on_erasure not in ON_ERASURE:
        raise Fault(f"{name}: whose rows these are, or what happens to them, is not said")
    known_by = str(subject.get("is") or subject.get("from") or "")
    if known_by not in {"email", "code"} and not all(NAME.match(part) for part in known_by.partition(".")[::2]):
        raise Fault(f"{name}: its rows are known by email, code, or table.column of another one")
    mask, keep, columns_said = raw.get("mask") or {}, raw.get("keep"), raw.get("columns") or []
    if not isinstance(mask, dict) or not isinstance(columns_said, list):
        raise Fault(f"{name}: what is masked is said column by column, and its columns are a list")
    if (on_erasure == "mask") != bool(mask) or (on_erasure == "keep") != bool(keep):
        raise Fault(f"{name}: what is masked says with what, what is kept says why and until when; nothing else does")
    if keep and raw.get("retention"):
        raise Fault(f"{name}: what a law keeps goes when that law says, and by no other period")
    columns = tuple(_name(column, name) for column in columns_said)
    for column in mask:
        _name(column, name)
    return Described(
        name, _words(raw.get("title") or name, name), _name(subject.get("column"), name), known_by, bool(subject.get("any_case")), columns,
        on_erasure, mask, _keep(keep, name) if keep else None, _retention(raw.get("retention"), name),
    )  # fmt: skip


def _retention(raw: Any, table: str) -> Retention | None:
    if raw is None:
        return None
    days, category = (raw.get("days"), raw.get("category")) if isinstance(raw, dict) else (None, None)
    if (days is None) == (category is None) or (days is not None and not (type(days) is int and days > 0)):
        raise Fault(f"{table}: how long rows stay is a number of days, or a kind of data whose uses say it")
    return Retention(_name(raw.get("column"), table), days, str(category or ""))


def _keep(raw: Any, table: str) -> Keep:
    try:
        years = int(raw["years"])
        if years < 0:
            raise ValueError(years)
        return Keep(_words(raw["ground"], table), _words(raw["law"], table), _name(raw["column"], table), years, bool(raw.get("year_end")))
    except (KeyError, TypeError, ValueError) as error:
        raise Fault(f"{table}: what is kept has ground, law, column and years") from error


def _words(raw: Any, table: str) -> Mapping[str, str]:
    words = {"en": raw} if isinstance(raw, str) else raw
    if not isinstance(words, dict) or not words or not all(isinstance(text, str) and text for text in words.values()):
        raise Fault(f"{table}: its words are texts by language")
    return words


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not NAME.match(value):
        raise Fault(f"{where}: a name of a table or column is missing, or is none")
    return value


def _parents_first(tables: list[Described]) -> list[Described]:
    known = {table.name for table in tables}
    strange = [table.name for table in tables if table.parent and table.parent[0] not in known - {table.name}]
    if strange:
        raise Fault(f"{strange[0]}: the table its key comes from is not described, or is itself")
    try:
        return pointing_first(tables, lambda one, other: other.parent is not None and other.parent[0] == one.name)
    except InACircle as circle:
        raise Fault("tables take their keys from each other in a circle") from circle
