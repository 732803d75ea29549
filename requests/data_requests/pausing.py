"""The pause that goes with a request: who asked for it may end it, and so does an answer that says no."""

from __future__ import annotations

from consents.actions import lift_restriction
from data_requests.kinds import KINDS
from data_requests.models import Request
from data_requests.states import OPEN, RELEASED
from ledger.turns import Turn


def end_pause(this: Turn, request: Request) -> None:
    """What was allowed is allowed again, unless another request of theirs holds the pause: one that is open, or was granted."""
    if not KINDS[request.kind].restricts or request.customer is None:
        return
    others = Request.objects.of(request.customer).filter(kind=request.kind, state__in=OPEN | RELEASED, verified_at__isnull=False)
    if not others.exclude(pk=request.pk).exists():
        lift_restriction(this, request.customer, request=request.number)
