"""The pause that goes with a request (GDPR Art. 18): who asked for it may end it, an answer that says no ends it, and one that was granted
ends on a day that the person is told before."""

from __future__ import annotations

from django.utils import timezone

from consents.actions import lift_restriction
from data_requests.erasing.scope import deletion_of
from data_requests.kinds import DELETE, KINDS
from data_requests.models import Request
from data_requests.states import OPEN, RELEASED
from ledger.turns import Turn


def end_pause(this: Turn, request: Request) -> None:
    """What was allowed is allowed again, unless another request of theirs holds the pause: one that is open, or was granted. The caller
    saves the request, or has."""
    if not holds_pause(request) or request.customer is None:
        return
    request.lifted_at = timezone.now()
    Request.objects.filter(pk=request.pk).update(lifted_at=request.lifted_at)
    pausing = [kind for kind, each in KINDS.items() if each.restricts]
    holding = Request.objects.of(request.customer).filter(kind__in=pausing, state__in=OPEN | RELEASED, verified_at__isnull=False)
    if not any(restricts(each) for each in holding.filter(lifted_at=None).exclude(pk=request.pk)):
        lift_restriction(this, request.customer, request=request.number)


def restricts(request: Request) -> bool:
    """Whether it pauses all use; of a deletion, where everything goes."""
    return KINDS[request.kind].restricts and (request.kind != DELETE or deletion_of(request.asked).is_whole)


def holds_pause(request: Request) -> bool:
    return restricts(request) and request.verified_at is not None and request.lifted_at is None
