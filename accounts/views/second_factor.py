"""The authenticator app, its recovery codes, and the door of the desk; and the proof that a change of sign-in asks for."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import codes, factors, mailed
from accounts import second_factor as door
from accounts.adapters import picture_of
from accounts.codes import Answer, Outcome
from accounts.forms import AppCodeForm, CodeForm, TokenForm
from accounts.http import PersonRequest, safe_next, signed_in_only, with_next
from accounts.models import Challenge, Contact, Person
from accounts.signing_in import proved_again
from accounts.step_up import fresh_only
from accounts.views.sign_in import words_for
from brands.flash import flash

STEP_UP = Challenge.Purpose.STEP_UP
AUTHENTICATOR = "accounts:authenticator"


def _person(request: PersonRequest) -> Person:
    return request.user  # type: ignore[return-value]


# ── The door of the desk ────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
def second_factor(request: PersonRequest) -> HttpResponse:
    """The door of the desk, and the second of two factors for a customer who set up an app here. Staff without one are sent to make one."""
    person = _person(request)
    if not person.works_somewhere and not door.has_app(person, request.brand):
        raise Http404
    if not door.has_factor(person):
        if person.works_somewhere and door.has_shown_one(person):
            return render(request, "accounts/no_factor_left.html", {"for_desk": person.is_staff}, status=403)
        return redirect(with_next(reverse(AUTHENTICATOR), safe_next(request)))
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if door.show_token(request, form.cleaned_data["token"]):
            return redirect(safe_next(request, reverse("accounts:account")))
        form.add_error("token", _refusal(person))
    status = 422 if form.is_bound else 200
    no_app = not Authenticator.objects.filter(user=person, type="totp").exists()
    values = {"form": form, "next": safe_next(request), "for_desk": person.is_staff, "no_app": no_app}
    return render(request, "accounts/second_factor.html", values, status=status)


def _refusal(person: Person) -> str:
    wait = door.seconds_to_wait(person)
    sentence = _("That code doesn’t match, or has been used.")
    return f"{sentence} " + ngettext("Wait %(wait)d second, then try again.", "Wait %(wait)d seconds, then try again.", wait) % {
        "wait": wait
    }


# ── The authenticator app ───────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_only(AUTHENTICATOR)
def authenticator(request: PersonRequest) -> HttpResponse:
    person = _person(request)
    if Authenticator.objects.filter(user=person, type="totp").exists():
        here = factors.made_here(person, request.brand, "totp").exists()
        return render(request, "accounts/authenticator.html", {"has_one": True, "here": here})
    secret = totp.get_totp_secret()
    form = AppCodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if totp.validate_totp_code(secret, form.cleaned_data["code"]):
            return _activate(request, secret, form.cleaned_data["code"])
        form.add_error("code", _("That code doesn’t match. Check the time on your phone and try the next one."))
    values = {"form": form, "secret": _in_fours(secret), "qr": picture_of(get_adapter().build_totp_url(person, secret))}
    return render(request, "accounts/authenticator.html", values, status=422 if form.is_bound else 200)


def _activate(request: PersonRequest, secret: str, code: str) -> HttpResponse:
    recovery = factors.add_authenticator(**_who(request), secret=secret)
    totp.clear_totp_secret(request)
    door.show_token(request, code)  # spends the number, and the session has now seen the authenticator
    return _codes(request, recovery)


def _codes(request: PersonRequest, recovery: list[str]) -> HttpResponse:
    """Shown once, in the answer itself: they are stored nowhere that a page could show them from again."""
    return render(
        request, "accounts/recovery_codes.html", {"codes": [_in_fours(code) for code in recovery], "next": safe_next(request, "")}
    )


@never_cache
@require_POST
@fresh_only(AUTHENTICATOR)
def recovery_codes(request: PersonRequest) -> HttpResponse:
    if not factors.made_here(_person(request), request.brand, "totp").exists():
        raise Http404
    return _codes(request, factors.make_recovery_codes(**_who(request)))


@require_POST
@fresh_only(AUTHENTICATOR)
def remove_authenticator(request: PersonRequest) -> HttpResponse:
    if not factors.remove_authenticator(**_who(request), keep_session=request.session.session_key):
        raise Http404
    flash(request, "good", _("The authenticator app is removed. Every other device is signed out."))
    return redirect("accounts:account")


def _in_fours(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _who(request: PersonRequest) -> dict[str, Any]:
    return {"person": request.user, "customer": request.customer, "brand": request.brand}


# ── Proving it again, before a change of how one signs in ───────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
def confirm(request: PersonRequest) -> HttpResponse:
    """A code to the address we know, for this purpose alone: a sign-in code does not open this, nor this one the sign-in."""
    challenge = codes.asked(codes.browser_of(request), request.brand, STEP_UP)
    if request.method == "POST" and "code" not in request.POST:
        return _send(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if challenge is not None and form.is_bound and form.is_valid():
        answer = codes.prove(browser=challenge.browser, brand=request.brand, purpose=STEP_UP, code=form.cleaned_data["code"])
        if answer.outcome is Outcome.PROVEN and answer.canonical == _address(request):
            proved_again(request, _person(request))
            return redirect(safe_next(request, reverse("accounts:account")))
        if answer.outcome is Outcome.PROVEN:  # for an address that has been changed since
            answer = Answer(Outcome.NOT_ASKED)
        form.add_error("code", words_for(answer))
    values = {"form": form, "asked": challenge is not None, "address": _address(request), "next": safe_next(request)}
    return render(request, "accounts/confirm.html", values | {"minutes": codes.minutes_valid()}, status=422 if form.is_bound else 200)


def _address(request: PersonRequest) -> str:
    customer = request.customer
    contact = customer.contacts.proven().filter(channel=Contact.Channel.EMAIL).first() if customer else None
    return str(contact.canonical if contact else _person(request).email)


def _send(request: PersonRequest) -> HttpResponse:
    address, then = _address(request), with_next(reverse("accounts:confirm"), safe_next(request))
    return mailed.ask(request, purpose=STEP_UP, canonical=address, address=address, then=then)
