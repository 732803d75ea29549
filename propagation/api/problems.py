"""Errors as problem details (RFC 9457): a code, a sentence, and for lists which line and why. No value of the request is repeated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import Schema

MEDIA_TYPE = "application/problem+json"

CODES: dict[str, tuple[int, str]] = {
    "malformed": (400, "This is not JSON, or not UTF-8."),
    "no-key": (401, "A key is needed: Authorization: Bearer pck_…"),
    "bad-key": (401, "This key does not open anything here: unknown, expired, revoked, or of another brand."),
    "not-signed": (401, "The call is not signed by this endpoint, or too long ago."),
    "not-in-scope": (403, "This key may not do that."),
    "not-found": (404, "There is nothing here."),
    "unknown-person": (404, "Nobody here is called so."),
    "not-allowed": (405, "This address takes another method."),
    "conflict": (409, "This contradicts what is here."),
    "not-yet": (409, "The answer may not be given yet: this server has not come so far."),
    "too-large": (413, "The body is too large."),
    "media-type": (415, "The body has another media type than this address takes."),
    "invalid": (422, "The call does not have the form that is asked."),
    "unknown-purpose": (422, "There is no such purpose, or not on that channel."),
    "unknown-event": (422, "This brand has no such event, or it is one that the center sees itself."),
    "key-reused": (422, "This Idempotency-Key was used for another call."),
    "too-many": (429, "Too many calls. Reductions are taken all the same."),
    "broken": (500, "A fault of ours. Nobody is allowed anything by that."),
    "away": (503, "The database cannot be asked at the moment. Nobody is allowed anything by that."),
}


class ProblemError(Schema):
    line: int | None = None
    field: str | None = None
    why: str


class ProblemOut(Schema):
    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: list[ProblemError] | None = None


@dataclass
class Problem(Exception):
    """`errors`: {"line", "field", "why"} of each fault."""

    code: str
    detail: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def response(request: HttpRequest, problem: Problem) -> JsonResponse:
    status, title = CODES[problem.code]
    content: dict[str, Any] = {
        "type": f"{request.scheme}://{request.get_host()}/api/v1/problems/{problem.code}", "title": title, "status": status,
        "code": problem.code,
    }  # fmt: skip
    if problem.detail:
        content["detail"] = problem.detail
    if problem.errors:
        content["errors"] = problem.errors[:MOST_ERRORS]
    headers = {"WWW-Authenticate": 'Bearer realm="api"', **problem.headers} if status == 401 else problem.headers
    return JsonResponse(content, status=status, content_type=MEDIA_TYPE, headers=headers)


MOST_ERRORS = 100
EVERYWHERE = frozenset({400, 401, 403, 422, 429, 503})
