from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from preference_center.headers import EVERYWHERE

GetResponse = Callable[[HttpRequest], HttpResponse]


def headers(get_response: GetResponse) -> GetResponse:
    """What every answer says to browsers, caches and search engines. What a view has set itself stays."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if "Cache-Control" not in response:
            # Every page may be personal: a shared cache that kept one would hand it to somebody else.
            response["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ("Cookie", "Sec-GPC"))
        elif "public" in response["Cache-Control"]:
            _same_for_everybody(response)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:  # signed in, as far as can be told without the database
            response.headers.setdefault("X-Robots-Tag", "noindex")
        return response

    return middleware


def _same_for_everybody(response: HttpResponse) -> None:
    """What a view made public depends on nobody: middleware that asks for cookie and language says otherwise of every answer."""
    others = [name for name in response.get("Vary", "").split(", ") if name and name not in {"Cookie", "Accept-Language"}]
    del response["Vary"], response["Content-Language"]
    if others:
        response["Vary"] = ", ".join(others)
