"""Passkeys speak JSON with `static/js/passkey.js`: POST to begin, POST to complete. GET never starts anything."""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import factors, second_factor, signing_in
from accounts.forms import PasskeyNameForm
from accounts.http import PersonRequest, safe_next, signed_in_only
from accounts.models import Customer, Person
from accounts.step_up import fresh_only, where_to_prove
from brands.flash import flash

ACCOUNT = "accounts:account"


def _refused(words: str) -> JsonResponse:
    return JsonResponse({"error": words}, status=400)


def _credential(request: PersonRequest) -> dict[str, Any]:
    """The browser's answer: a JSON object in the form field `credential`. Whatever else it is, it does not verify."""
    try:
        credential = json.loads(request.POST.get("credential", ""))
    except (ValueError, RecursionError):
        credential = None
    return credential if isinstance(credential, dict) else {}


@never_cache
@require_POST
def begin_sign_in(request: PersonRequest) -> JsonResponse:
    """Options without a list of passkeys: the browser knows which it has, and nobody learns who has any."""
    return JsonResponse(auth.begin_authentication(None))


@never_cache
@require_POST
def complete_sign_in(request: PersonRequest) -> JsonResponse:
    try:
        person, passkey = factors.person_of_passkey(_credential(request))
    except ValidationError:
        return _refused(_("That passkey doesn’t open this page. You can use a code instead."))
    customer = Customer.objects.at(request.brand).of_person(person).first()
    somebody_else = request.user.is_authenticated and request.user.pk != person.pk
    if somebody_else or (customer is None and not person.roles.at(request.brand).exists()):
        return _refused(_("That passkey doesn’t open this page. You can use a code instead."))
    if customer is not None:
        customer.brand = request.brand
    if not signing_in.let_in(request, person=person, customer=customer, how="passkey", passkey=passkey):
        return _refused(_("That passkey doesn’t open this page. You can use a code instead."))
    if person.works_somewhere:
        second_factor.mark_verified(request, person)
    return JsonResponse({"location": safe_next(request, "/" if customer else reverse(ACCOUNT))})


@never_cache
@require_POST
@signed_in_only
def begin_passkey(request: PersonRequest) -> HttpResponse:
    place = where_to_prove(request, reverse(ACCOUNT))
    if place:
        return JsonResponse({"location": place})
    person: Person = request.user  # type: ignore[assignment]
    return JsonResponse(factors.passkey_options(person, request.brand))


@never_cache
@require_POST
@signed_in_only
def add_passkey(request: PersonRequest) -> HttpResponse:
    place = where_to_prove(request, reverse(ACCOUNT))
    if place:
        return JsonResponse({"location": place})
    try:
        factors.add_passkey(**_who(request), name=request.POST.get("name", ""), credential=_credential(request))
    except ValidationError:
        return _refused(_("The passkey could not be saved. Nothing was changed."))
    flash(request, "good", _("Saved. Your passkey works from the next sign-in on."))
    return JsonResponse({"location": reverse(ACCOUNT)})


@require_POST
@signed_in_only
def rename_passkey(request: PersonRequest, passkey: int) -> HttpResponse:
    form = PasskeyNameForm(request.POST)
    if not form.is_valid():
        flash(request, "bad", _("Give the passkey a name."))
    elif not factors.rename_passkey(**_who(request), passkey=passkey, name=form.cleaned_data["name"]):
        raise Http404
    return redirect(reverse(ACCOUNT) + "#passkeys")


@require_POST
@fresh_only(ACCOUNT)
def remove_passkey(request: PersonRequest, passkey: int) -> HttpResponse:
    if not factors.remove_passkey(**_who(request), passkey=passkey, keep_session=request.session.session_key):
        raise Http404
    flash(request, "good", _("The passkey is removed. Every other device is signed out."))
    return redirect(reverse(ACCOUNT) + "#passkeys")


def _who(request: PersonRequest) -> dict[str, Any]:
    return {"person": request.user, "customer": request.customer, "brand": request.brand}
