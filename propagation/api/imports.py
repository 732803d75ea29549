"""Imports: a file of any size, looked at first; then carried out; what became of each line."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from ninja import Query, Router
from pydantic import Field

from propagation.api.answers import NDJSON, ndjson
from propagation.api.keys import Bearer, Caller, used
from propagation.api.people import Strict
from propagation.api.problems import Problem
from propagation.importing.mapping import Setting
from propagation.importing.presets import NoPreset
from propagation.importing.running import NotThere, carry_out, receive
from propagation.models import Import, ImportLine
from propagation.verbs import EVERY_PURPOSE

router = Router()
VERB = "imports:write"
PIECE = 64 * 1024
TABLE = "text/csv"


class ImportQuery(Strict):
    preset: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")] = "plain"
    dry_run: bool = True
    purpose: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,60}$")] = ""
    status: Annotated[str, Field(pattern=r"^[a-z_]{0,20}$")] = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2}(-[A-Z]{2})?)?$")] = ""


class ImportOut(Strict):
    """`counts`: lines by what became of them: applied, stands, superseded, unproven, refused, suppressed, open."""

    id: uuid.UUID
    state: Literal["waiting", "running", "dry", "done", "failed"]
    dry: bool
    lines: int
    counts: dict[str, int]
    error: str | None
    status: str


class ReportLine(Strict):
    line: int
    outcome: str
    why: str


FILE = {"requestBody": {"required": True, "content": {kind: {"schema": {"type": "string"}} for kind in (TABLE, NDJSON)}}}


@router.post("/imports", response={202: ImportOut}, auth=Bearer(VERB), summary="Choices from an earlier system", openapi_extra=FILE)
def begin(request: HttpRequest, query: Query[ImportQuery]) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    caller.must_cover(query.purpose or EVERY_PURPOSE)
    if request.content_type not in {TABLE, NDJSON}:
        raise Problem("media-type")
    setting = Setting(query.purpose, query.language, query.status)
    try:
        run = receive(
            caller.brand, _pieces(request), preset_key=query.preset, setting=setting, dry=query.dry_run, by=caller.actor,
            api_key=caller.key_id,
        )  # fmt: skip
    except NoPreset as fault:
        raise Problem("invalid", errors=[{"field": "preset", "why": str(fault)}]) from None
    used(caller, VERB, 0)
    return JsonResponse(_shown(request, run), status=202)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(PIECE):
        yield piece


@router.get("/imports/{number}", response=ImportOut, auth=Bearer(VERB), summary="How far an import has come")
def status(request: HttpRequest, number: uuid.UUID) -> JsonResponse:
    return JsonResponse(_shown(request, _find(request, number)))


@router.get("/imports/{number}/report", auth=Bearer(VERB), summary="What became of each line", openapi_extra=ndjson(ReportLine))
def report(request: HttpRequest, number: uuid.UUID) -> StreamingHttpResponse:
    return StreamingHttpResponse(_report(_find(request, number)), content_type=NDJSON)


@router.post("/imports/{number}/apply", response=ImportOut, auth=Bearer(VERB), summary="Carries out what was looked at")
def carry_it_out(request: HttpRequest, number: uuid.UUID) -> JsonResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    try:
        return JsonResponse(_shown(request, carry_out(_find(request, number), by=caller.actor)))
    except NotThere as fault:
        raise Problem("conflict", str(fault)) from None


def _find(request: HttpRequest, number: uuid.UUID) -> Import:
    """Of the caller's brand, and begun by a key of the same partner."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    run = Import.objects.filter(brand=caller.brand, number=number, api_key__partner=caller.partner_id).first()
    if run is None:
        raise Problem("not-found")
    caller.must_cover(run.settings["purpose"] or EVERY_PURPOSE)
    run.brand = caller.brand
    return run


def _shown(request: HttpRequest, run: Import) -> dict[str, Any]:
    return {
        "id": str(run.number), "state": run.state, "dry": run.dry, "lines": run.done, "counts": run.counts, "error": run.error or None,
        "status": f"{request.scheme}://{request.get_host()}/api/v1/imports/{run.number}",
    }  # fmt: skip


def _report(run: Import) -> Iterator[bytes]:
    lines = ImportLine.objects.filter(run=run).order_by("line", "pk").values_list("line", "outcome", "why")
    for line, outcome, why in lines.iterator(5000):
        yield json.dumps({"line": line, "outcome": outcome, "why": why}).encode() + b"\n"
