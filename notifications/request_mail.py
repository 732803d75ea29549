"""What is said by mail of a request: to every known address, with a link that stops it. Never what was asked, and never data."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from data_requests import links
from data_requests.kinds import COPY, KINDS
from data_requests.models import Request
from data_requests.states import State
from notifications.models import Message


def is_there(message: Message) -> bool:
    return Request.objects.filter(number=message.facts["request"]).exists()


def context(message: Message) -> dict[str, Any]:
    """As it stands when the mail is written; `happened` is what the mail is about."""
    request = Request.objects.get(number=message.facts["request"])
    return {
        "happened": message.facts["happened"],
        "number": request.number,
        "title": KINDS[request.kind].title,
        "is_copy": request.kind == COPY,
        "due": request.due,
        "pending": request.state == State.IDENTITY_PENDING,
        "not_before": timezone.localtime(request.not_before) if request.not_before else None,
        "extension_reason": request.extension_reason,
        "signature": links.signature(message.brand.key, request.number),
    }
