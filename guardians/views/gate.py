from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import signing_in
from accounts.http import PersonRequest
from brands.flash import flash
from brands.http import SeeOther
from guardians import actions, gate
from guardians.forms import AdultForm, GateForm
from guardians.views.family import PAGES, with_minors

BORN = "born"  # in the session: of somebody below the age, until an adult was asked


@never_cache
@require_http_methods(PAGES)
@with_minors
def ask(request: PersonRequest) -> HttpResponse:
    """When were you born? The same page for everybody who has just proven an address, and nothing that hints at the answer."""
    if gate.is_shut(request):
        return redirect("guardians:too_young")
    if not signing_in.proven_address(request):
        return redirect("accounts:sign_in")
    form = GateForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return _answered(request, form.cleaned_data["birth_date"])
    return render(request, "guardians/gate.html", {"form": form}, status=422 if form.is_bound else 200)


def _answered(request: PersonRequest, birth_date: date) -> HttpResponse:
    if gate.joins_alone(request.brand, birth_date):
        signing_in.declare_birth_date(request, birth_date)
        return signing_in.finish(request)
    signing_in.forget_proof(request)
    request.session[BORN] = birth_date.isoformat()
    response = SeeOther(reverse("guardians:too_young"))
    gate.shut(response, request.brand)
    return response


@never_cache
@require_http_methods(PAGES)
@with_minors
def too_young(request: PersonRequest) -> HttpResponse:
    """An adult is asked instead: by mail, or by a code to hand over. Without a second try: the question is not put again today."""
    if not gate.is_shut(request):
        return redirect("accounts:sign_in")
    born = request.session.get(BORN, "")
    form = AdultForm(request.POST if request.method == "POST" and born else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        language = get_language() or request.brand.default_language
        _row, code = actions.invite_from_gate(
            request.brand, name=said["name"], birth_date=date.fromisoformat(born), address=said["address"], language=language
        )
        del request.session[BORN]
        if said["address"]:
            flash(request, "good", _("We wrote to them. Ask them to look at their mail."))
            return SeeOther(reverse("guardians:too_young"))
        return render(request, "guardians/code_to_hand_over.html", {"code": code})
    context = {"form": form, "may_ask": bool(born)}
    return render(request, "guardians/too_young.html", context, status=422 if form.is_bound else 200)
