"""Asking for an address that nobody has looked for yet: an agent's request for somebody, and a limit without an account. The search is a
job's, so that no byte and no moment of the answer tells whether an address is known."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.actions import all_known, known
from accounts.assurance import NOTHING
from accounts.models import Customer
from accounts.sealed import seal, unseal
from brands.models import Brand
from consents.actions import stop
from consents.saying import Said
from consents.states import Scope
from data_requests.actions.intake import Received, receive
from data_requests.models import Mandate, Request, new_number
from data_requests.states import State
from jobs.actions import enqueue


def ask_for(
    brand: Brand,
    kind: str,
    asked: dict[str, Any],
    *,
    person: str,
    agent: str,
    organisation: str,
    address: str,
    permission_on: date,
    language: str,
) -> Mandate:
    """`person`: the canonical address of whom it is for; `address`: the agent's, which a code has proven. Looks nobody up."""
    with transaction.atomic():
        mandate: Mandate = Mandate.objects.create(
            brand=brand, number=new_number(), kind=kind, agent=agent, organisation=organisation, address=address,
            permission_on=permission_on, sealed=seal({"address": person, "asked": asked}),
        )  # fmt: skip
        enqueue("data_requests.find_person", {"mandate": mandate.pk, "language": language})
    return mandate


def find_person(mandate: Mandate, *, by: str) -> Received | None:
    """Their request, which they prove themselves, or confirm where a link is enough; what only limits a use happens at once, on the word
    of the agent (CCPA regulations 7026(j)). None: nobody has this address, or so many wait for them already that one more would be a
    nuisance; the address is forgotten. Twice is once."""
    if not mandate.sealed:
        return None
    sealed = unseal(mandate.sealed)
    found = None
    if mandate.kind == "limit":
        found = limit_by_address(mandate.brand, sealed["address"], sealed["asked"], by=by, via=Request.Via.AGENT, mandate=mandate)
    else:
        customer = known(mandate.brand, sealed["address"])
        if customer is not None and not _has_enough(customer):
            customer.brand, nonce = mandate.brand, f"mandate {mandate.number}"
            found = receive(customer, mandate.kind, sealed["asked"], NOTHING, by=by, via=Request.Via.AGENT, nonce=nonce, mandate=mandate)
    if found is None or found.again:  # again: a copy that they asked for themselves is being made
        Mandate.objects.filter(pk=mandate.pk).update(sealed="")
    return found


def _has_enough(customer: Customer) -> bool:
    """Whoever collects codes of their own must not be able to flood somebody else."""
    waiting = Request.objects.of(customer).filter(via=Request.Via.AGENT, state=State.IDENTITY_PENDING)
    return waiting.count() >= settings.MANDATES_WAITING


def limit_by_address(brand: Brand, canonical: str, asked: dict[str, Any], *, by: str, **more: Any) -> Received | None:
    """What reduces a use needs no proof of who asks, not even of the address (CCPA regulations 7060(b)): for everybody whom the brand
    knows by it, each time anew, since a person may have lifted it. Whose it is, is told by mail. A second request is not written while one
    is open, so that nobody is buried in them. `more`: what the first request is received with."""
    found = None
    for customer in all_known(brand, canonical):
        customer.brand = brand
        if Request.objects.of(customer).open().filter(kind="limit").exists():
            stop(customer, Scope.SENSITIVE, Said(actor=by, party=customer.subject, assurance=str(NOTHING.level)))
        else:
            found = receive(customer, "limit", asked, NOTHING, by=by, **(more if found is None else {}))
    return found
