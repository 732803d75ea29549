"""Answers of a wizard that has not been sent: in the session, for a day. Going back loses nothing, and leaving loses nothing either."""

from __future__ import annotations

import secrets
import time
from typing import Any

from cryptography.fernet import InvalidToken
from django.http import HttpRequest

from accounts.sealed import seal, unseal

KEPT = 24 * 3600  # seconds
PLACE = "request_drafts"


def keep(request: HttpRequest, kind: str, asked: dict[str, Any]) -> None:
    drafts = request.session.get(PLACE, {})
    before = drafts.get(kind, {})
    drafts[kind] = {"asked": asked, "at": time.time(), "nonce": before.get("nonce") or secrets.token_hex(16)}
    request.session[PLACE] = drafts


def draft(request: HttpRequest, kind: str) -> dict[str, Any] | None:
    """{"asked": …, "nonce": …}; None when there is none, or it is too old."""
    found: dict[str, Any] | None = request.session.get(PLACE, {}).get(kind)
    return found if found and found["at"] > time.time() - KEPT else None


def keep_sealed(request: HttpRequest, asker: str, answers: dict[str, Any]) -> None:
    """Answers of somebody without an account: with an address in them, so encrypted."""
    keep(request, asker, {"sealed": seal(answers)})


def sealed_draft(request: HttpRequest, asker: str) -> tuple[dict[str, Any], str] | None:
    """The answers and the nonce."""
    found = draft(request, asker)
    try:
        return (unseal(found["asked"]["sealed"]), found["nonce"]) if found else None
    except InvalidToken:  # of a key that has gone: they are asked again
        return None


def forget(request: HttpRequest, kind: str) -> None:
    drafts = request.session.get(PLACE, {})
    if drafts.pop(kind, None) is not None:
        request.session[PLACE] = drafts
