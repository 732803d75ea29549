"""For whoever is told: the events and their schemas, and the call that confirms one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field

from data_requests.states import NotPossible
from propagation import actions
from propagation.actions import NotTold, SaysNothing
from propagation.api.people import Strict
from propagation.api.problems import Problem
from propagation.models import Endpoint
from propagation.webhooks import signing
from propagation.webhooks.events import EVENTS, TYPES, schema
from propagation.webhooks.secrets import secrets_of

router = Router()


class ConfirmationIn(Strict):
    """`event`: the webhook-id of what is confirmed; `evidence`: SHA-256 of a record of the partner's own."""

    event: Annotated[str, Field(pattern=r"^evt_[0-9a-f]{32}$")]
    outcome: Literal["done", "nothing", "kept"]
    note: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    evidence: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class ConfirmationOut(Strict):
    """`first`: whether it was new."""

    taken: bool
    first: bool


class EventsOut(Strict):
    types: list[str]


@router.get("/events", response=EventsOut, auth=None, summary="The types of events")
def event_types(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"types": list(TYPES)})


@router.get("/events/{kind}.json", response=dict[str, Any], auth=None, summary="The JSON schema of one type")
def event_schema(request: HttpRequest, kind: str) -> JsonResponse:
    found = next((event for event in EVENTS if event.type == kind), None)
    if found is None:
        raise Problem("not-found")
    return JsonResponse(schema(found), content_type="application/schema+json")


@router.post(
    "/confirmations/{endpoint}", response=ConfirmationOut, auth=None, summary="A partner confirms an event, signed as Standard Webhooks say"
)
def confirm(request: HttpRequest, endpoint: str, asked: ConfirmationIn) -> JsonResponse:
    """The body is looked at before the signature, and nothing is read or written by it before that."""
    found = Endpoint.objects.filter(number=endpoint, partner__brand__host=_host(request)).select_related(
        "partner__brand", "partner__recipient"
    )
    told = found.first()
    if told is None:
        raise Problem("not-signed")  # whether there is such an endpoint is nobody's business
    try:
        signing.verify(secrets_of(told, timezone.now()), {name.lower(): value for name, value in request.headers.items()}, request.body)
    except signing.NotSigned:
        raise Problem("not-signed") from None
    try:
        first = actions.confirm(told, asked.event, asked.outcome, note=asked.note, evidence=asked.evidence)
    except NotTold:
        raise Problem("not-found", "This endpoint was told of no such event.") from None
    except SaysNothing:
        raise Problem("invalid", errors=[{"field": "note", "why": "what is kept says why"}]) from None
    except NotPossible:
        raise Problem("conflict", "The request is closed.") from None
    return JsonResponse({"taken": True, "first": first})


def _host(request: HttpRequest) -> str:
    return request.get_host().partition(":")[0].rstrip(".")
