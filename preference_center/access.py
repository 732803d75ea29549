"""Around every request: its number, its line in the log, its place in the figures. Of a path only the name of the route is told: the path
itself may hold a token."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram

from preference_center.logs import request_id

logger = logging.getLogger("access")

GetResponse = Callable[[HttpRequest], HttpResponse]

GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# Several processes answer, and a scrape reaches one of them. The library can add them up through files in a folder that all of them
# share; without such a folder there is nothing to count in that would be true, so nothing is counted.
SECONDS = (
    Histogram(
        "center_request_seconds",
        "How long requests took, by method, route and class of the status. `_count` is how many there were.",
        ["method", "route", "status"],
        registry=None,
        buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    )
    if settings.PROMETHEUS_MULTIPROC_DIR
    else None
)


def access(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        number = _given(request) or secrets.token_hex(8)
        request.log_number = number  # type: ignore[attr-defined]
        before, began = request_id.set(number), time.perf_counter()
        try:
            response = get_response(request)
            _tell(request, response.status_code, time.perf_counter() - began)
        finally:
            request_id.reset(before)
        response["X-Request-Id"] = number
        return response

    return middleware


def _given(request: HttpRequest) -> str:
    """By a proxy of ours: then its log and this one name the request alike."""
    given = request.headers.get("X-Request-Id", "") if settings.TRUSTED_PROXY_COUNT else ""
    return given if GIVEN.fullmatch(given) else ""


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    method, route = request.method if request.method in METHODS else "other", route_of(request)
    brand = getattr(request, "brand", None)
    fields = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1), "brand": brand.key if brand else ""}
    logger.info("%(method)s %(route)s %(status)d %(ms).1f ms %(brand)s", fields, extra={"fields": fields})
    if SECONDS is not None:
        SECONDS.labels(method, route, f"{status // 100}xx").observe(seconds)


def route_of(request: HttpRequest) -> str:
    """One of as many as the URLs have names."""
    match = request.resolver_match
    if match is not None:
        return match.view_name if match.url_name else "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"
