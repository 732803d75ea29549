"""Saying that one decides for a child, showing it, inviting somebody else to."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import gates, uploads
from accounts.actions import NotAChild
from accounts.gates import NotYours
from accounts.http import CustomerRequest, PersonRequest, customer_only
from accounts.sealed import unseal
from brands.flash import flash
from brands.http import BrandRequest, SeeOther
from guardians import actions, family
from guardians.actions import NotOpen
from guardians.actions.becoming import NotNow
from guardians.claim_links import claim_of
from guardians.forms import AcceptForm, BeginForm, ChildForm, CodeForm, InviteForm, PaperForm
from guardians.methods import METHODS
from guardians.models import Invitation
from guardians.views.family import PAGES, with_minors

FAMILY = "guardians:family"


@never_cache
@require_http_methods(PAGES)
@with_minors
@customer_only
def begin(request: CustomerRequest) -> HttpResponse:
    """The first child, and how the adult is verified; somebody who was verified adds a further child at once."""
    verified = bool(gates.wards_of(request.customer))
    form: Any = (ChildForm if verified else BeginForm)(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _begun(request, form.cleaned_data, verified)
        except NotAChild:
            form.add_error("birth_date", _("Somebody born on that day is of age and decides alone."))
        except NotYours:
            form.add_error(None, _("Only an adult can decide for a child here."))
    context = {"form": form, "verified": verified, "methods": METHODS.values()}
    return render(request, "guardians/begin.html", context, status=422 if form.is_bound else 200)


def _begun(request: CustomerRequest, said: dict[str, Any], verified: bool) -> HttpResponse:
    if verified:
        tie = actions.add_child(request.customer, name=said["name"], birth_date=said["birth_date"], claim=said["claim"])
        assert tie.child is not None
        flash(request, "good", _("%(name)s is here. Nothing is allowed yet.") % {"name": family.called(tie.child)})
    else:
        actions.begin_claim(request.customer, claim=said["claim"], method=said["method"], name=said["name"], birth_date=said["birth_date"])
        flash(request, "good", _("We have noted it. Now show us that you are an adult."))
    return SeeOther(reverse(FAMILY))


@require_POST
@with_minors
@customer_only
def take_back(request: CustomerRequest) -> HttpResponse:
    claim = request.customer.guardian_claims.open().first()
    if claim is not None:
        claim.guardian = request.customer
        actions.over(claim, by=f"self:{request.customer.subject}")
        flash(request, "good", _("Taken back. We have deleted what you wrote."))
    return SeeOther(reverse(FAMILY))


@never_cache
@require_http_methods(PAGES)
@with_minors
@customer_only
def paper(request: CustomerRequest) -> HttpResponse:
    """The form to print and sign, and where its picture comes back."""
    claim = request.customer.guardian_claims.open().filter(method="signed_form").first()
    if claim is None:
        raise Http404
    claim.guardian = request.customer
    form = PaperForm(request.POST, request.FILES) if request.method == "POST" else PaperForm()
    if form.is_bound and form.is_valid():
        content = form.cleaned_data["paper"]
        try:
            actions.hand_in(claim, uploads.sealed(content), content)
            flash(request, "good", _("We have your form. Two of us look at it, then we delete the picture."))
        except NotNow:
            flash(request, "wait", _("Somebody looks at your form already. Nothing was changed."))
        return SeeOther(reverse(FAMILY))
    said = unseal(claim.sealed) if claim.sealed else {}
    context = {"form": form, "claim": claim, "child": said.get("name", ""), "born": said.get("birth_date", "")}
    return render(request, "guardians/paper.html", context, status=422 if form.is_bound else 200)


# ── The two mails ───────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(PAGES)
@with_minors
@customer_only
def confirm(request: CustomerRequest, link: str) -> HttpResponse:
    """From the first mail, signed in as the one who made the claim."""
    claim = claim_of(request.brand, link)
    if claim is None or claim.guardian_id != request.customer.pk:
        raise Http404
    if request.method == "POST":
        if actions.confirm_by_mail(claim):
            flash(request, "good", _("Confirmed. We write to you once more tomorrow, and then you can decide."))
        else:
            flash(request, "", _("That was done already."))
        return SeeOther(reverse(FAMILY))
    return render(request, "guardians/confirm.html", {"claim": claim})


@never_cache
@require_http_methods(PAGES)
@with_minors
def revoke(request: BrandRequest, link: str) -> HttpResponse:
    """From either mail, without a sign-in: it only ever reduces."""
    claim = claim_of(request.brand, link)
    if claim is None:
        raise Http404
    if request.method == "POST":
        actions.revoke(claim)
    return render(request, "guardians/revoke.html", {"done": request.method == "POST"})


# ── Invitations ─────────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(PAGES)
@with_minors
@customer_only
def invite(request: CustomerRequest) -> HttpResponse:
    wards = {ward.child.code: ward for ward in gates.wards_of(request.customer) if not ward.is_frozen}
    if not wards:
        raise Http404
    choices = [(code, family.called(ward.child)) for code, ward in wards.items()]
    form = InviteForm(request.POST if request.method == "POST" else None, children=choices)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        children = [wards[code].child for code in said["children"]]
        _row, code = actions.invite(request.customer, children, name=said["name"], address=said["address"])
        return render(request, "guardians/invited.html", {"code": code, "address": said["address"], "name": said["name"]})
    return render(request, "guardians/invite.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@with_minors
@customer_only
def take_invitation_back(request: CustomerRequest, pk: int) -> HttpResponse:
    if not actions.take_invitation_back(request.customer, pk):
        raise Http404
    flash(request, "good", _("The invitation was taken back. We have deleted the address."))
    return SeeOther(reverse(FAMILY))


@never_cache
@require_http_methods(PAGES)
@with_minors
def enter_code(request: PersonRequest) -> HttpResponse:
    """For somebody who was handed a code."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.open_invitation(request.brand, form.cleaned_data["code"])
            return SeeOther(reverse("guardians:invitation", args=[form.cleaned_data["code"].strip().replace(" ", "-")]))
        except NotOpen:
            form.add_error("code", _("This code is not good, or no longer. Ask whoever gave it to you for a new one."))
    return render(request, "guardians/enter_code.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(PAGES)
@with_minors
def invitation(request: PersonRequest, code: str) -> HttpResponse:
    """Who opens it is told what it is about, without a child's name; to take it up they sign in, and are verified."""
    try:
        found = actions.open_invitation(request.brand, code)
    except NotOpen:
        return render(request, "guardians/invitation_over.html", status=404)
    if request.customer is None:
        return render(request, "guardians/invitation.html", {"inviter": _inviter(found), "path": request.path})
    return _accept(request, request.customer, found, code)


def _inviter(found: Invitation) -> str:
    return found.invited_by.name if found.invited_by else ""


def _accept(request: PersonRequest, guardian: Any, found: Invitation, code: str) -> HttpResponse:
    try:
        actions.accept_invitation(request.brand, code, guardian)
    except NotYours:
        flash(request, "wait", _("You decide for these children already."))
        return redirect(FAMILY)
    said = unseal(found.sealed)
    new = said.get("birth_date")
    form = AcceptForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        choice = form.cleaned_data
        try:
            actions.begin_claim(guardian, claim=choice["claim"], method=choice["method"], invitation=found)
            flash(request, "good", _("We have noted it. Now show us that you are an adult."))
            return SeeOther(reverse(FAMILY))
        except NotYours:
            form.add_error(None, _("Only an adult can decide for a child here."))
        except (NotOpen, NotAChild):
            return render(request, "guardians/invitation_over.html", status=404)
    context = {"form": form, "inviter": _inviter(found), "child": said["name"] if new else "", "methods": METHODS.values()}
    return render(request, "guardians/accept.html", context, status=422 if form.is_bound else 200)
