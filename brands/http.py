from __future__ import annotations

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirectBase

from brands.models import Brand


class BrandRequest(HttpRequest):
    """A request to a brand's host: what every view behind `brands.middleware.brand` gets."""

    brand: Brand


class SeeOther(HttpResponseRedirectBase):
    """303: what was posted is done, here is the page about it. A reload repeats the page, not the act."""

    status_code = 303


def mail_page(request: HttpRequest, html: str) -> HttpResponseBase:
    """A mail's own HTML on a page of its own: its styles stand inside it, as mail programs want them. No script runs there."""

    @csp_replace({"style-src": ["'unsafe-inline'"], "script-src": ["'none'"]})
    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse(html)

    return bare(request)
