"""A code in place of a sign-in: for whoever asks without an account, and for whoever opens a request from a mail. What it opened is one
request, and stays open in this browser for STEP_UP_FRESH."""

from __future__ import annotations

import time
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from accounts import mailed
from accounts.http import PersonRequest
from accounts.models import Challenge
from accounts.sealed import seal, unseal
from data_requests import drafts

REQUEST = Challenge.Purpose.REQUEST
WAITING, OPENED = "code_for", "opened_requests"  # in the session
FOLLOW = "follow"


def ask(request: PersonRequest, canonical: str, purpose: dict[str, Any]) -> HttpResponse:
    """Mails a code. `purpose`: {"for": …} and what that needs; kept encrypted, with the address."""
    request.session[WAITING] = seal(purpose | {"address": canonical})
    return mailed.ask(
        request, purpose=REQUEST, canonical=canonical, address=canonical, then=reverse("requests:code"), back=reverse("requests:hub")
    )


def waiting(request: PersonRequest) -> dict[str, Any] | None:
    """What the last code was asked for."""
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
