"""From a proof to a session. Sign-in and sign-up are one: who proves an address that is new here joins with it."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.module_loading import import_string

from accounts import actions
from accounts.browsers import browser_family
from accounts.middleware import SESSION_AT_DESK, SESSION_BRAND, at_desk_host
from accounts.models import Customer, Person
from brands.models import Brand

PROVEN = "proven_address"  # in the session, from the proof to the end of the sign-up steps


def remember_proof(request: HttpRequest, canonical: str, next_path: str, *, then: str = "") -> None:
    """`then`: the dotted path of what answers once they are in, in the place of `next_path`; it may come after the steps of sign-up."""
    brand: Brand = request.brand  # type: ignore[attr-defined]
    request.session[PROVEN] = {"canonical": canonical, "brand": brand.key, "next": next_path, "at": time.time(), "then": then}


def proven_address(request: HttpRequest) -> str:
    """The address proven in this session at this brand within CODE_VALID, or ""."""
    proof: dict[str, Any] = request.session.get(PROVEN) or {}
    fresh = proof.get("at", 0) > time.time() - settings.CODE_VALID.total_seconds()
    here = proof.get("brand") == request.brand.key  # type: ignore[attr-defined]
    return proof["canonical"] if fresh and here else ""


def forget_proof(request: HttpRequest) -> None:
    """The address that was proven is not to be joined with: nothing of it stays."""
    request.session.pop(PROVEN, None)


def declare_birth_date(request: HttpRequest, birth_date: date) -> None:
    """What a step of sign-up was told, until the customer is made of it."""
    request.session[PROVEN] = {**request.session[PROVEN], "born": birth_date.isoformat()}


def declared_birth_date(request: HttpRequest) -> date | None:
    born = request.session.get(PROVEN, {}).get("born", "") if proven_address(request) else ""
    return date.fromisoformat(born) if born else None


def finish(request: HttpRequest) -> HttpResponse:
    """Signs in whoever has proven an address; somebody new goes through SIGN_UP_STEPS first.

    A step is called with the request. It returns None to let pass, or a response of its own; its page ends by calling this again.
    Raises `actions.AddressRetired`. Without a proof it goes back to the sign-in.
    """
    brand: Brand = request.brand  # type: ignore[attr-defined]
    canonical = proven_address(request)
    if not canonical:
        return redirect("accounts:sign_in")
    customer = actions.customer_of(brand, canonical)
    staff = Person.objects.at_desk_of(brand).filter(email=canonical).first()
    if staff is None and at_desk_host(request):
        forget_proof(request)
        raise PermissionDenied  # nobody joins at the desk
    if (customer is None or customer.person_id is None) and staff is None:
        for path in settings.SIGN_UP_STEPS:
            response: HttpResponse | None = import_string(path)(request)
            if response is not None:
                return response
        language, born = request.LANGUAGE_CODE or brand.default_language, declared_birth_date(request)
        customer = actions.join(brand=brand, address=canonical, language=language, birth_date=born)
    proof = request.session.pop(PROVEN)
    person = customer.person if customer and customer.person else staff
    customer = customer if customer and customer.person else None
    if person is None or not let_in(request, person=person, customer=customer, how="code", proven=canonical):
        return redirect("accounts:sign_in")
    answer: HttpResponse = import_string(proof["then"])(request) if proof.get("then") else redirect(proof["next"])
    return answer


def let_in(
    request: HttpRequest, *, person: Person, customer: Customer | None, how: str, passkey: Authenticator | None = None, proven: str = ""
) -> bool:
    """Makes the session, by allauth, and binds it to the brand. False when the person may not sign in. `how`: code, passkey or openid;
    `proven`: the address that the code was mailed to."""
    person.at = brand = request.brand  # type: ignore[attr-defined]
    assert brand is not None
    if not person.is_active or (at_desk_host(request) and not person.is_staff):
        return False
    perform_login(request, Login(user=person, redirect_url="/"))
    if passkey is None:
        record_authentication(request, person, method=how)
    else:
        post_authentication(request, passkey, passwordless=True)
    request.session[SESSION_BRAND], request.session[SESSION_AT_DESK] = brand.key, at_desk_host(request)
    UserSession.objects.filter(session_key=request.session.session_key).update(data={"brand": brand.key})
    request.customer = customer  # type: ignore[attr-defined]
    if customer is not None:
        browser = browser_family(request.headers.get("User-Agent", ""))
        actions.signed_in(customer=customer, how=how, browser=browser, proven=proven)
    return True


def proved_again(request: HttpRequest, person: Person) -> None:
    """A step-up code was right: the session is fresh once more."""
    record_authentication(request, person, method="code", reauthenticated=True)
