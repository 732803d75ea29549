"""Where a brand gives its desk a host of its own: nothing of the center answers there, and the desk answers nowhere else. What gets hold
of a customer's page (its cookies, its scripts, its address in a filter) is then no step nearer to the desk: a session is of the host where
it was made. The API and /metrics, which ask for a key of their own and know no session, answer at any host.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port
from django.urls import Resolver404, resolve, reverse

from brands.models import Brand


class HostRequest(HttpRequest):
    """`brand` comes from brands.middleware.brand, which stands before; `at_desk_host` is set here."""

    brand: Brand | None
    at_desk_host: bool


GetResponse = Callable[[HostRequest], HttpResponse]
# Signing in and what belongs to it, the brand's look, and whether all is well.
ALSO_THERE = frozenset({"accounts", "brands", "admin", "healthz"})
# Of accounts, what no colleague has; and the brand's own sign-in, which leads back to the center.
OF_CUSTOMERS = frozenset({
    "address", "address_code", "put_back", "place", "name", "openid_sign_in", "openid_callback", "openid_link", "openid_unlink",
})  # fmt: skip


def desk_host(get_response: GetResponse) -> GetResponse:
    """Sets `request.at_desk_host`."""

    def middleware(request: HostRequest) -> HttpResponse:
        brand = request.brand
        request.at_desk_host = at = brand is not None and brand.desk_host != "" and _host_of(request) == brand.desk_host
        if at and request.path == "/":
            return HttpResponseRedirect(reverse("desk:index"))
        if brand is not None and brand.desk_host and not _answers(request.path, at=at):
            raise Http404
        return get_response(request)

    return middleware


def _host_of(request: HttpRequest) -> str:
    return split_domain_port(request.get_host())[0].lower().rstrip(".")


def _answers(path: str, *, at: bool) -> bool:
    """At the desk's host, the desk and what it takes to come in; at the center's, everything else. What nobody knows answers for itself."""
    try:
        found = resolve(path)
    except Resolver404:
        return True
    if not at:
        return found.app_name != "admin"
    return (found.app_name or found.url_name) in ALSO_THERE and found.url_name not in OF_CUSTOMERS
