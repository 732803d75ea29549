"""Baseline: a JSON view that checks a key by its digest and reads one row by its primary key, behind the same middleware."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from consents.models import Choice
from propagation.models import ApiKey


def keyed_row(request: HttpRequest, pk: int) -> HttpResponse:
    _scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    digest = hashlib.sha256(key.encode()).hexdigest()
    found = ApiKey.objects.filter(digest=digest, revoked_at=None, expires_at__gt=timezone.now()).first()
    if found is None:
        return JsonResponse({"error": "no"}, status=401)
    choice = Choice.objects.get(pk=pk)
    return JsonResponse({"purpose": choice.purpose, "channel": choice.channel, "state": choice.state})
