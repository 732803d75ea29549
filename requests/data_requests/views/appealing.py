"""“You don’t agree?”: somebody else looks at the answer again."""

from __future__ import annotations

import secrets

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest
from brands.flash import flash
from brands.http import SeeOther
from data_requests import actions
from data_requests.actions.appealing import appeal_of
from data_requests.forms import WordsForm
from data_requests.kinds import APPEAL, KINDS
from data_requests.states import NotPossible
from data_requests.views.one import Theirs, theirs
from data_requests.views.own import tell_received


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@theirs
def appeal(request: PersonRequest, mine: Theirs) -> HttpResponseBase:
    """One page: what should be decided differently. Who has appealed already comes to where it stands."""
    there = appeal_of(mine.request)
    if there is not None:
        return SeeOther(reverse("requests:one", args=[there.number]))
    if not actions.may_appeal(mine.request):
        raise Http404
    form = WordsForm(request.POST if request.method == "POST" else None, kind=APPEAL)
    if form.is_bound and form.is_valid():
        return _send(request, mine, form.asked()["text"])
    context = {"kind": KINDS[APPEAL], "form": form, "number": mine.request.number, "nonce": secrets.token_hex(16)}
    return render(request, "requests/appeal.html", context, status=422 if form.is_bound else 200)


def _send(request: PersonRequest, mine: Theirs, text: str) -> HttpResponse:
    try:
        found = actions.appeal(mine.request, text, mine.proof, by=mine.by, nonce=request.POST.get("nonce", ""))
    except NotPossible:
        flash(request, "wait", _("This can not be appealed any more."))
        return SeeOther(reverse("requests:one", args=[mine.request.number]))
    tell_received(request, found)
    return SeeOther(reverse("requests:one", args=[found.request.number]) if not mine.guest else reverse("requests:hub"))
