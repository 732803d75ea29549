"""What people do in the tests: press a button as the choices page offers it, and read what stands afterwards."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from accounts.middleware import SESSION_BRAND
from accounts.models import Customer
from catalogue.published import published
from consents import actions, shown
from consents.models import Choice
from consents.saying import Outcome, Said, form_key
from consents.standing import basis_here
from consents.states import State, Verb
from ledger.models import Entry, Head

ALLOW, DENY = Verb.ALLOW, Verb.DENY


def head(customer: Customer) -> int:
    return Head.objects.values_list("seq", flat=True).get(pk=customer.subject)


def page(customer: Customer, purpose: str, channel: str = "", verb: Verb = ALLOW, nonce: str = "", **more: Any) -> Said:
    """What the form on the customer's page, made now, would say of itself."""
    use = published(customer.brand)[purpose]
    screen = shown.screen(customer.brand, use, channel, "en", basis_here(customer, use))
    key = form_key(nonce, customer.subject, customer.subject, purpose, channel, verb.value) if nonce else None
    said = Said(f"self:{customer.subject}", customer.subject, seen=head(customer), version=screen.version, shown=screen.sha256, key=key)
    return replace(said, **more)


def press(customer: Customer, purpose: str, verb: Verb, channel: str = "", **more: Any) -> Outcome:
    """One press on a page made now."""
    return actions.say(customer, purpose, channel, verb, page(customer, purpose, channel, verb, **more))


def allow(customer: Customer, purpose: str, channel: str = "", **more: Any) -> Outcome:
    return press(customer, purpose, ALLOW, channel, **more)


def deny(customer: Customer, purpose: str, channel: str = "", **more: Any) -> Outcome:
    return press(customer, purpose, DENY, channel, **more)


def own(customer: Customer, **more: Any) -> Said:
    """A press that comes from no page with wording."""
    return replace(Said(f"self:{customer.subject}", customer.subject), **more)


def state(customer: Customer, purpose: str, channel: str = "", party: str = "") -> str:
    """What the projection says, or "none"."""
    choice = Choice.objects.filter(customer=customer, purpose=purpose, channel=channel, party=party or customer.subject).first()
    return choice.state if choice else "none"


def acts(customer: Customer, kind: str = "choice.decided") -> list[dict[str, Any]]:
    return [entry.act for entry in Entry.objects.of(customer.subject).filter(kind=kind).order_by("seq")]


def count(customer: Customer) -> int:
    """Entries in the customer's chain, of any kind."""
    return Entry.objects.of(customer.subject).count()


def a_word(customer: Customer, purpose: str, said: str, *, channel: str = "", party: str = "", **more: Any) -> Choice:
    """A standing word as a row alone, for tests that ask decide() about any row there can be."""
    values = {
        "version": 1, "seq": 20, "seen": 15, "expires_at": None, "entry": 0, "receipt": uuid.uuid4(), "how": "button",
        "recorded_at": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    return Choice.objects.create(
        customer=customer, purpose=purpose, channel=channel, party=party or customer.subject, state=State(said).value, **(values | more)
    )


def signed_in(customer: Customer, **more: Any) -> Client:
    """A browser at the customer's brand with a session of theirs there."""
    client = Client(headers={"host": customer.brand.host}, **more)
    assert customer.person is not None
    client.force_login(customer.person)
    session = client.session
    session[SESSION_BRAND] = customer.brand.key
    session.save()
    return client
