"""Who is asking, at which brand, in which language."""

from __future__ import annotations

from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.models import Customer, Person
from brands.models import Brand

GetResponse = Callable[[HttpRequest], HttpResponse]
SESSION_BRAND, SESSION_AT_DESK = "brand", "at_desk_host"


def at_desk_host(request: HttpRequest) -> bool:
    """Whether it came to the host that a brand gives its desk alone."""
    return bool(getattr(request, "at_desk_host", False))


def brand_session(get_response: GetResponse) -> GetResponse:
    """A session made at one brand counts as none at another's host, and one of the center as none at the host of the desk alone."""

    def user_here(request: HttpRequest) -> Person | AnonymousUser:
        brand = request.brand  # type: ignore[attr-defined]
        here = brand is not None and request.session.get(SESSION_BRAND) == brand.key
        here = here and request.session.get(SESSION_AT_DESK, False) == at_desk_host(request)
        user: Person | AnonymousUser = get_user(request) if here else AnonymousUser()
        if isinstance(user, Person):
            user.at = brand
        return user

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: user_here(request))  # type: ignore[assignment]
        request.auser = sync_to_async(lambda: user_here(request))  # or it would not know of brands
        return get_response(request)

    return middleware


def customer(get_response: GetResponse) -> GetResponse:
    """Sets `request.customer`, a Customer or None: one query when somebody is signed in, none otherwise. Never makes one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.customer = customer_here(request)  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def customer_here(request: HttpRequest) -> Customer | None:
    brand: Brand | None = request.brand  # type: ignore[attr-defined]
    if brand is None or at_desk_host(request) or not request.user.is_authenticated:
        return None  # nobody is a customer where the desk alone answers
    found = Customer.objects.at(brand).of_person(request.user).first()
    if found is not None:
        found.brand, found.person = brand, request.user
    return found


def language(get_response: GetResponse) -> GetResponse:
    """The customer's language, else the cookie's, else the browser's first that the brand speaks, else the brand's first."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = language_of(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return middleware


def language_of(request: HttpRequest) -> str:
    brand: Brand | None = request.brand  # type: ignore[attr-defined]
    if brand is None:
        return settings.LANGUAGE_CODE
    customer: Customer | None = request.customer  # type: ignore[attr-defined]
    wishes = [customer.language if customer else "", request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    wishes += [code for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    spoken = {code.lower(): code for code in brand.languages}
    for wish in (wish.lower() for wish in wishes if wish):
        found: str | None = spoken.get(wish) or spoken.get(wish.partition("-")[0])
        if found:
            return found
    return str(brand.default_language)
