"""Bodies as they come in: JSON and nothing else, of a bounded size, without anything that JSON does not know."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest, RawPostDataException
from ninja.parser import Parser
from ninja.types import DictStrAny

from propagation.api.problems import Problem

LARGEST = 4 * 1024 * 1024  # bytes: 10,000 checks are about half of it
JSON = "application/json"


class StrictJson(Parser):
    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """Raises Problem."""
        if request.content_type != JSON:
            raise Problem("media-type")
        try:
            found: Any = json.loads(body_of(request).decode(), object_pairs_hook=_no_name_twice, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise Problem("malformed") from None
        if not isinstance(found, dict):
            raise Problem("invalid", errors=[{"why": "an object is asked for"}])
        return found


def body_of(request: HttpRequest) -> bytes:
    """Bounded here and not by the forms' own limit, which is far lower."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > LARGEST:
            raise Problem("too-large")
        if not hasattr(request, "_body"):
            request._body = request.read(LARGEST + 1)
    except (ValueError, RawPostDataException):
        raise Problem("malformed") from None
    if len(request.body) > LARGEST:
        raise Problem("too-large")
    return request.body


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
