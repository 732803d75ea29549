"""A mail to the brand's data protection officer: which dates of the law come near. Numbers and kinds, nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import translation

from brands import mail
from brands.models import Brand
from data_requests.kinds import KINDS
from data_requests.models import Request


def mail_officer(brand: Brand, requests: Iterable[Request]) -> None:
    """What is due first stands first; each once."""
    with translation.override(brand.default_language):
        first = sorted({request.pk: request for request in requests}.values(), key=_due)
        lines = [{"number": each.number, "title": str(KINDS[each.kind].title), "due": each.due} for each in first]
    mail.build(brand, "requests_due", brand.privacy_officer_email, brand.default_language, {"lines": lines, "count": len(lines)}).send()


def _due(request: Request) -> tuple[date, datetime]:
    assert request.due
    return request.due, request.created_at
