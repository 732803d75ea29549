"""Which rows of a table are a customer's, as the table declares it (ledger/personal_data.py): one query a table, by an index on whose data
it is, so that it costs what the person has and not what everybody has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import ForeignKey, Model, QuerySet

from accounts.models import Contact, Customer, Person
from ledger.personal_data import Nobody, Reference, declared


class Undeclared(RuntimeError):
    """A table that nobody has said anything of: nothing is copied or erased that may lack something."""


def of_people() -> Iterator[tuple[type[Model], Any]]:
    """Every table that holds something of people, with its declaration, in order of name. Raises Undeclared."""
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
        declaration = declared(model)
        if declaration is None:
            raise Undeclared(model._meta.label)
        if not isinstance(declaration.of, Nobody):
            yield model, declaration


def rows_of(model: type[Model], of: str | Reference, customer: Customer) -> QuerySet[Any] | None:
    """None: the table could hold nothing of this one."""
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
        return Person.objects.filter(pk=customer.person_id) if is_alone(customer) else None
    here = HERE[model._meta.label](customer)
    return model._default_manager.filter(**{of: customer.person_id}, **here)


def is_alone(customer: Customer) -> bool:
    """Whether the sign-in opens no other brand."""
    return not Customer.objects.filter(person=customer.person_id).exclude(pk=customer.pk).exists()


# How a table under Person tells which brand a row was made at. One that is missing here raises KeyError, and a test names it first.
HERE: Mapping[str, Callable[[Customer], dict[str, Any]]] = {
    "account.EmailAddress": lambda customer: {"email__in": list(customer.contacts.values_list("canonical", flat=True))},
    "account.EmailConfirmation": lambda customer: {"email_address__email__in": list(customer.contacts.values_list("canonical", flat=True))},
    "accounts.AllauthDevice": lambda customer: {} if is_alone(customer) else {"pk": None},
    "accounts.MadeAt": lambda customer: {"brand": customer.brand_id},
    "mfa.Authenticator": lambda customer: {"made_at__brand": customer.brand_id},
    "usersessions.UserSession": lambda customer: {"data__brand": customer.brand.key},
}


def sessions_of(customer: Customer) -> QuerySet[Session]:
    """What Django keeps of the browsers that are signed in at this brand."""
    if customer.person_id is None:
        return Session.objects.none()
    keys = UserSession.objects.filter(user=customer.person_id, data__brand=customer.brand.key).values_list("session_key", flat=True)
    return Session.objects.filter(session_key__in=keys)


def addresses_elsewhere(customer: Customer) -> list[str]:
    """Canonical addresses by which the same sign-in is known to other brands."""
    if customer.person_id is None:
        return []
    others = Contact.objects.filter(customer__person=customer.person_id, channel=Contact.Channel.EMAIL)
    return list(others.exclude(customer=customer.pk).values_list("canonical", flat=True))


def _ends_at(model: type[Model], path: str) -> Any:
    found: Any = model
    for name in path.split("__"):
        found = found._meta.get_field(name).related_model
    return found


def points_at(one: type[Model], other: type[Model]) -> bool:
    """Whether rows of the first name rows of the second, which cannot go before them."""
    return any(isinstance(field, ForeignKey) and field.related_model is other for field in one._meta.concrete_fields)
