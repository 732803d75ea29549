"""A code in place of a sign-in: for whoever asks without an account, and for whoever opens a request from a mail. What it opened is one
request, and stays open in this browser for STEP_UP_FRESH."""

from __future__ import annotations

import time
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import codes, mailed
from accounts.codes import Outcome
from accounts.forms import CodeForm
from accounts.http import PersonRequest
from accounts.models import Challenge
from accounts.views.sign_in import words_for
from data_requests import drafts
from data_requests.converters import FOR_SOMEBODY_ELSE, WITHOUT_ACCOUNT
from data_requests.sealed import seal, unseal

REQUEST = Challenge.Purpose.REQUEST
WAITING, OPENED = "code_for", "opened_requests"  # in the session
FOLLOW = "follow"
PROVEN = {
    WITHOUT_ACCOUNT: "data_requests.views.asking.proven",
    FOR_SOMEBODY_ELSE: "data_requests.views.asking.proven",
    FOLLOW: "data_requests.views.following.proven",
}


def ask(request: PersonRequest, canonical: str, waiting: dict[str, Any]) -> HttpResponse:
    """Mails a code. `waiting`: {"for": …} and what that needs; kept encrypted, with the address."""
    request.session[WAITING] = seal(waiting | {"address": canonical})
    return mailed.ask(
        request, purpose=REQUEST, canonical=canonical, address=canonical, then=reverse("requests:code"), back=reverse("requests:hub")
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: PersonRequest) -> HttpResponse:
    challenge, waiting = codes.asked(codes.browser_of(request), request.brand, REQUEST), _waiting(request)
    if challenge is None or waiting is None:
        return redirect("requests:hub")
    if request.method == "POST" and "code" not in request.POST:
        return ask(request, waiting["address"], waiting)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        answer = codes.prove(browser=challenge.browser, brand=request.brand, purpose=REQUEST, code=form.cleaned_data["code"])
        if answer.outcome is Outcome.PROVEN and answer.canonical == waiting["address"]:
            del request.session[WAITING]
            proven: HttpResponse = import_string(PROVEN[waiting["for"]])(request, waiting.get("number", waiting["for"]), answer.canonical)
            return proven
        form.add_error("code", words_for(codes.Answer(Outcome.NOT_ASKED) if answer.outcome is Outcome.PROVEN else answer))
    # What was typed, never what is on file: of a request that is followed, the address is masked.
    context = {"form": form, "address": waiting.get("shown", waiting["address"]), "minutes": codes.minutes_valid()}
    return render(request, "requests/code.html", context, status=422 if form.errors else 200)


def _waiting(request: PersonRequest) -> dict[str, Any] | None:
    token = request.session.get(WAITING)
    try:
        return unseal(token) if token else None
    except InvalidToken:  # of a key that has gone
        return None


def remember(request: PersonRequest, number: str) -> None:
    opened = request.session.get(OPENED, {})
    request.session[OPENED] = {**opened, number: {"at": time.time(), "brand": request.brand.key}}


def is_opened(request: PersonRequest, number: str) -> bool:
    """By a code, in this browser, a short while ago, at this brand."""
    mark = request.session.get(OPENED, {}).get(number)
    fresh = time.time() - settings.STEP_UP_FRESH.total_seconds()
    return bool(mark and mark["brand"] == request.brand.key and mark["at"] > fresh)


def was_opened(request: PersonRequest, number: str) -> bool:
    """So that the page says how it opens again, for a day."""
    mark = request.session.get(OPENED, {}).get(number)
    return bool(mark and mark["brand"] == request.brand.key and mark["at"] > time.time() - drafts.KEPT)
