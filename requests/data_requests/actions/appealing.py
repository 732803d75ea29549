"""An answer that the person does not agree with is looked at again, by somebody who did not give it, in a time of its own."""

from __future__ import annotations

from django.db import IntegrityError

from accounts.assurance import Proof
from data_requests.actions.intake import Received, receive
from data_requests.kinds import APPEAL
from data_requests.models import Request
from data_requests.states import CLOSED, NotPossible, State

WITH_REASON = frozenset({State.REFUSED, State.PARTLY_FULFILLED})
OVER = frozenset({State.WITHDRAWN, State.EXPIRED_UNVERIFIED})


def may_appeal(request: Request) -> bool:
    """Of what a person said no to, once; an appeal is decided for good, and then it is the regulator's turn."""
    answered = request.state in WITH_REASON and request.kind != APPEAL and request.answered_by.startswith("staff:")
    return answered and request.customer_id is not None and appeal_of(request) is None


def appeal_of(request: Request) -> Request | None:
    return Request.objects.filter(appeal_of=request).exclude(state__in=OVER).first()


def appeal(request: Request, text: str, proof: Proof, *, by: str, nonce: str) -> Received:
    """Twice is once. Raises NotPossible."""
    there = appeal_of(request)
    if there is not None:
        return Received(there, again=True)
    if not may_appeal(request) or not text.strip() or State(request.state) not in CLOSED or request.customer is None:
        raise NotPossible(f"{request.number} has no answer to appeal")
    try:
        return receive(request.customer, APPEAL, {"text": text.strip()}, proof, by=by, nonce=nonce, appeal_of=request)
    except IntegrityError:  # another tab was faster
        made = appeal_of(request)
        if made is None:
            raise
        return Received(made, again=True)
