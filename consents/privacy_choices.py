"""Opting out without an account: a signed cookie in this browser and a count, nothing else. On sign-in it becomes an entry."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents import actions
from consents.models import SignedOutOptOut
from consents.saying import Said
from consents.states import How, Scope, Where
from ledger.models import Entry

COOKIE = "__Host-privacy" if settings.HTTPS else "privacy"
KEPT = timedelta(days=395)  # thirteen months
SALT = "consents.privacy_choices"


def opted_out_here(request: HttpRequest) -> dict[Scope, datetime]:
    """What this browser has opted out of at this brand, and since when. A cookie that is not ours counts as none."""
    brand: Brand = request.brand  # type: ignore[attr-defined]
    try:
        content = signing.loads(request.COOKIES.get(COOKIE, ""), salt=f"{SALT}.{brand.key}", max_age=KEPT)
        return {Scope(name): datetime.fromisoformat(since) for name, since in content.items()}
    except (signing.BadSignature, ValueError, AttributeError):
        return {}


def opt_out_here(request: HttpRequest, response: HttpResponse, scope: Scope) -> None:
    """Adds the scope to this browser's cookie; counts it once."""
    brand: Brand = request.brand  # type: ignore[attr-defined]
    standing = opted_out_here(request)
    if scope not in standing:
        standing[scope] = timezone.now()
        SignedOutOptOut.count_one(brand, scope.value, timezone.localdate())
    content = {each.value: since.isoformat(timespec="seconds") for each, since in standing.items()}
    response.set_cookie(
        COOKIE, signing.dumps(content, salt=f"{SALT}.{brand.key}"), max_age=KEPT, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )


def merge(request: HttpRequest, customer: Customer) -> list[Entry]:
    """The opt-outs of this browser become the customer's own words. They win over what the account allowed before."""
    entries = [opt_out(customer, scope, customer.language) for scope in opted_out_here(request)]
    return [entry for entry in entries if entry is not None]


def opt_out(customer: Customer, scope: Scope, language: str) -> Entry | None:
    """A signed-in customer's press on the page of privacy choices. None: it stands so already."""
    said = Said(
        f"self:{customer.subject}", customer.subject, How.BUTTON, Where.PRIVACY_CHOICES, "IV0", language
    )  # no assurance is asked, also where there is some
    return actions.stop(customer, scope, said)
