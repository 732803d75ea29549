"""Choices for somebody who has not signed in: the same purposes. A yes asks for an address and mails one code; nothing else is kept."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import codes, mailed, signing_in
from accounts.codes import Outcome
from accounts.forms import AddressForm, CodeForm
from accounts.http import PersonRequest
from accounts.models import Challenge, Customer
from brands.flash import flash
from brands.http import SeeOther
from catalogue.published import published
from consents import actions, forms, privacy_choices, signals
from consents.saying import Result, Said
from consents.standing import UnknownPurpose
from consents.states import SCOPE_COLUMN, How, Verb, Where
from consents.words import labelled

CONFIRM = Challenge.Purpose.CONFIRM
COOKIE = "__Host-waiting" if settings.HTTPS else "waiting"  # which yes of this browser waits for the code: no address, no person
SALT = "consents.waiting"


def ask_address(request: PersonRequest, purpose: str, channel: str, page: forms.Page | None) -> HttpResponse:
    """A signed-out yes: kept in a cookie of this browser alone until the address has answered."""
    response = redirect("consents:address")
    seen = request.POST.get("conflict") == "seen"  # pressed again after the opt-out in its way was shown
    waiting = {"purpose": purpose, "channel": channel, "page": str(page) if page else "", "conflict": "seen" if seen else ""}
    response.set_cookie(COOKIE, signing.dumps(waiting, salt=SALT), max_age=3600, secure=settings.HTTPS, httponly=True, samesite="Lax")
    return response


def _waiting(request: PersonRequest) -> dict[str, str]:
    try:
        waiting: dict[str, str] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=3600)
    except signing.BadSignature:
        return {}
    return waiting


def _title(request: PersonRequest) -> str:
    waiting = _waiting(request)
    purpose = published(request.brand).get(waiting.get("purpose", ""))
    return labelled(purpose.for_language(get_language() or "").title, waiting["channel"]) if purpose else ""


@require_http_methods(["GET", "HEAD", "POST"])
def address(request: PersonRequest) -> HttpResponse:
    title = _title(request)
    if not title or request.customer is not None:
        return redirect("consents:choices")
    form = AddressForm(request.POST or None, brand=request.brand)
    form.fields["email"].help_text = _("We mail it one code, and nothing else unless you say yes.")
    if request.method == "POST" and form.is_valid():
        return _ask(request, form)
    return render(request, "consents/address.html", {"form": form, "title": title}, status=422 if form.errors else 200)


def _ask(request: PersonRequest, form: AddressForm) -> HttpResponse:
    return mailed.ask(
        request, purpose=CONFIRM, canonical=form.cleaned_data["email"], address=str(form.data["email"]).strip(),
        then=reverse("consents:address_code"), back=reverse("consents:choices"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: PersonRequest) -> HttpResponse:
    title = _title(request)
    challenge = codes.asked(codes.browser_of(request), request.brand, CONFIRM)
    if not title or challenge is None or request.customer is not None:
        return redirect("consents:choices")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        answer = codes.prove(browser=challenge.browser, brand=request.brand, purpose=CONFIRM, code=form.cleaned_data["code"])
        if answer.outcome is Outcome.PROVEN:
            return _confirmed(request, answer.canonical)
        form.add_error("code", _("That code doesn’t match, or it is too old. Check the six digits, or ask for a new code."))
    context = {"form": form, "title": title, "address": challenge.address, "minutes": codes.minutes_valid()}
    return render(request, "consents/address_code.html", context, status=422 if form.errors else 200)


def _confirmed(request: PersonRequest, canonical: str) -> HttpResponse:
    """The address has answered: it becomes a customer, signed in here, after whatever a sign-up asks first."""
    signing_in.remember_proof(request, canonical, reverse("consents:choices"), then="consents.views.prospects.confirmed")
    return signing_in.finish(request)


def confirmed(request: PersonRequest) -> HttpResponse:
    """They are in: the yes that waited is written with its proof."""
    waiting = _waiting(request)
    if not waiting:
        return SeeOther(reverse("consents:choices"))
    say_confirmed(request, waiting)
    response = SeeOther(f"{reverse('consents:choices')}#{waiting['purpose']}")
    response.delete_cookie(COOKIE)
    return response


def say_confirmed(request: PersonRequest, waiting: dict[str, str]) -> None:
    customer = request.customer
    if customer is None:
        return
    page = forms.Page.parse(waiting["page"])
    # What this browser opted out of becomes theirs first: a yes is weighed against it, and not undone by it a moment later.
    signals.record_all(request, customer)
    privacy_choices.merge(request, customer)
    customer.refresh_from_db(fields=list(SCOPE_COLUMN.values()))
    seen = _seen(customer, waiting)
    said = Said(
        f"self:{customer.subject}", customer.subject, How.DOUBLE_OPT_IN, Where.CHOICES, "IV2", page.language if page else "en",
        seen, page.version if page else None, page.shown if page else None,
    )  # fmt: skip
    try:
        outcome = actions.say(customer, waiting["purpose"], waiting["channel"], Verb.ALLOW, said)
    except UnknownPurpose:
        outcome = None
    if outcome is not None and outcome.saved and outcome.entry is not None:
        receipt = reverse("consents:receipt", args=[outcome.entry.public_id])
        flash(
            request, "good", _("Saved, and your address is confirmed."), _("It takes effect now. You are signed in."), receipt_url=receipt
        )
    elif outcome is not None and outcome.result is Result.STANDS:
        flash(request, "", _("It stands so already. Nothing was changed."))
    else:
        flash(request, "wait", _("Nothing was saved. Here is how it stands now."), _("If you still want it, press the button again."))


def _seen(customer: Customer, waiting: dict[str, str]) -> int:
    """They have not seen how it stands: a no that is there already is shown, and asked anew. Only the opt-out of selling and sharing
    may have been shown to them, and it alone stands in the way of somebody who has never decided on this use."""
    shown = waiting.get("conflict") == "seen" and not customer.choices.filter(purpose=waiting["purpose"]).exists()
    return customer.sale_stopped_seq or 0 if shown else 0


def not_signed_in(request: PersonRequest) -> HttpResponse:
    """A signed-out no. Whoever has no account has nothing to switch off; whoever has one must not believe that it was."""
    text = _("Without an account nothing of this happens without your yes. If you have one, sign in: it was not changed.")
    flash(request, "wait", _("You are not signed in"), text)
    return SeeOther(reverse("consents:choices"))
