"""What the installation holds of one customer, table by table, as each table declares it (ledger/personal_data.py).

One query a table, by an index on whose data it is: it costs what the person has, not what everybody has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model, QuerySet

from accounts.models import Customer, Person
from data_requests.parts import EVERYTHING, Scope
from ledger.canonical import timestamp
from ledger.personal_data import Nobody, Reference, declared

AT_ONCE = 2000
Value = Any  # what JSON can say
PLAIN = frozenset({type(None), bool, int, str, list, dict})


class Undeclared(RuntimeError):
    """A table that nobody has said anything of: a copy that may lack something is not made."""


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
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
        declaration = declared(model)
        if declaration is None:
            raise Undeclared(model._meta.label)
        if isinstance(declaration.of, Nobody) or not declaration.exported:
            continue
        label = model._meta.label
        fields = {name: category for name, category in declaration.exported.items() if scope.takes(label, category)}
        query = _rows_of(model, declaration.of, customer) if fields else None
        if query is not None:
            title = str(model._meta.verbose_name_plural)
            yield Section(label, title, fields, declaration.withheld, query.filter(**scope.rows(label)))


def _rows_of(model: type[Model], of: str | Reference, customer: Customer) -> QuerySet[Any] | None:
    rows = model._default_manager.all()
    if isinstance(of, Reference):
        return rows.filter(**{of.column: customer.subject})
    if model is Customer:
        return rows.filter(pk=customer.pk)
    if model is not Person and _ends_at(model, of) is Customer:
        return rows.filter(**{of: customer.pk})
    return _under_person(model, of, customer)


def _under_person(model: type[Model], of: str, customer: Customer) -> QuerySet[Any] | None:
    """Rows of the sign-in, which may open several brands: those of this brand alone, and the sign-in itself where it has no other."""
    if customer.person_id is None:
        return None
    if model is Person:
        alone = not Customer.objects.filter(person=customer.person_id).exclude(pk=customer.pk).exists()
        return Person.objects.filter(pk=customer.person_id) if alone else None
    here = HERE[model._meta.label](customer)
    return model._default_manager.filter(**{of: customer.person_id}, **here)


# How a table under Person tells which brand a row was made at. One that is missing here raises KeyError, and a test names it first.
HERE: Mapping[str, Callable[[Customer], dict[str, Any]]] = {
    "account.EmailAddress": lambda customer: {"email__in": list(customer.contacts.values_list("canonical", flat=True))},
    "mfa.Authenticator": lambda customer: {"made_at__brand": customer.brand_id},
    "usersessions.UserSession": lambda customer: {"data__brand": customer.brand.key},
}


def _ends_at(model: type[Model], path: str) -> Any:
    found: Any = model
    for name in path.split("__"):
        found = found._meta.get_field(name).related_model
    return found


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
