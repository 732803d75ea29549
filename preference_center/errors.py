"""What a person sees when something is not there, not allowed, too large, too old or broken.

404, 403 and 400 wear the brand's frame when there is a brand and the frame can be drawn. 500 and 503 need nothing: no database,
no session, no row of a brand; if this process has met the brand, its name, look and officer's address come from memory.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.http import page_before
from accounts.second_factor import desk_allowed
from brands.dress import remembered

log = logging.getLogger(__name__)

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A host that is none of ours ends here as well: the frame is left away, since there is no brand."""
    return _page(request, "413", 413) if isinstance(exception, TOO_LARGE) else _page(request, "400", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """At the desk to a colleague: their role does not include the page."""
    return _page(request, "403_desk" if _is_of_a_colleague(request) else "403", 403)


def _is_of_a_colleague(request: HttpRequest) -> bool:
    found = getattr(request, "resolver_match", None)
    return found is not None and found.app_name == "admin" and hasattr(request, "user") and desk_allowed(request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "404", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The database away is 503: it will be back, and a browser may say so."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    response = HttpResponse(_static(request, "503" if away else "500"), status=503 if away else 500)
    if away:
        response["Retry-After"] = "60"
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """While a backup is being restored (preference_center/backups/gate.py)."""
    return HttpResponse(_static(request, "503"), status=503, headers={"Retry-After": "60"})


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose proof of origin does not hold: the page was old, or somebody else's page sent it. Nothing was done."""
    return _page(request, "stale_form", 403, back=page_before(request))


def _page(request: HttpRequest, name: str, status: int, **context: Any) -> HttpResponse:
    if getattr(request, "brand", None) is None or not hasattr(request, "user"):
        return HttpResponse(_static(request, name, **context), status=status)
    try:
        return render(request, f"errors/{name}.html", context, status=status)
    except (TemplateDoesNotExist, TemplateSyntaxError):
        raise
    except Exception:
        # The frame asks the database for the person and the brand: if that is what broke, the plain page still says what is so.
        log.exception("the frame of error page %s could not be drawn", name)
        return HttpResponse(_static(request, name, **context), status=status)


def _static(request: HttpRequest, name: str, **context: Any) -> str:
    brand = getattr(request, "brand", None)
    dress = remembered(brand) if brand is not None else None
    values = {"plain": True, "brand": brand, "dress": dress, "now": timezone.now(), **context}
    return render_to_string(f"errors/{name}.html", values)
