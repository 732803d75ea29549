"""One step of a request: the table is asked, the entry appended, the row written. The only writer of `state`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from data_requests.attachments import forget_attachments
from data_requests.clock import set_due
from data_requests.models import Claim, Held, Request
from data_requests.states import CLOSED, RELEASED, Event, Role, State, moved
from ledger.models import Entry
from ledger.turns import Turn, turn


@contextmanager
def at_work_on(request: Request, *, by: str) -> Iterator[tuple[Turn, Request]]:
    """A turn of whose request it is, and the row as it stands now that nobody else can move it."""
    with turn(request.subject, brand=request.brand.key, actor=by) as this:
        yield this, Request.objects.select_related("customer__brand", "customer__person", "brand").get(pk=request.pk)


def step(this: Turn, request: Request, event: Event, role: Role, *, why: str = "", **changes: Any) -> Entry:
    """Raises NotPossible. `why` is a code or a few words about no person; `changes` go into the row with the state. A request that is only
    being received has no row yet: it is written once, as it stands after its first steps."""
    request.state = moved(State(request.state), event, role)
    for name, value in changes.items():
        setattr(request, name, value)
    if request.state in CLOSED:
        request.closed_at = timezone.now()
        Claim.objects.filter(request=request).update(shown="")  # what somebody knew was for this alone (GDPR Art. 12(6))
        forget_attachments(request)
        if request.state not in RELEASED:  # whoever stays keeps an account: what a law kept there is no business of ours any more
            Held.objects.filter(request=request).delete()
    elif "extended_on" in changes:
        set_due(request)
    entry = note(this, request, why=why)
    if request.pk:
        request.save()
    return entry


def note(this: Turn, request: Request, *, why: str = "", key: str | None = None) -> Entry:
    act = {
        "request": request.number, "about": request.kind, "via": request.via, "assurance": request.assurance or None,
        "method": request.method or None, "regime": request.regime or None, "due": request.due.isoformat() if request.due else None,
        "why": why or None,
    }  # fmt: skip
    return this.append(request.subject, f"request.{request.state}", act, key=key)
