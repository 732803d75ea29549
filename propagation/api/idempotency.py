"""The same call twice is once: the header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), kept for a day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from propagation.api.keys import Caller, fingerprint
from propagation.api.problems import Problem
from propagation.models import IdempotentAnswer

NAME = re.compile(r"[\x21-\x7e]{1,80}")


@dataclass(frozen=True)
class Done:
    """`subject`: of the person it was about."""

    answer: dict[str, Any]
    status: int = 200
    subject: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def once(request: HttpRequest, caller: Caller, act: Callable[[], Done]) -> JsonResponse:
    """What the first of these calls was answered. Raises Problem; what failed was not done, and may be called again."""
    name = request.headers.get("Idempotency-Key")
    if name is None:
        return _answer(act())
    if not NAME.fullmatch(name):
        raise Problem("invalid", errors=[{"field": "Idempotency-Key", "why": "1 to 80 visible ASCII characters"}])
    body = fingerprint(request.method.encode() if request.method else b"", request.get_full_path().encode(), request.body)
    known = _known(caller, name, body)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            row = IdempotentAnswer.objects.create(key_id=caller.key_id, name=name, body=body, at=timezone.now())
            done = act()
            IdempotentAnswer.objects.filter(pk=row.pk).update(status=done.status, answer=done.answer, subject=done.subject)
    except IntegrityError:
        # The same call is at work, or was done a moment ago: it is in the table now, or something else went wrong.
        known = _known(caller, name, body)
        if known is None:
            raise
        return known
    return _answer(done)


def _known(caller: Caller, name: str, body: str) -> JsonResponse | None:
    row = IdempotentAnswer.objects.filter(key=caller.key_id, name=name).first()
    if row is None:
        return None
    if row.body != body:
        raise Problem("key-reused")
    return _answer(Done(row.answer, row.status))


def _answer(done: Done) -> JsonResponse:
    return JsonResponse(done.answer, status=done.status, headers=done.headers)
