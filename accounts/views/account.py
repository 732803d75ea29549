from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import actions, factors
from accounts.browsers import in_words
from accounts.forms import CustomerNameForm, LanguageForm, PlaceForm
from accounts.http import CustomerRequest, PersonRequest, customer_only, safe_next, signed_in_only
from accounts.models import Person
from accounts.openid import leading_to, provider_of
from brands.flash import flash


@never_cache
@require_safe
@signed_in_only
def account(request: PersonRequest) -> HttpResponse:
    return _page(request)


def _page(request: PersonRequest | CustomerRequest, place: PlaceForm | None = None, name: CustomerNameForm | None = None) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    values: dict[str, Any] = {
        "passkeys": factors.made_here(person, request.brand, "webauthn"),
        "authenticator": factors.made_here(person, request.brand, "totp").first(),
    }
    if customer := request.customer:
        values |= {
            "contacts": customer.contacts.proven(),
            "language_form": LanguageForm(brand=request.brand, initial={"language": customer.language}),
            "name_form": name or CustomerNameForm(initial={"name": customer.name}),
            "place_form": place or PlaceForm(initial={"country": customer.country, "region": customer.region}),
            "sessions": [(session, in_words(session.user_agent)) for session in actions.open_sessions(customer)],
            "this_session": request.session.session_key,
        }
    provider = provider_of(request.brand) if customer else None
    if customer and provider:
        values |= {"openid": provider, "openid_linked": customer.openid_links.filter(provider=provider).first()}
    return leading_to(request, provider, render(request, "accounts/account.html", values, status=422 if place or name else 200))


@require_POST
def language(request: PersonRequest) -> HttpResponse:
    """For a customer it is kept with their account, for everybody else in a cookie. Comes back to the page it was chosen on."""
    form = LanguageForm(request.POST, brand=request.brand)
    response = redirect(safe_next(request))
    if form.is_valid():
        chosen = form.cleaned_data["language"]
        if request.customer:
            actions.choose_language(customer=request.customer, language=chosen)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=settings.LANGUAGE_COOKIE_AGE, secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY, samesite="Lax",
        )  # fmt: skip
        with translation.override(chosen):
            if request.customer:
                flash(request, "good", _("Saved. We write to you in this language."))
    return response


@require_POST
@customer_only
def name(request: CustomerRequest) -> HttpResponse:
    form = CustomerNameForm(request.POST)
    if form.is_valid():
        try:
            actions.change_name(customer=request.customer, name=form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error("name", error)
    if not form.is_valid():
        return _page(request, name=form)
    flash(request, "good", _("Saved. This is your name here from now on."))
    return redirect(reverse("accounts:account") + "#name")


@require_POST
@customer_only
def place(request: CustomerRequest) -> HttpResponse:
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    actions.choose_country(customer=request.customer, country=form.cleaned_data["country"], region=form.cleaned_data["region"])
    flash(request, "good", _("Saved. The law of this place protects you here from now on."))
    return redirect(reverse("accounts:account") + "#place")


@require_POST
@customer_only
def end_session(request: CustomerRequest, session: int) -> HttpResponse:
    if not actions.end_session(customer=request.customer, session=session):
        raise Http404
    flash(request, "good", _("That device is signed out."))
    return redirect(reverse("accounts:account") + "#sessions")


@require_POST
@customer_only
def sign_out_everywhere(request: CustomerRequest) -> HttpResponse:
    ended = actions.sign_out_everywhere(customer=request.customer, except_key=request.session.session_key)
    words = ngettext("%(count)d other device is signed out.", "%(count)d other devices are signed out.", ended) % {"count": ended}
    flash(request, "good", words if ended else _("No other device was signed in."))
    return redirect(reverse("accounts:account") + "#sessions")
