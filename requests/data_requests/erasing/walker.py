"""Takes one customer out of every table, each as it declares: rows go, fields are emptied, entries of the ledger lose their content under a
tombstone, and what must be kept stays without the row that ties it to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.db.models import ForeignKey, Model, QuerySet

from accounts.models import Challenge, Contact, Customer, Person
from accounts.suppression import suppress
from data_requests.models import Attachment, Package
from data_requests.package.sealing import remove_after_commit
from data_requests.parts import MESSAGES_FROM
from data_requests.tables import HERE, addresses_elsewhere, is_alone, of_people, rows_of, sessions_of
from ledger.emptying import Reason, empty
from ledger.kinds import Period, kinds
from ledger.models import Entry
from ledger.personal_data import DELETE, EMPTY
from ledger.turns import Turn

Counts = Mapping[str, int]  # label of a table -> rows that went


def erase_rows(this: Turn, customer: Customer) -> Counts:
    """Inside a turn of the customer. Files go after the commit. Twice is once: the second finds nothing."""
    person = customer.person if customer.person_id is not None and is_alone(customer) else None
    _forget_files(customer)
    suppress(customer)
    sessions_of(customer).delete()
    _forget_codes(customer)
    counts = {}
    for model, declaration, rows in [(model, each, _rows(model, each.of, customer)) for model, each in in_order()]:
        if rows is None or model is Person:
            continue
        gone = _take_out(model, declaration.on_erasure, rows, customer)
        if gone:
            counts[model._meta.label] = gone
    if person is not None and not person.is_staff:  # who works at the desk signs in there as before
        counts["accounts.Person"] = Person.objects.filter(pk=person.pk)._raw_delete("default")
    _empty_entries(this, customer)
    return counts


def left(customer: Customer) -> Counts:
    """What a second look finds, table by table: nothing, once the customer is erased. `customer`: the row as it was, which has gone."""
    found = {}
    for model, declaration in in_order():
        rows = _rows(model, declaration.of, customer) if declaration.on_erasure is DELETE and model is not Person else None
        if rows is not None and (count := rows.count()):
            found[model._meta.label] = count
    if readable := _with_person(customer.subject).count():
        found["ledger.Entry"] = readable
    return found


def _rows(model: type[Model], of: Any, customer: Customer) -> QuerySet[Any] | None:
    """Of the tables under a sign-in the keys, now: which brand such a row is of is told by rows that go before it."""
    rows, label = rows_of(model, of, customer), model._meta.label
    if rows is None or label not in HERE:
        return rows
    if label in BY_ADDRESS:  # an address may be known to another brand as well
        rows = rows.exclude(**{f"{BY_ADDRESS[label]}__in": addresses_elsewhere(customer)})
    return model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True)))


BY_ADDRESS = {"account.EmailAddress": "email", "account.EmailConfirmation": "email_address__email"}


def _take_out(model: type[Model], on_erasure: Any, rows: QuerySet[Any], customer: Customer) -> int:
    if on_erasure is DELETE:
        return rows._raw_delete(rows.db)
    ties = {field.name: None for field in _ties(model)}
    if isinstance(on_erasure, EMPTY):
        emptied = {field.name: field.get_default() for field in model._meta.concrete_fields if field.name in on_erasure.fields}
        return rows.update(**emptied, **ties)
    for name in ties:  # kept: each of its ties to this customer, and to nobody else
        model._default_manager.filter(**{name: customer.pk}).update(**{name: None})
    return 0


def _ties(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey) and field.related_model is Customer]


@lru_cache
def in_order() -> list[tuple[type[Model], Any]]:
    """Tables of people, those that point at others first. Raises Undeclared."""
    tables = dict(of_people())
    waiting, ordered = list(tables), []
    while waiting:
        free = [model for model in waiting if not any(model in _points_at(other) for other in waiting if other is not model)]
        ordered += free
        waiting = [model for model in waiting if model not in free]
    return [(model, tables[model]) for model in ordered]


def _points_at(model: type[Model]) -> Iterator[Any]:
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey):
            yield field.related_model


def _with_person(subject: str) -> QuerySet[Entry]:
    names = [each.name for each in kinds() if each.period is Period.WITH_PERSON]
    return Entry.objects.of(subject).readable().filter(kind__in=names)


def _empty_entries(this: Turn, customer: Customer) -> None:
    empty(this, customer.subject, _with_person(customer.subject).values_list("seq", flat=True), Reason.ERASURE)


def _forget_codes(customer: Customer) -> None:
    """Codes that were mailed and not used, at this brand."""
    addresses = customer.contacts.filter(channel=Contact.Channel.EMAIL).values_list("canonical", flat=True)
    Challenge.objects.filter(brand=customer.brand_id, canonical__in=list(addresses)).delete()


def _forget_files(customer: Customer) -> None:
    packages = Package.objects.filter(request__customer=customer, gone_at=None).values_list("file", flat=True)
    attachments = Attachment.objects.filter(item__request__customer=customer).values_list("file", flat=True)
    remove_after_commit([*packages, *attachments])


def erase_messages(customer: Customer) -> int:
    """What we wrote to them, and no more."""
    rows = 0
    for model, declaration in in_order():
        if model._meta.label.startswith(MESSAGES_FROM) and declaration.on_erasure is DELETE:
            found = _rows(model, declaration.of, customer)
            rows += found._raw_delete(found.db) if found is not None and model._meta.label not in KEPT_WITH_ADDRESS else 0
    return rows


KEPT_WITH_ADDRESS = frozenset({"notifications.Undeliverable"})  # says of an address that mail is in vain: about what is to come
