from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.template.loader import render_to_string

from brands.models import Brand

GetResponse = Callable[[HttpRequest], HttpResponse]

NO_QUERY = ("/healthz/", "/metrics", "/api/")  # must answer while the database does not; the API's brand is that of the key
NO_BRAND_NEEDED = ("/.well-known/",)


def brand(get_response: GetResponse) -> GetResponse:
    """Sets `request.brand`, the brand of the host: one query. An unknown host gets a page that knows nothing of anybody.

    `request.brand` is None only under NO_QUERY, and under NO_BRAND_NEEDED at an unknown host.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        found = None if request.path.startswith((*NO_QUERY, settings.STATIC_URL)) else _brand_of(request)
        request.brand = found  # type: ignore[attr-defined]
        if found is None and not request.path.startswith((*NO_QUERY, *NO_BRAND_NEEDED, settings.STATIC_URL)):
            return HttpResponse(render_to_string("errors/no_brand.html"), status=404)
        return get_response(request)

    return middleware


def _brand_of(request: HttpRequest) -> Brand | None:
    host = split_domain_port(request.get_host())[0]
    found: Brand | None = Brand.objects.at_host(host)
    if found is None and settings.DEBUG:
        found = Brand.objects.first_made()  # 127.0.0.1 and localhost on a developer's machine
    return found
