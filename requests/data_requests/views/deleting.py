"""Deleting everything, or some of it: what goes and what stays first, then who it is, the day, and the button that says both."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.assurance import proof_of
from accounts.holds import worth
from accounts.http import CustomerRequest, PersonRequest, customer_only
from brands.flash import flash
from brands.http import SeeOther
from data_requests import actions, drafts, links
from data_requests.actions.answering import has_begun
from data_requests.erasing.plan import day_of, plan_of
from data_requests.erasing.scope import Deletion, deletion_of, systems_to_ask
from data_requests.forms import DeleteForm
from data_requests.kinds import COPY, DELETE, KINDS
from data_requests.models import Request, System
from data_requests.states import RELEASED
from data_requests.views.own import by, identity, tell_received


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@customer_only
def ask(request: CustomerRequest) -> HttpResponse:
    """Step 1 of 2: what goes and what stays."""
    customer, before = request.customer, drafts.draft(request, DELETE)
    form = DeleteForm(
        request.POST if request.method == "POST" else None,
        initial=_as_chosen(before["asked"]) if before else {},
        systems=System.objects.asked(request.brand),
    )
    if form.is_bound and form.is_valid():
        drafts.keep(request, DELETE, form.asked())
        return SeeOther(reverse("requests:delete_check"))
    today = timezone.localdate()
    has_copy = Request.objects.of(customer).filter(kind=COPY, received_on__gte=today - settings.PACKAGE_KEPT).exists()
    context = {
        "kind": KINDS[DELETE],
        "form": form,
        "plan": plan_of(customer, Deletion(), today),
        "slow_days": settings.SLOW_LANE[DELETE].days,
        "hours": int(settings.DELETE_COOLING_OFF.total_seconds() // 3600),
        "offers_copy": not has_copy,
    }
    return render(request, "requests/delete.html", context, status=422 if form.is_bound else 200)


def _as_chosen(asked: dict[str, Any]) -> dict[str, Any]:
    return {"what": "some" if asked.get("only") else "all", "only": asked.get("only", [])}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@customer_only
def check(request: CustomerRequest) -> HttpResponse:
    """Step 2 of 2: the day, and that it is them."""
    draft = drafts.draft(request, DELETE)
    if draft is None:
        return redirect("requests:delete")
    proof, now, deletion = proof_of(request), timezone.now(), deletion_of(draft["asked"])
    who = identity(request, request.customer, proof, DELETE, request.path)
    if request.method == "POST" and (who["enough"] or who["slow"] or who["held"]):
        found = actions.receive(request.customer, DELETE, draft["asked"], proof, by=by(request.customer), nonce=draft["nonce"])
        drafts.forget(request, DELETE)
        tell_received(request, found)
        return SeeOther(reverse("requests:one", args=[found.request.number]))
    day, wait = day_of(worth(request.customer, proof, now), now)
    context = {
        "kind": KINDS[DELETE],
        "deletion": deletion,
        "plan": plan_of(request.customer, deletion, timezone.localdate()),
        "chosen": [label for value, label in DeleteForm(systems=systems_to_ask(request.brand, deletion)).parts if value in deletion.parts],
        "day": day,
        "days": wait.days,
        **who,
    }
    return render(request, "requests/delete_check.html", context, status=422 if request.method == "POST" else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: PersonRequest, reference: str, keeps: str) -> HttpResponse:
    """From a mail to any address that we know, without a sign-in. GET shows, POST cancels. `keeps`: the signature of the link."""
    if not links.is_signed(request.brand.key, reference, keeps, links.KEEP):
        raise Http404
    found = Request.objects.filter(brand=request.brand, number=reference, kind=DELETE).select_related("customer__brand", "brand").first()
    if found is None:
        raise Http404
    if request.method == "POST":
        if actions.keep(found, by=f"link:{found.subject}"):
            flash(request, "good", _("Cancelled. Nothing more is deleted, and what you allow goes on."))
        return SeeOther(request.path)
    context = {
        "number": reference,
        "open": found.is_open,
        "begun": has_begun(found),
        "gone": found.state in RELEASED,
        "not_before": found.not_before,
    }
    return render(request, "requests/keep.html", context)
