"""Whether somebody at the desk has opened a customer's record in this session, with a reason and not long ago. Kept in the session: what
was looked at stands in the ledger, and a session that ends takes its openings along."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.actions.looking import RECORD, look
from accounts.models import Customer

OPENED = "records_opened"  # in the session: {"<code>:<what>": seconds since 1970 until which it is open}


def is_open(request: HttpRequest, customer: Customer, what: str = RECORD) -> bool:
    until: float = _opened(request).get(_name(customer, what), 0)
    return time.time() < until


def opened(request: HttpRequest, customer: Customer, what: str = RECORD) -> None:
    """After the look was written down."""
    now = time.time()
    kept = {name: until for name, until in _opened(request).items() if until > now}
    request.session[OPENED] = kept | {_name(customer, what): now + settings.RECORD_OPEN.total_seconds()}


def opened_to_work(request: HttpRequest, customer: Customer, *, by: str, reason: str, note: str = "") -> None:
    """By one press on a page whose reason is plain: a request to answer, a guardian to verify. Twice is once."""
    if not is_open(request, customer):
        look(customer, by=by, reason=reason, note=note)
        opened(request, customer)


def closed(request: HttpRequest, customer: Customer) -> None:
    """The colleague is done with this customer."""
    request.session[OPENED] = {name: until for name, until in _opened(request).items() if not name.startswith(f"{customer.code}:")}


def _opened(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.session.get(OPENED, {})
    return found


def _name(customer: Customer, what: str) -> str:
    return f"{customer.code}:{what}"
