"""Bounces and complaints, told by whoever sends our mail: one door of our own, signed as Standard Webhooks 1.0 says, and the signal of
django-anymail where that is installed. Both end in the same two verbs, which only ever reduce mailing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.crypto import constant_time_compare

from brands.http import BrandRequest
from notifications import actions
from notifications.models import Message

TOLERANCE = 300  # seconds between their clock and ours
MOST = 1000  # events in one call
PREFIX = "whsec_"
STAMP = re.compile(r"[0-9]{1,12}")  # seconds since 1970


class NotSigned(PermissionError):
    """By nobody we know, or too long ago."""


def answer(request: BrandRequest) -> HttpResponse:
    """204 when all was taken. The body is {"events": [{"type": "bounce"|"complaint", "message_id": …, "hard": bool, "answer": "550"}]};
    a message that is not ours is passed over."""
    try:
        verify(request.body, request.headers)
    except NotSigned:
        return HttpResponse("not signed\n", status=401, content_type="text/plain; charset=utf-8")
    take(_events(request.body), Message.objects.filter(brand=request.brand))
    return HttpResponse(status=204)


def verify(body: bytes, headers: Any) -> None:
    """Raises NotSigned unless one of settings.MAIL_HOOK_KEYS signed id, time and body (Standard Webhooks 1.0, HMAC-SHA256)."""
    identity, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not STAMP.fullmatch(stamp) or abs(time.time() - int(stamp)) > TOLERANCE:
        raise NotSigned
    signed = f"{identity}.{stamp}.".encode() + body
    offered = [each.partition(",")[2] for each in headers.get("webhook-signature", "").split() if each.startswith("v1,")]
    for key in settings.MAIL_HOOK_KEYS:
        wanted = base64.b64encode(hmac.digest(_secret(key), signed, hashlib.sha256)).decode()
        if any(constant_time_compare(wanted, each) for each in offered):
            return
    raise NotSigned


def _secret(key: str) -> bytes:
    try:
        return base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return key.encode()


def _events(body: bytes) -> list[dict[str, Any]]:
    try:
        events = json.loads(body)["events"]
    except (ValueError, TypeError, KeyError):
        raise BadRequest("not a list of events") from None
    if not isinstance(events, list) or len(events) > MOST or not all(isinstance(each, dict) for each in events):
        raise BadRequest("not a list of events")
    return events


def take(events: Iterable[dict[str, Any]], ours: QuerySet[Message] | None = None) -> None:
    ours = Message.objects.all() if ours is None else ours
    for event in events:
        name = str(event.get("message_id", "")).strip("<>").replace("\0", "")
        message = ours.filter(message_id=name).select_related("customer").first() if name else None
        if message is None:
            continue
        if event.get("type") == "bounce":
            actions.bounced(message, hard=event.get("hard") is True, answer=str(event.get("answer", "")))
        elif event.get("type") == "complaint":
            actions.complained(message)


# ── django-anymail ──────────────────────────────────────────────────────────────────────────────────────────────────


def connect_anymail() -> None:
    """Where it is installed, its webhooks (signed in each service's own way) speak through one signal."""
    try:
        from anymail.signals import tracking
    except ImportError:
        return
    tracking.connect(from_anymail, dispatch_uid="notifications.from_anymail")


def from_anymail(sender: object, event: Any, esp_name: str, **kwargs: Any) -> None:
    kinds = {"bounced": "bounce", "rejected": "bounce", "complained": "complaint"}
    if event.event_type in kinds and event.message_id:
        hard = event.reject_reason in {"invalid", "bounced"}
        take([{"type": kinds[event.event_type], "message_id": event.message_id, "hard": hard, "answer": event.mta_response or ""}])
