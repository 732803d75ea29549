"""The states of a request, and the one table of how it gets from one to another. Nothing else in the product moves a request."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    RECEIVED = "received", _("Received")
    IDENTITY_PENDING = "identity_pending", _("We need to know it is you")
    VERIFIED = "verified", _("We know it is you")
    IN_PROGRESS = "in_progress", _("In progress")
    EXTENDED = "extended", _("Takes longer")
    FULFILLED = "fulfilled", _("Done")
    PARTLY_FULFILLED = "partly_fulfilled", _("Done in part")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED_UNVERIFIED = "expired_unverified", _("Expired")


# The same as colleagues at the desk say it, of somebody else.
AT_DESK = [
    (State.RECEIVED.value, _("received")), (State.IDENTITY_PENDING.value, _("proof of identity is missing")),
    (State.VERIFIED.value, _("identity is proven")), (State.IN_PROGRESS.value, _("in work")), (State.EXTENDED.value, _("extended")),
    (State.FULFILLED.value, _("done")), (State.PARTLY_FULFILLED.value, _("done in part")), (State.REFUSED.value, _("refused")),
    (State.WITHDRAWN.value, _("withdrawn")), (State.EXPIRED_UNVERIFIED.value, _("expired without proof")),
]  # fmt: skip


class Event(TextChoices):
    ASK_IDENTITY = "ask_identity"
    VERIFY = "verify"
    START = "start"
    EXTEND = "extend"
    FULFIL = "fulfil"
    FULFIL_IN_PART = "fulfil_in_part"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    NOT_ME = "not_me"
    KEEP = "keep"
    OVERTAKE = "overtake"
    EXPIRE = "expire"


class Role(TextChoices):
    PERSON = "person"  # whose data it is, in a session
    LINK = "link"  # whoever holds a link that went to their address
    AGENT = "agent"
    SYSTEM = "system"


UNVERIFIED = frozenset({State.RECEIVED, State.IDENTITY_PENDING})
WORKING = frozenset({State.IN_PROGRESS, State.EXTENDED})
OPEN = UNVERIFIED | {State.VERIFIED} | WORKING
ANSWERED = frozenset({State.FULFILLED, State.PARTLY_FULFILLED, State.REFUSED})
CLOSED = ANSWERED | {State.WITHDRAWN, State.EXPIRED_UNVERIFIED}
RELEASED = frozenset({State.FULFILLED, State.PARTLY_FULFILLED})
NEED_PROOF = frozenset({State.VERIFIED}) | WORKING | RELEASED  # the database holds it, too: see models.Request

Rule = tuple[State, frozenset[Role]]
_STAFF = frozenset({Role.AGENT, Role.SYSTEM})
_AGENT = frozenset({Role.AGENT})
_PERSON = frozenset({Role.PERSON})
_SYSTEM = frozenset({Role.SYSTEM})
_LINK = frozenset({Role.LINK})

# (from, event) -> (to, who). `verify` is the system's alone: nobody at the desk can set it, whatever they were told on the phone.
TRANSITIONS: Mapping[tuple[State, Event], Rule] = {
    (State.RECEIVED, Event.ASK_IDENTITY): (State.IDENTITY_PENDING, _SYSTEM),
    (State.RECEIVED, Event.VERIFY): (State.VERIFIED, _SYSTEM),
    (State.IDENTITY_PENDING, Event.VERIFY): (State.VERIFIED, _SYSTEM),
    (State.IDENTITY_PENDING, Event.EXPIRE): (State.EXPIRED_UNVERIFIED, _SYSTEM),
    (State.IDENTITY_PENDING, Event.REFUSE): (State.REFUSED, _AGENT),
    (State.VERIFIED, Event.START): (State.IN_PROGRESS, _STAFF),
    (State.VERIFIED, Event.REFUSE): (State.REFUSED, _AGENT),
    (State.IN_PROGRESS, Event.EXTEND): (State.EXTENDED, _AGENT),
    (State.IN_PROGRESS, Event.FULFIL): (State.FULFILLED, _STAFF),
    (State.IN_PROGRESS, Event.FULFIL_IN_PART): (State.PARTLY_FULFILLED, _STAFF),
    (State.IN_PROGRESS, Event.REFUSE): (State.REFUSED, _AGENT),
    (State.EXTENDED, Event.FULFIL): (State.FULFILLED, _STAFF),
    (State.EXTENDED, Event.FULFIL_IN_PART): (State.PARTLY_FULFILLED, _STAFF),
    (State.EXTENDED, Event.REFUSE): (State.REFUSED, _AGENT),
    **{(state, Event.WITHDRAW): (State.WITHDRAWN, _PERSON) for state in OPEN},
    **{(state, Event.NOT_ME): (State.WITHDRAWN, _LINK) for state in OPEN},
    **{(state, Event.OVERTAKE): (State.WITHDRAWN, _SYSTEM) for state in OPEN},  # by the deletion of whose it was
    **{(state, Event.KEEP): (State.WITHDRAWN, _LINK) for state in OPEN},  # of a deletion: from any address that we know
}


class NotPossible(ValueError):
    """The request does not stand where this could happen, or it is not for them to do."""


def moved(state: State, event: Event, role: Role) -> State:
    """Where the event leads. Raises NotPossible."""
    rule = TRANSITIONS.get((State(state), Event(event)))
    if rule is None or role not in rule[1]:
        raise NotPossible(f"{event} of a request that is {state}, by {role}")
    return rule[0]
