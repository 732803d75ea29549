"""What the brand's systems were told by a person: a no is applied always, a yes only with its evidence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from ninja import Router
from pydantic import AwareDatetime, Field

from accounts.actions import Suppressed, all_known, by_external_id, record
from accounts.models import Contact, Customer
from catalogue.published import published
from consents import actions, opting_in
from consents.actions import Elsewhere
from consents.judging import covering
from consents.saying import Outcome, Result, Said, form_key
from consents.standing import UnknownPurpose, offered_by
from consents.states import How, Scope, Verb, Where
from propagation.api.decisions import Channel, Purpose
from propagation.api.idempotency import Done, once
from propagation.api.keys import Bearer, Caller, limit, used
from propagation.api.people import PersonIn, Strict
from propagation.api.problems import Problem
from propagation.models import Pseudonym

router = Router()
REDUCE, RAISE = "choices:reduce", "choices:raise"
AHEAD = timedelta(seconds=120)  # that another clock may be ahead of ours
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]


class EvidenceIn(Strict):
    """`wording`: what the person read; `source`: where; `sha256`: of the record it is taken from."""

    wording: Annotated[Text, Field(max_length=5000)] = ""
    source: Annotated[Text, Field(max_length=200)] = ""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class ChoiceIn(Strict):
    person: PersonIn
    purpose: Purpose
    channel: Channel = ""
    decision: Literal["allow", "deny"]
    occurred_at: AwareDatetime | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    evidence: EvidenceIn | None = None
    double_opt_in: bool = False


class ChoiceOut(Strict):
    """`pending`: one mail is on its way; the yes counts once its reader has said it on our page."""

    result: Literal["saved", "stands", "superseded", "unproven", "no_control", "pending"]
    receipt: str | None
    missing: list[str] | None = None


class ScopeIn(Strict):
    person: PersonIn
    scope: Scope
    occurred_at: AwareDatetime | None = None


class ScopeOut(Strict):
    result: Literal["saved", "stands"]
    receipt: str | None


@router.post("/choices", response=ChoiceOut, auth=Bearer(REDUCE, RAISE, limited=False), summary="A choice made elsewhere")
def decide(request: HttpRequest, asked: ChoiceIn) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    raises = asked.decision == "allow"
    caller.must(RAISE if raises else REDUCE)
    caller.must_cover(asked.purpose)
    must_take(caller, asked.purpose, asked.channel)
    not_ahead(asked.occurred_at)
    if raises:
        limit(caller)
    return once(request, caller, lambda: _ask_by_mail(caller, asked) if raises and asked.double_opt_in else _decide(caller, asked))


def _ask_by_mail(caller: Caller, asked: ChoiceIn) -> Done:
    """Nothing is kept of it but the mail that is to go out."""
    kind, address = asked.person.name()
    if kind != "email":
        raise Problem("invalid", errors=[{"field": "person", "why": "a double opt-in goes to an email address"}])
    spoken = asked.language if asked.language in caller.brand.languages else caller.brand.default_language
    opting_in.ask(caller.brand, address=address, purpose=asked.purpose, channel=asked.channel, language=spoken or "")
    used(caller, RAISE, 1)
    return Done({"result": "pending", "receipt": None})


def _decide(caller: Caller, asked: ChoiceIn) -> Done:
    verb = Verb(asked.decision)
    people = whom(caller, asked.person, record_new=verb is Verb.DENY, language=asked.language)
    if verb is Verb.ALLOW and len(people) > 1:
        raise Problem("conflict", "Several people here have this address: a yes is of one.")
    outcomes = [(customer, _take_over(caller, customer, asked, verb)) for customer in people]
    used(caller, RAISE if verb is Verb.ALLOW else REDUCE, len(people))
    if not outcomes:  # deleted here: there is nothing to reduce
        return Done({"result": "stands", "receipt": None})
    customer, outcome = next((each for each in outcomes if each[1].saved), outcomes[0])
    answer: dict[str, Any] = {"result": RESULTS[outcome.result], "receipt": str(outcome.entry.public_id) if outcome.entry else None}
    if outcome.result is Result.UNPROVEN:
        answer["missing"] = _elsewhere(asked).missing
    return Done(answer, subject=customer.subject)


RESULTS = {
    Result.SAVED: "saved", Result.STANDS: "stands", Result.SUPERSEDED: "superseded", Result.UNPROVEN: "unproven",
    Result.NO_CONTROL: "no_control",
}  # fmt: skip


def _take_over(caller: Caller, customer: Customer, asked: ChoiceIn, verb: Verb) -> Outcome:
    elsewhere = _elsewhere(asked)
    when = elsewhere.occurred_at.isoformat() if elsewhere.occurred_at else ""
    # The same yes told twice is one claim; a no is idempotent by how it stands.
    about = f"{caller.partner}|{when}|{elsewhere.wording}|{elsewhere.source}"
    key = form_key(about, customer.subject, customer.subject, asked.purpose, asked.channel, verb) if verb is Verb.ALLOW else None
    said = Said(
        actor=caller.actor, party=customer.subject, how=How.API, where=Where.API, assurance="IV0",
        language=asked.language or customer.language, key=key,
    )  # fmt: skip
    return actions.take_over(customer, asked.purpose, asked.channel, verb, said, elsewhere)


def _elsewhere(asked: ChoiceIn) -> Elsewhere:
    given = asked.evidence or EvidenceIn()
    return Elsewhere(asked.occurred_at, given.wording, given.source, given.sha256)


@router.post("/scopes", response=ScopeOut, auth=Bearer(REDUCE, limited=False), summary="A wide no: all marketing, all sale, sensitive data")
def stop(request: HttpRequest, asked: ScopeIn) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    now = timezone.now()
    covered = [key for key, each in published(caller.brand, now).items() if covering(each, [(asked.scope, 0)])]
    caller.must_cover(*covered)
    not_ahead(asked.occurred_at)
    return once(request, caller, lambda: _stop(caller, asked))


def _stop(caller: Caller, asked: ScopeIn) -> Done:
    people = whom(caller, asked.person, record_new=True)
    stopped = []
    for customer in people:
        said = Said(actor=caller.actor, party=customer.subject, how=How.API, where=Where.API, assurance="IV0", language=customer.language)
        if (entry := actions.stop(customer, asked.scope, said)) is not None:
            stopped.append((customer, entry))
    used(caller, REDUCE, len(people))
    if not stopped:
        return Done({"result": "stands", "receipt": None})
    customer, entry = stopped[0]
    return Done({"result": "saved", "receipt": str(entry.public_id)}, subject=customer.subject)


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def whom(caller: Caller, person: PersonIn, *, record_new: bool, language: str | None = None) -> list[Customer]:
    """Who is meant; with `record_new` somebody whom nobody here knows yet begins with this no, so that a later list does not overrule it.
    Nobody where they were deleted here. Raises Problem."""
    kind, value = person.name()
    found = _by(caller, kind, value)
    if found:
        return sorted(found, key=lambda customer: customer.subject)  # as every turn locks them
    if kind != "email" or not record_new:
        raise Problem("unknown-person")
    brand = caller.brand
    spoken = language if language and language in brand.languages else brand.default_language
    try:
        return [record(brand=brand, address=value, language=spoken, country=brand.country, by=caller.actor)]
    except Suppressed:
        return []


def _by(caller: Caller, kind: str, value: str) -> list[Customer]:
    if kind == "email":
        return all_known(caller.brand, value)
    if kind == "id":
        one = by_external_id(caller.brand, value)
        return [one] if one else []
    if kind == "pairwise":
        row = Pseudonym.objects.filter(partner=caller.partner_id, value=value).select_related("customer").first()
        return [row.customer] if row else []
    rows = Contact.objects.filter(brand=caller.brand, channel=Contact.Channel.SMS, canonical=value).select_related("customer")
    proven = [row.customer for row in rows if row.proven_at]
    return proven or [row.customer for row in rows]


def must_take(caller: Caller, purpose: str, channel: str) -> None:
    """Raises Problem. A use with channels is decided on by channel, and one that is over no more."""
    try:
        offered_by(caller.brand, purpose, channel)
    except UnknownPurpose:
        raise Problem("unknown-purpose") from None


def not_ahead(moment: datetime | None) -> None:
    if moment is not None and moment > timezone.now() + AHEAD:
        raise Problem("invalid", errors=[{"field": "occurred_at", "why": "lies in the future"}])
    if moment is not None and moment.year < EARLIEST:
        raise Problem("invalid", errors=[{"field": "occurred_at", "why": "lies before anybody could decide anything here"}])


EARLIEST = 1990
