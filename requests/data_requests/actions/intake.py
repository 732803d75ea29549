"""Asking, and proving that one may. What has not been proven waits, and does nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
from data_requests.erasing.scope import deletion_of, recipients_to_tell, systems_to_ask
from data_requests.kinds import BY_MACHINE, COPY, DELETE, KINDS
from data_requests.models import Claim, Item, Mandate, Request, System
from data_requests.parts import SYSTEMS, scope_of
from data_requests.pausing import restricts
from data_requests.states import UNVERIFIED, Event, Role
from data_requests.steps import at_work_on, note, step
from jobs.actions import enqueue
from ledger.models import Entry
from ledger.turns import Turn, turn

A_DAY = timedelta(days=1)
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
    appeal_of: Request | None = None,
) -> Received:
    """Writes down what somebody asks for; the law's clock runs from `received_on`, today when left out. Twice with one nonce is once.

    `proof` is what the session has shown, NOTHING where somebody telephoned. `claim` is kept where the proof is not enough, `mandate`
    of whoever asks for them; `appeal_of`: the answer that somebody else is to look at.

    Raises ValueError for an unknown kind, a day that has not come, a text that is too long.
    """
    now, day = timezone.now(), received_on or timezone.localdate()
    if kind not in KINDS or day > timezone.localdate(now) or len(str(asked.get("text", ""))) > LONGEST_TEXT:
        raise ValueError("no such kind, a day that has not come, or too many words")
    if kind == "limit":  # first of all: it reduces, and asks nobody
        stop(customer, Scope.SENSITIVE, Said(actor=by, party=customer.subject, assurance=str(proof.level)))
    key = hashlib.sha256(f"{nonce}|{customer.subject}|{kind}|request".encode()).hexdigest() if nonce else None
    request = Request(
        customer=customer, brand=customer.brand, subject=customer.subject, kind=kind, via=via, language=customer.language,
        country=customer.country, region=customer.region, asked=asked, received_on=day, target=target(kind, day), appeal_of=appeal_of,
        decided_before_by=_who_decided(customer, kind, appeal_of),
    )  # fmt: skip
    try:
        with turn(customer.subject, brand=customer.brand.key, actor=by) as this:
            made = in_the_way(this, request)
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


def _who_decided(customer: Customer, kind: str, appeal_of: Request | None) -> str:
    """Who may not decide this one: whoever gave the answer it is about; of a complaint, whoever answered last."""
    if appeal_of is not None:
        return appeal_of.answered_by
    if kind != "complaint":
        return ""
    answered = Request.objects.of(customer).filter(answered_by__startswith="staff:").order_by("-closed_at")
    return answered.values_list("answered_by", flat=True).first() or ""


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
        if means is not None and found.state in UNVERIFIED and in_the_way(this, found) is None:
            take(this, found, means, now)
    return found


def in_the_way(this: Turn, request: Request) -> Request | None:
    """Another one of theirs that is worked on, where there is one at a time, and that covers this one. A deletion of some of it makes way
    for one of more, which takes it over: everything is never less than what was asked before. Inside a turn of theirs."""
    if not KINDS[request.kind].once or request.customer is None:
        return None
    other = Request.objects.of(request.customer).filter(kind=request.kind).working().exclude(pk=request.pk).select_related("brand").first()
    if other is None or request.kind != DELETE or deletion_of(other.asked).covers(deletion_of(request.asked)):
        return other
    if not deletion_of(request.asked).is_whole:
        request.asked = {"only": sorted(deletion_of(request.asked).parts | deletion_of(other.asked).parts)}
    step(this, other, Event.OVERTAKE, Role.SYSTEM, why="widened")
    return None


def take(this: Turn, request: Request, means: Proof, now: datetime) -> None:
    """On from `received` or `identity_pending`, with a proof that is enough."""
    if request.pk:  # the person may have been asked for it
        answered(this, request)
    facts: dict[str, Any] = {
        "assurance": str(means.level),
        "method": means.method,
        "verified_at": now,
        "not_before": _not_before(request, means, now),
    }
    step(this, request, Event.VERIFY, Role.SYSTEM, **facts)
    if request.kind not in BY_MACHINE:
        step(this, request, Event.START, Role.SYSTEM)
    if not request.pk:
        request.save()
    if request.customer is not None and restricts(request):
        restrict(this, request.customer, request=request.number)
    if request.kind in BY_MACHINE:
        Item.objects.bulk_create(_items(request))
        enqueue(
            f"data_requests.{request.kind}", {"request": request.pk}, run_after=request.not_before, once=f"{request.kind} {request.number}"
        )
    else:
        request.items.create(system="person")


def _not_before(request: Request, means: Proof, now: datetime) -> datetime | None:
    """The slow lane, so that whose data it is can stop it; of a deletion also the time to change one's mind, which takes nothing of the
    law's time (CCPA regulations 7020(d))."""
    if means.waits(request.kind, request.regime):
        return now + settings.SLOW_LANE[request.kind]
    if request.kind != DELETE:
        return None
    wait = now + settings.DELETE_COOLING_OFF
    return min(wait, max(request.until - A_DAY, now)) if request.until else wait


def _items(request: Request) -> Iterator[Item]:
    """The center, each connected system that is asked, and at a deletion whoever else may have the data."""
    yield Item(request=request, system="center")
    if request.kind == COPY:
        systems = list(System.objects.asked(request.brand)) if SYSTEMS in scope_of(request.asked).parts else []
    else:
        systems = systems_to_ask(request.brand, deletion_of(request.asked))
    if request.kind == DELETE and request.asked.get("text"):
        yield Item(request=request, system="person")  # what somebody wrote may mean less than everything: a person reads it first
    for system in systems:
        yield Item(request=request, system=system.name, connected=system)
    if request.kind == DELETE and request.customer is not None and deletion_of(request.asked).is_whole:
        names = {system.name for system in systems}
        for name in recipients_to_tell(request.customer):
            if name not in names:
                yield Item(request=request, system=name)


def is_held(request: Request, now: datetime) -> bool:
    """Nothing leaves the account at this moment; from one that has gone nothing ever does."""
    return request.customer is None or held_until(request.customer, now) is not None


def _proves(request: Request, proof: Proof, now: datetime) -> Proof | None:
    """What the proof is worth for this request at this moment; None: not enough. After a change of address nothing is."""
    customer = request.customer
    act = request.kind
    if customer is None or (act in settings.SLOW_LANE and is_held(request, now)):
        return None
    if act in settings.SLOW_LANE:
        proof = worth(customer, proof, now)
    return proof if proof.opens(act, request.regime) or proof.opens_slowly(act, request.regime) else None
