"""The page that takes the code, and what it opens."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import codes
from accounts.codes import Outcome
from accounts.forms import CodeForm
from accounts.http import PersonRequest
from accounts.views.sign_in import words_for
from data_requests.views import asking, by_code, following
from data_requests.views.by_code import REQUEST


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: PersonRequest) -> HttpResponse:
    challenge, waiting = codes.asked(codes.browser_of(request), request.brand, REQUEST), by_code.waiting(request)
    if challenge is None or waiting is None:
        return redirect("requests:hub")
    if request.method == "POST" and "code" not in request.POST:
        return by_code.ask(request, waiting["address"], waiting)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        answer = codes.prove(browser=challenge.browser, brand=request.brand, purpose=REQUEST, code=form.cleaned_data["code"])
        if answer.outcome is Outcome.PROVEN and answer.canonical == waiting["address"]:
            del request.session[by_code.WAITING]
            return _proven(request, waiting, answer.canonical)
        form.add_error("code", words_for(codes.Answer(Outcome.NOT_ASKED) if answer.outcome is Outcome.PROVEN else answer))
    # What was typed, never what is on file: of a request that is followed, the address is masked.
    context = {"form": form, "address": waiting.get("shown", waiting["address"]), "minutes": codes.minutes_valid()}
    return render(request, "requests/code.html", context, status=422 if form.errors else 200)


def _proven(request: PersonRequest, waiting: dict[str, Any], canonical: str) -> HttpResponse:
    if waiting["for"] == by_code.FOLLOW:
        return following.proven(request, waiting["number"])
    return asking.proven(request, waiting["for"], canonical)
