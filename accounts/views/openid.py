"""To the brand's own sign-in and back."""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import openid
from accounts.actions import link as link_it
from accounts.actions import opened_by
from accounts.actions import unlink as unlink_it
from accounts.http import CustomerRequest, PersonRequest, customer_only, safe_next, with_next
from accounts.models import OpenIdProvider
from accounts.openid import Answered, Refused, provider_of
from accounts.signing_in import let_in
from accounts.step_up import fresh_only
from brands.flash import flash

logger = logging.getLogger(__name__)
ACCOUNT = "accounts:account"


def _provider(request: PersonRequest | CustomerRequest) -> OpenIdProvider:
    found = provider_of(request.brand)
    if found is None:
        raise Http404
    return found


@require_POST
def sign_in(request: PersonRequest) -> HttpResponse:
    provider = _provider(request)
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    return _to_provider(request, provider, openid.SIGN_IN, safe_next(request))


@require_POST
@fresh_only(ACCOUNT)
@customer_only
def link(request: CustomerRequest) -> HttpResponse:
    return _to_provider(request, _provider(request), openid.LINK, reverse(ACCOUNT))


def _to_provider(request: PersonRequest | CustomerRequest, provider: OpenIdProvider, purpose: str, next_path: str) -> HttpResponse:
    try:
        return HttpResponseRedirect(openid.begin(request, provider, purpose=purpose, next_path=next_path))
    except Refused as refused:
        return _refused(request, refused)


def _refused(request: PersonRequest | CustomerRequest, refused: Refused) -> HttpResponse:
    logger.warning("an answer to “sign in with the brand” was refused: %s", refused)
    flash(request, "bad", _("That did not work."), _("Nothing was changed. Sign in with a code instead."))
    return redirect(ACCOUNT if request.customer else "accounts:sign_in")


@require_POST
@fresh_only(ACCOUNT)
@customer_only
def unlink(request: CustomerRequest) -> HttpResponse:
    provider = OpenIdProvider.objects.filter(brand=request.brand).first()  # also one that is offered no more
    if provider and unlink_it(request.customer, provider, keep_session=request.session.session_key):
        flash(request, "good", _("The link is gone. It no longer opens this page."))
    return redirect(ACCOUNT)


@never_cache
@require_safe
def callback(request: PersonRequest) -> HttpResponse:
    """What the provider sends the browser back with. Like every answer of this flow it comes by GET (Core 1.0, 3.1.2.5): state and nonce
    bind it to the press in this browser, and it is taken once."""
    try:
        found = openid.answered(request, request.brand)
    except Refused as refused:
        return _refused(request, refused)
    return _linked(request, found) if found.purpose == openid.LINK else _signed_in(request, found)


def _linked(request: PersonRequest, found: Answered) -> HttpResponse:
    if request.customer is None:  # signed out meanwhile
        return redirect("accounts:sign_in")
    try:
        link_it(request.customer, found.provider, found.sub)
    except ValidationError as error:
        flash(request, "bad", error.messages[0], _("Nothing was changed."))
    else:
        flash(request, "good", _("Linked. From now on it opens this page."))
    return redirect(ACCOUNT)


def _signed_in(request: PersonRequest, found: Answered) -> HttpResponse:
    customer = opened_by(found.provider, found.sub)
    if customer is None:
        text = _("Sign in with a code once, and link it in your account.")
        flash(request, "wait", _("This account is not linked to anybody here yet."), text)
        return redirect(with_next(reverse("accounts:sign_in"), found.next))
    assert customer.person is not None
    customer.brand = request.brand
    if not let_in(request, person=customer.person, customer=customer, how="openid"):
        return redirect("accounts:sign_in")
    return redirect(found.next)
