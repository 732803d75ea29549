"""What the installation holds of one customer, table by table, as each table declares it (ledger/personal_data.py).

One query a table, by an index on whose data it is: it costs what the person has, not what everybody has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Customer
from data_requests.parts import EVERYTHING, Scope
from data_requests.tables import of_people, rows_of
from ledger.canonical import timestamp

AT_ONCE = 2000
Value = Any  # what JSON can say
PLAIN = frozenset({type(None), bool, int, str, list, dict})


@dataclass(frozen=True)
class Section:
    """One table. `fields`: column -> kind of data; `withheld`: column -> why it is not in the copy."""

    key: str  # "accounts.Contact"
    title: str
    fields: Mapping[str, str]
    withheld: Mapping[str, str]
    query: QuerySet[Any]

    def rows(self) -> Iterator[list[Value]]:
        """In the order of the fields. Streamed: memory does not grow with their number."""
        for row in self.query.order_by("pk").values_list(*self.fields).iterator(chunk_size=AT_ONCE):
            yield [value if type(value) in PLAIN else as_json(value) for value in row]


def sections(customer: Customer, scope: Scope = EVERYTHING) -> Iterator[Section]:
    """Every table that holds something of people and could hold something of this one, as far as the scope takes it. Raises Undeclared."""
    for model, declaration in of_people():
        if not declaration.exported:
            continue
        label = model._meta.label
        fields = {name: category for name, category in declaration.exported.items() if scope.takes(label, category)}
        query = rows_of(model, declaration.of, customer) if fields else None
        if query is not None:
            title = str(model._meta.verbose_name_plural)
            yield Section(label, title, fields, declaration.withheld, query.filter(**scope.rows(label)))


def as_json(value: Any) -> Value:
    """A value of a column as JSON can say it. Times are UTC; raises TypeError for what nobody has thought of."""
    if isinstance(value, bool | int | str | list | dict) or value is None:
        return value
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(type(value).__name__)


def as_text(value: Value) -> str:
    """The same for a cell of a table."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
