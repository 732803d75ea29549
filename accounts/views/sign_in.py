"""Sign-in by mailed code: ask, enter, be in. The answer never depends on whether an address is known."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import codes, mailed, signing_in
from accounts.actions import AddressRetired
from accounts.codes import Answer, Outcome
from accounts.forms import AddressForm, CodeForm
from accounts.http import PersonRequest, safe_next, with_next
from accounts.middleware import at_desk_host
from accounts.models import Challenge
from accounts.openid import leading_to, provider_of

SIGN_IN = Challenge.Purpose.SIGN_IN


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: PersonRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_onward(request))
    if request.method != "POST":
        return _sign_in_page(request, AddressForm(brand=request.brand))
    form = AddressForm(request.POST, brand=request.brand)
    if not form.is_valid():
        return _sign_in_page(request, form)
    return _ask(request, form.cleaned_data["email"], str(form.data["email"]).strip())


def _onward(request: PersonRequest) -> str:
    return safe_next(request, "/" if request.customer else reverse("accounts:second_factor"))


def _ask(request: PersonRequest, canonical: str, address: str) -> HttpResponse:
    then = with_next(reverse("accounts:sign_in_code"), safe_next(request))
    return mailed.ask(request, purpose=SIGN_IN, canonical=canonical, address=address, then=then)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: PersonRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_onward(request))
    challenge = codes.asked(codes.browser_of(request), request.brand, SIGN_IN)
    if challenge is None:
        return redirect(with_next(reverse("accounts:sign_in"), safe_next(request)))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _page(request, "accounts/sign_in_code.html", form, address=challenge.address, minutes=codes.minutes_valid())
    answer = codes.prove(browser=challenge.browser, brand=request.brand, purpose=SIGN_IN, code=form.cleaned_data["code"])
    if answer.outcome is not Outcome.PROVEN:
        form.add_error("code", words_for(answer))
        return _page(request, "accounts/sign_in_code.html", form, address=challenge.address, minutes=codes.minutes_valid())
    return _in(request, answer)


def _in(request: PersonRequest, answer: Answer) -> HttpResponse:
    signing_in.remember_proof(request, answer.canonical, safe_next(request))
    try:
        return signing_in.finish(request)
    except AddressRetired:
        form = AddressForm({"email": answer.address}, brand=request.brand)
        form.add_error("email", _("This address no longer signs in here. Use your newer one."))
        return _sign_in_page(request, form)


def words_for(answer: Answer) -> str:
    """One sentence for the person. The tries that are left are told once two have gone wrong."""
    if answer.outcome is Outcome.EXPIRED:
        minutes = codes.minutes_valid()
        sentence = ngettext("That code is older than %(minutes)d minute.", "That code is older than %(minutes)d minutes.", minutes)
        return f"{sentence % {'minutes': minutes}} " + _("Send a new one.")
    if answer.outcome is Outcome.TOO_MANY:
        return _("That was one try too many for this code. Send a new one.")
    if answer.outcome is Outcome.TOO_MANY_TODAY:
        return _("Too many wrong codes in this browser today. Try again tomorrow, or use a passkey.")
    if answer.outcome is Outcome.NOT_ASKED:
        return _("That code has been used. Send a new one.")
    sentence = _("That code doesn’t match. Check the six digits and try again.")
    if answer.left > 2:
        return sentence
    return f"{sentence} " + ngettext("You have %(left)d try left.", "You have %(left)d tries left.", answer.left) % {"left": answer.left}


@require_POST
def send_again(request: PersonRequest) -> HttpResponse:
    """A new code to the same address. The tries of the day and the mails of the address go on counting."""
    challenge = codes.asked(codes.browser_of(request), request.brand, SIGN_IN)
    if request.user.is_authenticated or challenge is None:
        return redirect(with_next(reverse("accounts:sign_in"), safe_next(request)))
    return _ask(request, challenge.canonical, challenge.address)


@require_POST
def sign_out(request: PersonRequest) -> HttpResponse:
    logout(request)
    response = redirect("accounts:sign_in")
    response["Clear-Site-Data"] = '"cache"'  # the Back button shows nobody's choices
    return response


def _sign_in_page(request: PersonRequest, form: AddressForm) -> HttpResponse:
    provider = None if at_desk_host(request) else provider_of(request.brand)  # it leads back to the center
    return leading_to(request, provider, _page(request, "accounts/sign_in.html", form, openid=provider))


def _page(request: PersonRequest, template: str, form: Any, **values: Any) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, "next": safe_next(request), **values}, status=status)
