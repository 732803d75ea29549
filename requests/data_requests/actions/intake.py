"""Asking, and proving that one may. What has not been proven waits, and does nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from accounts.assurance import Proof
from accounts.holds import held_until, worth
from accounts.models import Customer
from consents.actions import restrict, stop
from consents.saying import Said
from consents.states import Scope
from data_requests.actions.waiting import answered
from data_requests.clock import set_due, target
from data_requests.kinds import COPY, KINDS
from data_requests.models import Claim, Item, Mandate, Request, System
from data_requests.parts import SYSTEMS, scope_of
from data_requests.states import UNVERIFIED, Event, Role
from data_requests.steps import at_work_on, note, step
from jobs.actions import enqueue
from ledger.models import Entry
from ledger.turns import Turn, turn

LONGEST_TEXT = 5000  # characters


@dataclass(frozen=True)
class Received:
    """`again`: there was one already, and here it is."""

    request: Request
    again: bool = False


def receive(
    customer: Customer,
    kind: str,
    asked: dict[str, Any],
    proof: Proof,
    *,
    by: str,
    via: str = Request.Via.CENTER,
    received_on: date | None = None,
    nonce: str = "",
    claim: Claim | None = None,
    mandate: Mandate | None = None,
) -> Received:
    """Writes down what somebody asks for; the law's clock runs from `received_on`, today when left out. Twice with one nonce is once.

    `proof` is what the session has shown, NOTHING where somebody telephoned. `claim` is kept where the proof is not enough, `mandate`
    of whoever asks for them. Raises ValueError for an unknown kind, a day that has not come, a text that is too long.
    """
    now, day = timezone.now(), received_on or timezone.localdate()
    if kind not in KINDS or day > timezone.localdate(now) or len(str(asked.get("text", ""))) > LONGEST_TEXT:
        raise ValueError("no such kind, a day that has not come, or too many words")
    if kind == "limit":  # first of all: it reduces, and asks nobody
        stop(customer, Scope.SENSITIVE, Said(actor=by, party=customer.subject, assurance=str(proof.level)))
    key = hashlib.sha256(f"{nonce}|{customer.subject}|{kind}|request".encode()).hexdigest() if nonce else None
    request = Request(
        customer=customer, brand=customer.brand, subject=customer.subject, kind=kind, via=via, language=customer.language,
        country=customer.country, region=customer.region, asked=asked, received_on=day, target=target(kind, day),
    )  # fmt: skip
    try:
        with turn(customer.subject, brand=customer.brand.key, actor=by) as this:
            made = Request.objects.of(customer).filter(kind=kind).working().first() if kind == COPY else None
            if made is not None:
                return Received(made, again=True)
            _write_down(this, request, proof, now, key, claim)
            if mandate is not None:
                mandate.request, mandate.sealed = request, ""
                mandate.save()
    except IntegrityError:
        there = _pressed_before(customer, key)
        if there is None:
            raise
        return Received(there, again=True)
    return Received(request)


def _write_down(this: Turn, request: Request, proof: Proof, now: datetime, key: str | None, claim: Claim | None) -> None:
    set_due(request)
    note(this, request, key=key)
    means = _proves(request, proof, now)
    if means is not None:
        take(this, request, means, now)
        return
    step(this, request, Event.ASK_IDENTITY, Role.SYSTEM)
    request.save()
    if claim is not None:
        claim.request = request
        claim.save()


def _pressed_before(customer: Customer, key: str | None) -> Request | None:
    """The request that the same press has made; its entry refused a second one."""
    entry = Entry.objects.of(customer.subject).filter(idempotency_key=key).first() if key else None
    return Request.objects.of(customer).filter(number=entry.act["request"]).first() if entry else None


def verify(request: Request, proof: Proof, *, by: str) -> Request:
    """A waiting request, and its person with more to show. Nothing happens where it is not enough."""
    now = timezone.now()
    with at_work_on(request, by=by) as (this, found):
        means = _proves(found, proof, now)
        if means is not None and found.state in UNVERIFIED and not is_made_already(found):
            take(this, found, means, now)
    return found


def is_made_already(request: Request) -> bool:
    """Another copy of theirs, proven while this one waited."""
    return request.kind == COPY and Request.objects.filter(customer=request.customer, kind=COPY).working().exists()


def take(this: Turn, request: Request, means: Proof, now: datetime) -> None:
    """On from `received` or `identity_pending`, with a proof that is enough."""
    if request.pk:  # the person may have been asked for it
        answered(this, request)
    wait = settings.SLOW_LANE[request.kind] if means.waits(request.kind, request.regime) else None
    facts: dict[str, Any] = {
        "assurance": str(means.level),
        "method": means.method,
        "verified_at": now,
        "not_before": now + wait if wait else None,
    }
    step(this, request, Event.VERIFY, Role.SYSTEM, **facts)
    if request.kind != COPY:
        step(this, request, Event.START, Role.SYSTEM)
    if not request.pk:
        request.save()
    if request.kind == COPY:
        others = System.objects.asked(request.brand) if SYSTEMS in scope_of(request.asked).parts else System.objects.none()
        asked = ["center", *others.values_list("name", flat=True)]
        Item.objects.bulk_create(Item(request=request, system=system) for system in asked)
        enqueue("data_requests.copy", {"request": request.pk}, run_after=request.not_before, once=f"copy {request.number}")
        return
    if KINDS[request.kind].restricts and request.customer is not None:
        restrict(this, request.customer, request=request.number)
    request.items.create(system="person")


def is_held(request: Request, now: datetime) -> bool:
    """Nothing leaves the account at this moment; from one that has gone nothing ever does."""
    return request.customer is None or held_until(request.customer, now) is not None


def _proves(request: Request, proof: Proof, now: datetime) -> Proof | None:
    """What the proof is worth for this request at this moment; None: not enough. After a change of address nothing is."""
    customer = request.customer
    act = request.kind
    if customer is None or (act == COPY and is_held(request, now)):
        return None
    if act == COPY:
        proof = worth(customer, proof, now)
    return proof if proof.opens(act, request.regime) or proof.opens_slowly(act, request.regime) else None
