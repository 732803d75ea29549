"""Asking for one's rights, signed in: the list that everybody may read, and a question a page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.assurance import Proof, proof_of
from accounts.factors import made_here
from accounts.holds import held_until, worth
from accounts.http import CustomerRequest, PersonRequest, customer_only, with_next
from accounts.models import Customer
from accounts.second_factor import has_app
from brands.flash import flash
from brands.http import BrandRequest, SeeOther
from data_requests import actions, drafts, tracking
from data_requests.forms import CopyForm, WordsForm, as_ticked
from data_requests.kinds import APPEAL, DELETE, KINDS, LISTED, Kind
from data_requests.models import Request, System
from data_requests.parts import scope_of
from data_requests.states import OPEN


@require_safe
def hub(request: PersonRequest) -> HttpResponse:
    """Every right, in plain words, for everybody; below it one's own, when signed in."""
    mine = list(Request.objects.of(request.customer).order_by("-created_at")) if request.customer else []
    today = timezone.localdate()
    context = {
        "kinds": list(LISTED.values()),
        "open": [tracking.line(each, today) for each in mine if each.state in OPEN],
        "finished": [tracking.line(each, today) for each in mine if each.state not in OPEN],
    }
    return render(request, "requests/hub.html", context)


# ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def kind_of(key: str) -> Kind:
    """A kind that is asked for on these pages; a deletion has pages of its own, and an appeal begins at what it is about."""
    if key not in KINDS or key in NOT_HERE:
        raise Http404
    return KINDS[key]


NOT_HERE = frozenset({DELETE, APPEAL})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@customer_only
def ask(request: CustomerRequest, kind: str) -> HttpResponse:
    """Step 1 of 2: what it is about."""
    known, before = kind_of(kind), drafts.draft(request, kind)
    form = _question(request, known, before["asked"] if before else {})
    if form.is_bound and form.is_valid():
        drafts.keep(request, kind, form.asked())
        return SeeOther(reverse("requests:check", args=[kind]))
    return render(request, "requests/ask.html", {"kind": known, "form": form}, status=422 if form.is_bound else 200)


def _question(request: CustomerRequest, kind: Kind, before: dict[str, Any]) -> WordsForm | CopyForm:
    data = request.POST if request.method == "POST" else None
    if kind.free_text:
        return WordsForm(data, kind=kind.key, initial=before)
    return CopyForm(data, initial=as_ticked(scope_of(before)), systems=System.objects.asked(request.brand).exists())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@customer_only
def check(request: CustomerRequest, kind: str) -> HttpResponse:
    """Step 2 of 2: the answers again, what we need to know that it is them, and the button that sends it."""
    known, draft = kind_of(kind), drafts.draft(request, kind)
    if draft is None:
        return redirect("requests:ask", kind)
    proof = proof_of(request)
    who = identity(request, request.customer, proof, kind, request.path)
    if request.method == "POST" and (who["enough"] or who["slow"] or who["held"]):
        found = actions.receive(request.customer, kind, draft["asked"], proof, by=by(request.customer), nonce=draft["nonce"])
        drafts.forget(request, kind)
        tell_received(request, found)
        return SeeOther(reverse("requests:one", args=[found.request.number]))
    context = {"kind": known, "asked": draft["asked"], "scope": scope_of(draft["asked"]), **who}
    return render(request, "requests/check.html", context, status=422 if request.method == "POST" else 200)


def identity(request: BrandRequest, customer: Customer, proof: Proof, act: str, back: str) -> dict[str, Any]:
    """What the pages say about who is asking. `slow`: the wait, where a mailed code is all there is; `back`: where to come back to."""
    now, leaves = timezone.now(), act in settings.SLOW_LANE
    held = held_until(customer, now) if leaves else None
    counts = worth(customer, proof, now) if leaves else proof
    slow = settings.SLOW_LANE[act] if counts.opens_slowly(act) else None
    person = customer.person
    return {
        "enough": counts.opens(act),
        "slow": slow,
        "slow_hours": int(slow.total_seconds() // 3600) if slow else 0,
        "proof": proof,
        "held": held,
        "has_app": lambda: bool(person and proof.level == counts.level and has_app(person, request.brand)),  # asked by the page alone
        "has_passkey": lambda: bool(person and made_here(person, request.brand, "webauthn").exists()),
        "confirm_url": with_next(reverse("accounts:confirm"), back),
        "factor_url": with_next(reverse("accounts:second_factor"), back),
    }


def tell_received(request: BrandRequest, found: actions.Received) -> None:
    if found.again:
        day = date_format(found.request.received_on, "DATE_FORMAT")
        flash(request, "", _("You already asked for this. Here it is."), _("You asked on %(day)s.") % {"day": day})
    else:
        flash(
            request, "good", _("We have your request."), _("Its number is %(number)s. We wrote to you.") % {"number": found.request.number}
        )


def by(customer: Customer) -> str:
    return f"self:{customer.subject}"
