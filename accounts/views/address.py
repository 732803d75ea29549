"""Another address: asked for by somebody who has just proven themselves, proven by a code to the new one, told to the old one."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import codes, mailed
from accounts.actions import can_be_put_back, change_contact, put_back
from accounts.codes import Outcome
from accounts.forms import AddressForm, CodeForm
from accounts.http import CustomerRequest, PersonRequest, customer_only
from accounts.models import Challenge
from accounts.put_back_links import of_link
from accounts.step_up import fresh_only
from accounts.views.sign_in import words_for
from brands.flash import flash
from brands.http import SeeOther

ADDRESS = Challenge.Purpose.ADDRESS
PAGES = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(PAGES)
@fresh_only("accounts:address")
@customer_only
def address(request: CustomerRequest) -> HttpResponse:
    form = AddressForm(request.POST if request.method == "POST" else None, brand=request.brand)
    form.fields["email"].help_text = _("We mail it a code. The address before is told, and can take it back for some days.")
    if form.is_bound and form.is_valid():
        typed = str(form.data["email"]).strip()
        return mailed.ask(
            request, purpose=ADDRESS, canonical=form.cleaned_data["email"], address=typed,
            then=reverse("accounts:address_code"), back=reverse("accounts:account"),
        )  # fmt: skip
    hours = int(settings.HOLD_AFTER_CHANGE.total_seconds() // 3600)
    return render(request, "accounts/address.html", {"form": form, "hours": hours}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(PAGES)
@fresh_only("accounts:address")
@customer_only
def address_code(request: CustomerRequest) -> HttpResponse:
    challenge = codes.asked(codes.browser_of(request), request.brand, ADDRESS)
    if challenge is None:
        return redirect("accounts:address")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        answer = codes.prove(browser=challenge.browser, brand=request.brand, purpose=ADDRESS, code=form.cleaned_data["code"])
        if answer.outcome is Outcome.PROVEN:
            return _changed(request, answer.canonical)
        form.add_error("code", words_for(answer))
    context = {"form": form, "address": challenge.address, "minutes": codes.minutes_valid()}
    return render(request, "accounts/address_code.html", context, status=422 if form.errors else 200)


def _changed(request: CustomerRequest, canonical: str) -> HttpResponse:
    try:
        change_contact(customer=request.customer, address=canonical, keep_session=request.session.session_key)
    except (ValidationError, IntegrityError) as error:  # two who prove one address at once: the database lets one have it
        words = error.messages[0] if isinstance(error, ValidationError) else _("That address belongs to another account here.")
        flash(request, "bad", words, _("Nothing was changed."))
        return SeeOther(reverse("accounts:address"))
    flash(request, "good", _("Saved. From now on we write to the new address, and it signs you in."))
    return SeeOther(reverse("accounts:account") + "#address")


@never_cache
@require_http_methods(PAGES)
def take_back(request: PersonRequest, replaced: int, restores: str) -> HttpResponse:
    """From the mail to the old address, without a sign-in. `restores`: the signature of the link. GET shows, POST puts back."""
    row = of_link(request.brand, replaced, restores)
    if row is None:
        raise Http404
    done = taken = False
    if request.method == "POST":
        try:
            done = put_back(row)
        except (ValidationError, IntegrityError):
            taken = True
        over = not done and not taken
    else:
        over = not can_be_put_back(row, timezone.now())
    context = {"done": done, "over": over, "taken": taken, "days": settings.HOLD_AFTER_NOT_ME.days}
    return render(request, "accounts/put_back.html", context)
