"""Takes one customer out of every table, each as it declares: rows go, fields are emptied, entries of the ledger lose their content under a
tombstone, and what must be kept stays without the row that ties it to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet
from django.db.models.sql import DeleteQuery, UpdateQuery

from accounts.models import Attempt, Challenge, Contact, Customer, Person, ReplacedAddress, Role, RoleChange
from accounts.suppression import suppress
from data_requests.models import Attachment, Package, Request
from data_requests.ordering import pointing_first
from data_requests.package.sealing import remove_after_commit
from data_requests.parts import MESSAGES_FROM
from data_requests.tables import HERE, addresses_elsewhere, of_people, points_at, rows_of, sessions_of
from ledger.emptying import Reason, empty_kinds
from ledger.kinds import Period, kinds
from ledger.models import Entry
from ledger.personal_data import DELETE, EMPTY, Reference
from ledger.turns import Turn

Counts = Mapping[str, int]  # label of a table -> rows that went


class Reach(Enum):
    """What of a sign-in goes with the customer."""

    ALL = "all"  # it opens this brand alone, and goes as well
    OF_BRAND = "of the brand"  # other brands know it: what was made here goes
    BUT_FACTORS = "of the brand, but factors"  # somebody works at another brand's desk with it, and proves themselves there by these
    NOTHING = "nothing"  # there is none, or somebody works at this brand's desk with it


OF_BRAND = (Reach.OF_BRAND, Reach.BUT_FACTORS)
FACTORS = frozenset({"mfa.Authenticator", "accounts.MadeAt", "accounts.AllauthDevice"})


def erase_rows(this: Turn, customer: Customer) -> Counts:
    """Inside a turn of the customer. Files go after the commit. Twice is once: the second finds nothing."""
    reach = _reach(customer)
    if names := [name for (name,) in _read(files, customer)]:
        remove_after_commit(names)
    suppress(customer.brand, _read(contacts, customer))
    _execute(codes, customer)
    if reach is Reach.ALL:
        _execute(sessions, customer)
        _execute(work, customer)
    elif reach in OF_BRAND:
        sessions_of(customer)._raw_delete("default")
    # Before anything goes: which brand a row under a sign-in is of is told by rows that go before it.
    goes = [(model, each.of) for model, each in in_order() if reach in OF_BRAND and _is_under(model) and not _stays(model, reach)]
    of_brand = {model: _of_brand(model, of, customer) for model, of in goes}
    counts = {}
    for model, declaration in in_order():
        if model in of_brand:
            gone = of_brand[model]._raw_delete("default")
        elif reach is Reach.ALL or not (_is_under(model) or model is Person):
            gone = _run(model, customer)
        else:
            continue
        if gone and declaration.on_erasure is DELETE:
            counts[model._meta.label] = gone
    empty_kinds(this, customer.subject, with_person(), Reason.ERASURE)
    return counts


def has_open_requests(customer: Customer) -> bool:
    return bool(_read(open_requests, customer))


def left(customer: Customer, addresses: Iterable[str] = ()) -> Counts:
    """What a second look finds, table by table: nothing, once the customer is erased. `customer`: the row as it was, which has gone;
    `addresses`: theirs, canonical."""
    found, reach = {}, _reach(customer)
    for model, declaration in in_order():
        rows = rows_of(model, declaration.of, customer) if declaration.on_erasure is DELETE and model is not Person else None
        if rows is not None and not (_is_under(model) and _stays(model, reach)) and (count := rows.count()):
            found[model._meta.label] = count
    mine = EmailAddress.objects.filter(user=customer.person_id, email__in=set(addresses) - set(addresses_elsewhere(customer)))
    if addresses and reach is not Reach.NOTHING and mine.exists():
        found["account.EmailAddress"] = mine.count()
    if _should_be_gone(customer):
        found["accounts.Person"] = 1  # with whatever hangs on it: the database lets no such row stand alone
    if readable := Entry.objects.of(customer.subject).readable().filter(kind__in=with_person()).count():
        found["ledger.Entry"] = readable
    return found


def erase_messages(customer: Customer) -> int:
    """What we wrote to them, and no more."""
    labels = [model for model, _each in in_order() if model._meta.label.startswith(MESSAGES_FROM)]
    return sum(_run(model, customer) for model in labels if model._meta.label not in KEPT_WITH_ADDRESS)


KEPT_WITH_ADDRESS = frozenset({"notifications.Undeliverable"})  # says of an address that mail is in vain: about what is to come


def with_person() -> list[str]:
    """Kinds of entries whose content goes at an erasure."""
    return [each.name for each in kinds() if each.period is Period.WITH_PERSON]


def _reach(customer: Customer) -> Reach:
    if customer.person_id is None:
        return Reach.NOTHING
    if desks := {brand for (brand,) in _read(roles, customer)}:
        return Reach.NOTHING if customer.brand_id in desks else Reach.BUT_FACTORS
    return Reach.OF_BRAND if _read(elsewhere, customer) else Reach.ALL


def _stays(model: type[Model], reach: Reach) -> bool:
    """Of the tables under a sign-in."""
    return reach is Reach.NOTHING or (reach is Reach.BUT_FACTORS and model._meta.label in FACTORS)


def _should_be_gone(customer: Customer) -> bool:
    """A sign-in that opens nothing any more, and is nobody's at the desk."""
    return customer.person_id is not None and Person.objects.filter(pk=customer.person_id, roles=None, customers=None).exists()


def _is_under(model: type[Model]) -> bool:
    return model._meta.label in HERE


def _of_brand(model: type[Model], of: str, customer: Customer) -> QuerySet[Any]:
    rows = rows_of(model, of, customer)
    assert rows is not None
    if model._meta.label in BY_ADDRESS:  # an address may be known to another brand as well
        rows = rows.exclude(**{f"{BY_ADDRESS[model._meta.label]}__in": addresses_elsewhere(customer)})
    return model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True)))


BY_ADDRESS = {"account.EmailAddress": "email", "account.EmailConfirmation": "email_address__email"}

# ── Statements: the same for everybody, put together once ───────────────────────────────────────────────────────────

STAND_INS: Mapping[str, Any] = {
    "customer": 987_654_321_001,
    "person": 987_654_321_002,
    "brand": 987_654_321_003,
    "subject": "0123456789abcdef" * 2,
}
Statement = tuple[str, tuple[Any, ...]]
Made = Callable[[], Iterable[QuerySet[Any]]]


def _execute(made: Made, customer: Customer) -> None:
    """The deletes of what no table declares."""
    with connection.cursor() as cursor:
        for sql, parameters in _deletes(made, connection.vendor):
            cursor.execute(sql, _theirs(parameters, customer))


def _read(made: Made, customer: Customer) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for sql, parameters in _selects(made, connection.vendor):
            cursor.execute(sql, _theirs(parameters, customer))
            rows += cursor.fetchall()
    return rows


def _run(model: type[Model], customer: Customer) -> int:
    """Rows that it touched, in all."""
    touched = 0
    with connection.cursor() as cursor:
        for sql, parameters in _statements(model, connection.vendor):
            cursor.execute(sql, _theirs(parameters, customer))
            touched += cursor.rowcount
    return touched


def _theirs(parameters: tuple[Any, ...], customer: Customer) -> list[Any]:
    """Somebody's keys in place of the stand-ins."""
    values = {"customer": customer.pk, "person": customer.person_id, "brand": customer.brand_id, "subject": customer.subject}
    who = {stand_in: values[name] for name, stand_in in STAND_INS.items()}
    return [who.get(each, each) if isinstance(each, int | str) else each for each in parameters]


@lru_cache
def _deletes(made: Made, vendor: str) -> tuple[Statement, ...]:
    return tuple(_compiled(rows, {}) for rows in made())


@lru_cache
def _selects(made: Made, vendor: str) -> tuple[Statement, ...]:
    return tuple((sql, tuple(parameters)) for sql, parameters in (rows.query.sql_with_params() for rows in made()))


@lru_cache(maxsize=256)
def _statements(model: type[Model], vendor: str) -> tuple[Statement, ...]:
    """For stand-ins in place of somebody's keys."""
    declaration = dict(in_order())[model]
    if declaration.on_erasure is DELETE:
        return (_compiled(_everybody(model, declaration.of), {}),)
    ties = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey) and field.related_model is Customer]
    if isinstance(declaration.on_erasure, EMPTY):
        emptied = {field.name: field.get_default() for field in model._meta.concrete_fields if field.name in declaration.on_erasure.fields}
        return (_compiled(_everybody(model, declaration.of), emptied | {field.name: None for field in ties}),)
    # Kept: each of its ties to this customer goes, and to nobody else.
    return tuple(
        _compiled(model._default_manager.filter(**{field.name: STAND_INS["customer"]}), {field.name: None}) for field in ties
    )  # fmt: skip


def _everybody(model: type[Model], of: Any) -> QuerySet[Any]:
    rows = model._default_manager.all()
    if isinstance(of, Reference):
        return rows.filter(**{of.column: STAND_INS["subject"]})
    if model is Customer or model is Person:
        return rows.filter(pk=STAND_INS["customer" if model is Customer else "person"])
    return rows.filter(**{of: STAND_INS["person" if _is_under(model) else "customer"]})


def _compiled(rows: QuerySet[Any], values: Mapping[str, Any]) -> Statement:
    """A DELETE, or with `values` an UPDATE."""
    query = rows.query.chain(UpdateQuery if values else DeleteQuery)
    if isinstance(query, UpdateQuery):
        query.add_update_values(dict(values))
    sql, parameters = query.get_compiler("default").as_sql()
    return sql, tuple(parameters)


@lru_cache
def in_order() -> tuple[tuple[type[Model], Any], ...]:
    """Tables of people, those that point at others first. Raises Undeclared."""
    tables = dict(of_people())
    return tuple((model, tables[model]) for model in pointing_first(tables, points_at))


# ── What no table declares ──────────────────────────────────────────────────────────────────────────────────────────


def codes() -> Iterator[QuerySet[Any]]:
    """Codes that were mailed and not used, at this brand, to an address of theirs or to one that they had; their attempts first."""
    now = Contact.objects.filter(customer=STAND_INS["customer"], channel=Contact.Channel.EMAIL).values("canonical")
    before = ReplacedAddress.objects.filter(customer=STAND_INS["customer"]).values("canonical")
    for addresses in (now, before):
        mailed = Challenge.objects.filter(brand=STAND_INS["brand"], canonical__in=addresses)
        yield Attempt.objects.filter(challenge__in=mailed)
        yield mailed


def contacts() -> Iterator[QuerySet[Any]]:
    yield Contact.objects.filter(customer=STAND_INS["customer"]).values_list("channel", "canonical")


def open_requests() -> Iterator[QuerySet[Any]]:
    yield Request.objects.filter(customer=STAND_INS["customer"]).open().values_list("pk")


def sessions() -> Iterator[QuerySet[Any]]:
    yield Session.objects.filter(session_key__in=UserSession.objects.filter(user=STAND_INS["person"]).values("session_key"))


def files() -> Iterator[QuerySet[Any]]:
    yield Package.objects.filter(request__customer=STAND_INS["customer"], gone_at=None).values_list("file")
    yield Attachment.objects.filter(item__request__customer=STAND_INS["customer"]).values_list("file")


def work() -> Iterator[QuerySet[Any]]:
    """What names somebody who worked at a desk once, or was to. What they did stands in the chains, by a reference nobody knows then."""
    yield RoleChange.objects.filter(person=STAND_INS["person"])
    yield LogEntry.objects.filter(user=STAND_INS["person"])


def roles() -> Iterator[QuerySet[Any]]:
    """Of a colleague, at whichever desk."""
    yield Role.objects.filter(person=STAND_INS["person"]).values_list("brand")


def elsewhere() -> Iterator[QuerySet[Any]]:
    """What other brands know of the sign-in."""
    yield Customer.objects.filter(person=STAND_INS["person"]).exclude(pk=STAND_INS["customer"]).values_list("pk")
