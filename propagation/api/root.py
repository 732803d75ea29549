from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from propagation.api import audiences, choices, decisions, imports, profiles, records, told
from propagation.api.parsing import StrictJson
from propagation.api.problems import Problem, ProblemOut, response

logger = logging.getLogger(__name__)


class Api(NinjaAPI):
    """What is no operation is a problem as well: another method of an address, an address that there is not."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        urls = super()._get_urls()
        for pattern in urls:
            if isinstance(pattern, URLPattern):
                pattern.callback = _or_not_allowed(pattern.callback)
        return [*urls[:-1], path("", _nothing, name="api-root"), path("<path:rest>", _nothing)]


def _or_not_allowed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view, assigned=())
    def wrapper(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        is_head = request.method == "HEAD"
        request.method = "GET" if is_head else request.method  # whoever answers GET answers HEAD, without the content (RFC 9110 9.3.2)
        answer = view(request, *args, **values)
        if is_head:
            request.method = "HEAD"
            if isinstance(answer, StreamingHttpResponse):
                answer.streaming_content = ()  # nobody is read for it
        return _not_allowed(request, answer) if isinstance(answer, HttpResponseNotAllowed) else answer

    return wrapper


def _not_allowed(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    return response(request, Problem("not-allowed", headers={"Allow": ", ".join(sorted(answer["Allow"].split(", ")))}))


@csrf_exempt
def _nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    return response(request, Problem("not-found"))


api = Api(
    title="Preference center",
    version="1",
    description="Whether a person may be written to, profiled or passed on; what they changed; and the proof of it.",
    docs_url=None,  # its page would load scripts of somebody else's
    urls_namespace="api",
    parser=StrictJson(),
)
for each in (decisions.router, audiences.router, choices.router, records.router, imports.router, told.router, profiles.router):
    api.add_router("", each)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return response(request, problem)


@api.exception_handler(HttpError)
def _unread(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja wraps what its parser raises."""
    return response(request, error.__cause__ if isinstance(error.__cause__, Problem) else Problem("malformed"))


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return response(request, Problem("too-large"))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Where it is wrong and why, in a checker's words, and never what was sent."""
    return response(request, Problem("invalid", errors=[_fault(each) for each in error.errors]))


def _fault(error: dict[str, Any]) -> dict[str, Any]:
    loc = (part for part in error.get("loc", ()) if part not in {"body", "query", "path", "asked"})
    path = [part if isinstance(part, int) or NAME.fullmatch(part) else "?" for part in loc]  # what somebody else named may be an address
    fault: dict[str, Any] = {"field": ".".join(str(part) for part in path), "why": str(error.get("msg", "")).removeprefix("Value error, ")}
    if len(path) > 1 and path[0] == "checks" and isinstance(path[1], int):
        fault["line"] = path[1] + 1
    return fault


NAME = re.compile(r"[a-z_]{1,30}")


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return response(request, Problem("not-found"))


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    return response(request, Problem("away", headers={"Retry-After": "5"}))


@api.exception_handler(Exception)
def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours. Whatever was asked, nobody is allowed anything by it."""
    logger.exception("a call of the API failed")
    return response(request, Problem("broken"))


def with_problems(openapi: dict[str, Any]) -> dict[str, Any]:
    """Every operation may answer with a problem: said once for all, as they all say it alike."""
    shape = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = shape.pop("$defs", {})
    openapi["components"].setdefault("schemas", {}).update({"Problem": shape, **definitions})
    answer = {
        "description": "A problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in openapi["paths"].values():
        for operation in operations.values():
            operation["responses"].update({str(status): answer for status in PROBLEMS})
    return openapi


PROBLEMS = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503)
