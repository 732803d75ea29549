"""Data about a person that came from somebody else: noted, and the person told at once (GDPR Art. 14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from accounts.models import Customer
from consents.models import Received
from consents.naming import register_names
from ledger.turns import turn
from regimes.deadlines import earliest
from regimes.resolver import Place


class NotInTheRegister(ValueError):
    """The published register knows no such source, or not with this kind of data: what is not declared may not be taken."""


def receive(customer: Customer, *, source: str, categories: Iterable[str], received_on: date, by: str) -> Received:
    """Notes that `categories` (keys) about the customer came from `source` (key) on that day, which has them told by mail. The same
    again changes nothing and tells nobody twice. Raises NotInTheRegister."""
    kinds = sorted(set(categories))
    known = register_names(customer.brand).by_source.get(source, frozenset())
    if not kinds or not known.issuperset(kinds):
        raise NotInTheRegister(source)
    with turn(customer.subject, brand=customer.brand.key, actor=by) as this:
        there = customer.received.filter(source=source, received_on=received_on, categories=kinds).first()
        if there is not None:
            return there
        due = earliest(Place(customer.country, customer.region), "art14_information", received_on, home=customer.brand.home_regime)
        tell_by = due.due if due and due.due else received_on
        act = {"source": source, "categories": kinds, "received_on": received_on.isoformat(), "tell_by": tell_by.isoformat()}
        entry = this.append(customer.subject, "data.received", act)
        noted: Received = customer.received.create(
            source=source, categories=kinds, received_on=received_on, tell_by=tell_by, entry=entry.id, recorded_at=entry.recorded_at
        )
        return noted


def note_told(entry: int) -> None:
    """A mail about this entry has gone out to the person. The first one counts."""
    Received.objects.filter(entry=entry, told_at=None).update(told_at=timezone.now())
