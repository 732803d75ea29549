"""What is said by mail of a request: to every known address, with a link that stops it. Never what was asked, and never data."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.assurance import BY_LINK
from data_requests import links
from data_requests.kinds import APPEAL, COPY, DELETE, KINDS
from data_requests.models import Mandate, Request
from data_requests.states import State
from notifications.families import called, may_read
from notifications.models import Message


def is_there(message: Message) -> bool:
    """Written to somebody who decides for a child, only as long as they do."""
    request = Request.objects.select_related("customer__brand").filter(number=message.facts["request"]).first()
    if request is None:
        return False
    return request.customer is None or may_read(message.customer, request.customer)


def context(message: Message) -> dict[str, Any]:
    """As it stands when the mail is written; `happened` is what the mail is about."""
    request = Request.objects.select_related("customer").get(number=message.facts["request"])
    brand, pending = message.brand.key, request.state == State.IDENTITY_PENDING
    about = called(request.customer) if request.customer and request.customer_id != message.customer_id else ""
    mandate = Mandate.objects.filter(request=request).first()
    return {
        "happened": message.facts["happened"],
        "url": reverse("requests:one", args=[request.number]) if about else _where(request, brand, pending),
        "about": about,
        "agent": mandate.agent if mandate else "",
        "number": request.number,
        "title": KINDS[request.kind].title,
        "is_copy": request.kind == COPY,
        "deletes": request.kind == DELETE,
        "final": request.kind in {APPEAL, "complaint"},  # what comes after it is the regulator's
        "keeps": links.signature(brand, request.number, links.KEEP),
        "due": request.due,
        "pending": pending,
        "not_before": timezone.localtime(request.not_before) if request.not_before else None,
        "extension_reason": request.extension_reason,
        "signature": links.signature(brand, request.number),
    }


def _where(request: Request, brand: str, pending: bool) -> str:
    """The page of the request; without an account, or where a link is enough to confirm it, the one that needs no sign-in."""
    no_account = request.customer is not None and request.customer.person_id is None
    if no_account or (pending and BY_LINK.opens(request.kind, request.regime)):
        return reverse("requests:follow", args=[request.number, links.signature(brand, request.number, links.FOLLOW)])
    return reverse("requests:one", args=[request.number])
