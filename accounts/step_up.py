"""Whether a session is fresh enough to change how the person signs in. allauth's own question passes everybody without a password."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.http import View, to_sign_in, with_next
from accounts.models import Person
from accounts.second_factor import factor_shown, has_factor, has_shown_one


def is_fresh(request: HttpRequest) -> bool:
    """Proved by code or passkey, in this session, within STEP_UP_FRESH."""
    records = get_authentication_records(request, request.user)
    newest = max((record["at"] for record in records if record.get("method") != "openid"), default=0.0)  # what it asked for, we don't know
    return newest > time.time() - settings.STEP_UP_FRESH.total_seconds()


def where_to_prove(request: HttpRequest, back: str) -> str:
    """The page that asks for what is missing, or "". Who works at the desk of any brand and has, or had, a factor needs the factor: by a
    mailbox alone they could make another one here, and open that desk with it."""
    person = request.user
    assert isinstance(person, Person)  # whoever is asked is signed in
    if not factor_shown(request) and person.works_somewhere and (has_shown_one(person) or has_factor(person)):
        return with_next(reverse("accounts:second_factor"), back)
    return "" if is_fresh(request) else with_next(reverse("accounts:confirm"), back)


def fresh_only(back: str) -> Callable[[View], View]:
    """Sends whoever has not proved themselves lately to do so, and then to the page named `back`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            place = where_to_prove(request, reverse(back))
            return redirect(place) if place else view(request, *args, **kwargs)

        return guarded

    return decorate
