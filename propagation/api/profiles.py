"""What people told, for a purpose that they allow; what happened on the way with them; and a question to put on a page of the brand."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from brands.mail import origin
from consents.states import Reason
from ledger.canonical import timestamp
from profiles import actions
from profiles.actions.journey import is_told
from profiles.cards import reading
from profiles.fragments import fragment
from profiles.using import Told, read_answers_of
from profiles.visits import named
from propagation.api.choices import not_ahead, whom
from propagation.api.decisions import Purpose, must_offer
from propagation.api.idempotency import Done, once
from propagation.api.keys import Bearer, Caller, used
from propagation.api.people import ID, PersonIn, Strict
from propagation.api.problems import Problem
from propagation.api.told import router as events_router
from propagation.models import Partner
from propagation.verbs import EVERY_PURPOSE
from propagation.whom import condition

router = Router()
READ, TELL, SHOW = "answers:read", "events:write", "prompts:show"
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
LONGEST_ADDRESS = 500


class AnswersQuery(Strict):
    """One of `id` and `pairwise`. An address is not taken here: what stands in a URL is written down on the way."""

    purpose: Purpose
    id: Annotated[str, Field(max_length=200, pattern=ID)] | None = None
    pairwise: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    question: Annotated[list[Key], Field(max_length=50)] = []
    language: Language | None = None


class AnswerOut(Strict):
    """`value`: {"text"}, {"one"}, {"some"}, {"day"}, {"number"} or {"sizes"}; `title`, `words`: as the person reads them."""

    question: str
    version: int
    value: dict[str, Any]
    title: str
    words: str
    given_at: str


class AnswersOut(Strict):
    """Without a yes there are no answers, and `reason` says why."""

    allowed: bool
    reason: Reason
    purpose: str
    answers: list[AnswerOut]


@router.get("/answers/", response=AnswersOut, auth=Bearer(READ), include_in_schema=False)
@router.get("/answers", response=AnswersOut, auth=Bearer(READ), summary="What somebody told, for a purpose that they allow")
def answers(request: HttpRequest, query: Query[AnswersQuery]) -> HttpResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    caller.must_cover(query.purpose)
    must_offer(caller, query.purpose, "")
    if unknown := set(request.GET) - set(AnswersQuery.model_fields):
        raise Problem("invalid", errors=[{"field": "query", "why": f"{len(unknown)} of the parameters are unknown"}])
    by_name = [(kind, value) for kind in ("id", "pairwise") if (value := getattr(query, kind)) is not None]
    if len(by_name) != 1:
        raise Problem("invalid", errors=[{"field": "person", "why": "give one of id and pairwise"}])
    if is_head(request):  # nobody would see what was read
        return HttpResponse(content_type="application/json")
    reader = Partner.objects.values_list("name", flat=True).get(pk=caller.partner_id)
    found = read_answers_of(
        caller.brand, condition(caller.brand.pk, caller.partner_id, by_name[0]), query.purpose, reader=reader, questions=query.question
    )
    used(caller, READ, 1)
    decision = found.decision
    return JsonResponse(
        {
            "allowed": decision.allowed, "reason": decision.reason, "purpose": query.purpose,
            "answers": [_told(caller, each, spoken(caller, query.language)) for each in found.answers],
        }
    )  # fmt: skip


def _told(caller: Caller, each: Told, language: str) -> dict[str, Any]:
    title, words = reading(caller.brand, each.question, each.version, each.value, language)
    return {
        "question": each.question, "version": each.version, "value": each.value, "title": title, "words": words,
        "given_at": timestamp(each.given_at),
    }  # fmt: skip


def is_head(request: HttpRequest) -> bool:
    """What was asked by HEAD comes here as GET (propagation/api/root.py); what the client sent stands in META still."""
    return bool(request.META["REQUEST_METHOD"] == "HEAD")


class EventIn(Strict):
    person: PersonIn
    event: Annotated[str, Field(max_length=60)]
    occurred_at: AwareDatetime | None = None


class EventOut(Strict):
    """`noted` is false for whom nothing is kept: a minor, or somebody whose data is not used at the moment."""

    noted: bool


# On the router that tells their types: one address takes both.
@events_router.post("/events/", response=EventOut, auth=Bearer(TELL), include_in_schema=False)
@events_router.post("/events", response=EventOut, auth=Bearer(TELL), summary="Something happened: an order was placed, a parcel arrived")
def events(request: HttpRequest, asked: EventIn) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    not_ahead(asked.occurred_at)
    if not is_told(caller.brand, asked.event):
        raise Problem("unknown-event")
    return once(request, caller, lambda: _happened(caller, asked))


def _happened(caller: Caller, asked: EventIn) -> Done:
    people = _here(caller, whom(caller, asked.person, record_new=False))
    noted = [actions.happen_at_brand(customer, asked.event, asked.occurred_at) for customer in people]
    used(caller, TELL, len(people))
    return Done({"noted": any(noted)}, subject=people[0].subject)


def _here(caller: Caller, people: list[Any]) -> list[Any]:
    for customer in people:
        customer.brand = caller.brand
    return people


class PromptIn(Strict):
    """`visit`: what names the visit to the brand's own pages, the same on each of them; `back`: the address of the page that includes it;
    `paying`: the page lies on the way to paying."""

    person: PersonIn
    visit: Annotated[str, Field(min_length=8, max_length=200)]
    language: Language | None = None
    back: Annotated[str, Field(max_length=LONGEST_ADDRESS)] = ""
    paying: bool = False


class PromptOut(Strict):
    """`html`: to include as it is, "" when nothing is asked; `why`: then why; `style`: the address of its style sheet."""

    html: str
    question: str | None
    why: str | None
    style: str


@router.post("/prompts", response=PromptOut, auth=Bearer(SHOW), summary="A question to put to somebody now, as HTML to include")
def prompts(request: HttpRequest, asked: PromptIn) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    _must_be_a_page(asked.back)
    people = _here(caller, whom(caller, asked.person, record_new=False))
    if len(people) > 1:
        raise Problem("conflict", "Several people here have this address: a question is put to one.")
    customer = people[0]
    visit, language = named(f"{caller.partner_id}|{asked.visit}"), spoken(caller, asked.language or customer.language)
    within = None if EVERY_PURPOSE in caller.purposes else caller.purposes
    found = fragment(customer, visit, language, back=asked.back, paying=asked.paying, within=within)
    used(caller, SHOW, 1)
    return JsonResponse(
        {
            "html": found.html, "question": found.question or None, "why": found.why.value if found.why else None,
            "style": f"{origin(caller.brand)}/prompts/look.css",
        }
    )  # fmt: skip


def spoken(caller: Caller, language: str | None) -> str:
    return language if language and language in caller.brand.languages else str(caller.brand.default_language)


def _must_be_a_page(address: str) -> None:
    """Raises Problem."""
    if address and not _is_a_page(address):
        raise Problem("invalid", errors=[{"field": "back", "why": "is no address of a page"}])


def _is_a_page(address: str) -> bool:
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:  # brackets that hold no address, letters that stand for a slash
        return False
    return named and parts.scheme in {"http", "https"} and address.isprintable()
