"""Addresses that programs look for, at every brand's host."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from brands.models import Brand
from ledger.keys import key_set

app_name = "well_known"


@require_safe
def consent_keys(request: HttpRequest) -> HttpResponse:
    """The public keys that receipts and seals verify with, old ones included: a JWK set (RFC 7517, RFC 8037)."""
    response = JsonResponse(key_set().as_jwks(), content_type="application/jwk-set+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116). Expires a year from now, to the day, so that it never stands forgotten."""
    brand: Brand | None = getattr(request, "brand", None)
    if brand is None:  # under /.well-known/ a host of no brand comes this far
        raise Http404
    expires = (timezone.now() + timedelta(days=365)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{brand.privacy_officer_email}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(brand.languages)}",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def gpc(request: HttpRequest) -> HttpResponse:
    """That this site honours Global Privacy Control (w3c/gpc): only where the brand has declared it, with the date of that."""
    brand: Brand | None = getattr(request, "brand", None)
    if brand is None or brand.gpc_since is None:
        raise Http404
    return JsonResponse({"gpc": True, "lastUpdate": brand.gpc_since.isoformat()})


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers send people (W3C). There is no password here; how one signs in is on the account page."""
    return redirect(reverse("accounts:account"))


urlpatterns = [
    path("consent-keys.json", consent_keys, name="consent_keys"),
    path("gpc.json", gpc, name="gpc"),
    path("security.txt", security_txt, name="security_txt"),
    path("change-password", change_password, name="change_password"),
]
