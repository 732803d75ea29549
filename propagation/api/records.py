"""People by the brand's own ids, what has changed since, and everything at once."""

from __future__ import annotations

from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django_countries import countries
from ninja import Query, Router
from pydantic import Field

from accounts.actions import IdTaken, Suppressed, tie
from accounts.models import LONGEST_ID, Contact, Customer
from propagation.api.answers import NDJSON, ndjson
from propagation.api.choices import whom
from propagation.api.idempotency import Done, once
from propagation.api.keys import Bearer, Caller, used
from propagation.api.people import ID, PersonIn, Strict
from propagation.api.problems import Problem
from propagation.changes import AT_MOST, changes_since
from propagation.exporting import ExportLine, export_lines
from propagation.models import Partner
from propagation.pseudonyms import Pseudonyms
from propagation.verbs import EVERY_PURPOSE

router = Router()


class TieIn(Strict):
    id: Annotated[str, Field(max_length=LONGEST_ID, pattern=ID)]
    email: Annotated[str, Field(max_length=320)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class TieOut(Strict):
    pairwise: str
    created: bool


class LookUpIn(Strict):
    person: PersonIn


class LookUpOut(Strict):
    pairwise: str
    ids: list[str]
    emails: list[str]
    phones: list[str]


class ChangesQuery(Strict):
    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=AT_MOST)] = AT_MOST


class ChangesOut(Strict):
    """`events`: as webhooks carry them; `next`: what to ask with next; `more`: whether there is more now."""

    events: list[dict[str, Any]]
    next: int
    more: bool


@router.post("/people", response=TieOut, auth=Bearer("people:write"), summary="Which id belongs to which address")
def tie_people(request: HttpRequest, asked: TieIn) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return once(request, caller, lambda: _tie(caller, asked))


def _tie(caller: Caller, asked: TieIn) -> Done:
    brand = caller.brand
    if asked.country and asked.country not in countries:
        raise Problem("invalid", errors=[{"field": "country", "why": "is no country"}])
    try:
        customer, new = tie(
            brand=brand, value=asked.id, email=asked.email or "", phone=asked.phone or "",
            language=asked.language if asked.language and asked.language in brand.languages else brand.default_language,
            country=asked.country or brand.country, by=caller.actor,
        )  # fmt: skip
    except IdTaken as taken:
        raise Problem("conflict", " ".join(taken.messages)) from None
    except Suppressed:
        raise Problem("conflict", "Whoever this is was deleted here, and comes back by their own act alone.") from None
    except ValidationError as error:
        raise Problem("invalid", errors=[{"field": "email", "why": " ".join(error.messages)}]) from None
    used(caller, "people:write", 1)
    return Done({"pairwise": _pseudonyms(caller).keep_one(customer), "created": new}, subject=customer.subject)


@router.post("/people/lookup", response=LookUpOut, auth=Bearer("people:read"), summary="Addresses and ids of one person")
def look_up(request: HttpRequest, asked: LookUpIn) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    found = whom(caller, asked.person, record_new=False)
    if len(found) > 1:
        raise Problem("conflict", "Several people here have this address.")
    customer = found[0]
    used(caller, "people:read", 1)
    return JsonResponse(
        {
            "pairwise": _pseudonyms(caller).keep_one(customer),
            "ids": list(customer.external_ids.order_by("pk").values_list("value", flat=True)),
            "emails": _addresses(customer, Contact.Channel.EMAIL),
            "phones": _addresses(customer, Contact.Channel.SMS),
        }
    )


def _pseudonyms(caller: Caller) -> Pseudonyms:
    return Pseudonyms(Partner.objects.get(pk=caller.partner_id))


def _addresses(customer: Customer, channel: str) -> list[str]:
    return list(customer.contacts.filter(channel=channel).order_by("pk").values_list("canonical", flat=True))


@router.get("/changes", response=ChangesOut, auth=Bearer("changes:read"), summary="What has changed since a position")
def changes(request: HttpRequest, query: Query[ChangesQuery]) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    partner = Partner.objects.select_related("brand", "recipient").get(pk=caller.partner_id)
    found = changes_since(partner, caller.purposes, query.after, query.limit)
    used(caller, "changes:read", found.people)
    return JsonResponse({"events": found.events, "next": found.next, "more": found.more})


@router.get("/export", auth=Bearer("export:read"), summary="Everything, without quota", openapi_extra=ndjson(ExportLine))
def export(request: HttpRequest) -> StreamingHttpResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    caller.must_cover(EVERY_PURPOSE)
    used(caller, "export:read", Customer.objects.at(caller.brand).count())
    return StreamingHttpResponse(export_lines(caller.brand), content_type=NDJSON)
