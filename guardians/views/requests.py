"""A copy, a correction, a deletion for a child: the same requests, the same clock, asked by a guardian who proves who they are."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import gates
from accounts.assurance import Proof, proof_of
from accounts.gates import Ward
from accounts.holds import worth
from accounts.http import CustomerRequest
from brands.http import SeeOther
from data_requests import actions as requests
from data_requests import tracking
from data_requests.erasing.plan import plan_of
from data_requests.erasing.scope import Deletion
from data_requests.forms import WordsForm
from data_requests.kinds import COPY, DELETE, KINDS
from data_requests.models import Request
from data_requests.states import OPEN
from data_requests.views.own import identity, tell_received
from guardians import actions, family
from guardians.views.family import PAGES, of_child, still_decides

OFFERED = (COPY, "correct", DELETE)


@never_cache
@require_safe
@of_child
def hub(request: CustomerRequest, ward: Ward) -> HttpResponse:
    still_decides(ward)
    mine, today = list(Request.objects.of(ward.child).order_by("-created_at")), timezone.localdate()
    context = {
        "name": family.called(ward.child),
        "code": ward.child.code,
        "kinds": [KINDS[key] for key in OFFERED],
        "open": [tracking.line(each, today) for each in mine if each.state in OPEN],
        "finished": [tracking.line(each, today) for each in mine if each.state not in OPEN],
    }
    return render(request, "guardians/requests.html", context)


@never_cache
@require_http_methods(PAGES)
@of_child
def ask(request: CustomerRequest, ward: Ward, kind: str) -> HttpResponse:
    """One page: what is asked, who asks, and the button. A deletion waits longer where another guardian may want to keep the data."""
    if kind not in OFFERED:
        raise Http404
    still_decides(ward)
    proof, path = _proof(request, ward, kind), reverse("guardians:request", args=[ward.child.code, kind])
    who = identity(request, request.customer, proof, kind, path)
    form = WordsForm(request.POST if request.method == "POST" else None, kind=kind) if KINDS[kind].free_text else None
    may = (who["enough"] or who["slow"]) and not who["held"]
    if request.method == "POST" and may and (form is None or form.is_valid()):
        return _sent(request, ward, kind, form.asked() if form else {}, proof)
    context: dict[str, Any] = {
        "kind": KINDS[kind], "form": form, "name": family.called(ward.child), "code": ward.child.code, "may": may,
        "plan": plan_of(ward.child, Deletion(), timezone.localdate()) if kind == DELETE else None,
        "nonce": secrets.token_hex(16), "others": _others(ward), **who,
    }  # fmt: skip
    return render(request, "guardians/request.html", context, status=422 if request.method == "POST" else 200)


def _proof(request: CustomerRequest, ward: Ward, kind: str) -> Proof:
    """As far as the guardian's own can be relied on; slow where another guardian is to have the time to stop a deletion."""
    proof = worth(request.customer, proof_of(request), timezone.now())
    return replace(proof, slow=True) if kind == DELETE and _others(ward) else proof


def _others(ward: Ward) -> int:
    return len(gates.guardians_of(ward.child)) - 1


def _sent(request: CustomerRequest, ward: Ward, kind: str, asked: dict[str, Any], proof: Proof) -> HttpResponse:
    by = f"guardian:{request.customer.subject}"
    found = requests.receive(ward.child, kind, asked, proof, by=by, nonce=request.POST.get("nonce", ""))
    for wish in ward.child.wishes.open().filter(what=kind):
        wish.child = ward.child
        actions.answer_other(wish, request.customer, allowed=True)
    tell_received(request, found)
    return SeeOther(reverse("requests:one", args=[found.request.number]))
