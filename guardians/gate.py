"""The age gate of sign-up, where a brand has customers who are children: one neutral question, asked once, and the same of everybody.

Below the age of consent of the country nobody joins alone; an adult is asked instead. No second try in the same browser for a day: a signed
cookie says so and holds nothing else. Nothing is measured or guessed about the browser.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import signing_in
from accounts.ages import age_at
from brands.http import BrandRequest
from brands.models import Brand
from consents.grounds import is_below
from regimes.resolver import Place

COOKIE = "__Host-age" if settings.HTTPS else "age"
SALT = "guardians.gate"


def step(request: BrandRequest) -> HttpResponse | None:
    """A step of SIGN_UP_STEPS: None lets pass."""
    if not request.brand.has_minors:
        return None
    if is_shut(request):
        return redirect("guardians:too_young")
    return None if signing_in.declared_birth_date(request) else redirect("guardians:gate")


def is_shut(request: BrandRequest) -> bool:
    said = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=int(settings.AGE_GATE_SHUT.total_seconds()))
    return bool(said == request.brand.key)


def shut(response: HttpResponse, brand: Brand) -> None:
    seconds = int(settings.AGE_GATE_SHUT.total_seconds())
    response.set_signed_cookie(COOKIE, brand.key, salt=SALT, max_age=seconds, secure=settings.HTTPS, httponly=True, samesite="Lax")


def joins_alone(brand: Brand, birth_date: date) -> bool:
    """At the age of consent of the brand's country, which is where somebody who has just come is taken to live."""
    now = timezone.now()
    return not is_below(Place(brand.country), age_at(birth_date, None, brand.country, now), now.date())
