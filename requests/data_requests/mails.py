"""Mails to others than whose data it is: numbers and kinds, and nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import translation

from brands import mail
from brands.models import Brand
from data_requests import links
from data_requests.kinds import KINDS
from data_requests.models import Mandate, Request


def mail_officer(brand: Brand, requests: Iterable[Request]) -> None:
    """Which dates of the law come near: what is due first stands first; each once."""
    with translation.override(brand.default_language):
        first = sorted({request.pk: request for request in requests}.values(), key=_due)
        lines = [{"number": each.number, "title": str(KINDS[each.kind].title), "due": each.due} for each in first]
    mail.build(brand, "requests_due", brand.privacy_officer_email, brand.default_language, {"lines": lines, "count": len(lines)}).send()


def _due(request: Request) -> tuple[date, datetime]:
    assert request.due
    return request.due, request.created_at


def mail_agent(mandate: Mandate, language: str) -> None:
    """Where they see how far it is. Twice says the same."""
    brand = mandate.brand
    with translation.override(language):
        title = str(KINDS[mandate.kind].title)
    url = reverse("requests:mandate", args=[mandate.number, links.signature(brand.key, mandate.number, links.AGENT)])
    mail.build(brand, "mandate", mandate.address, language, {"number": mandate.number, "title": title, "url": url}).send()


def mail_erased(told: Mapping[str, Any]) -> None:
    """To somebody who is not known here any more: that it is done, and where the certificate stands; or that what had to stay went, too."""
    brand = Brand.objects.select_related("theme").get(key=told["brand"])
    number = told["request"]
    url = reverse("requests:follow", args=[number, links.signature(brand.key, number, links.FOLLOW)])
    kind = "held_erased" if told["what"] == "held" else "erased"
    mail.build(brand, kind, told["to"], told["language"], {"number": number, "url": url, "system": told.get("system", "")}).send()
