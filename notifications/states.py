"""The closed lists of a message: what it is, how it stands, and why it was not sent."""

from __future__ import annotations

from enum import StrEnum


class Class(StrEnum):
    """A service message goes out whatever somebody thinks of marketing; marketing only where may_send() says so."""

    SERVICE = "service"
    MARKETING = "marketing"


class State(StrEnum):
    QUEUED = "queued"
    STARTED = "started"  # given to the mail server, no answer recorded yet
    SENT = "sent"
    IN_DOUBT = "in_doubt"  # the sender died in between: it may have gone out, and is not sent again
    BOUNCED = "bounced"  # refused by the server, or sent back later
    DROPPED = "dropped"  # not to be sent any more: see Why
    IN_CENTER = "in_center"  # no address that works: shown in the center until seen


class Why(StrEnum):
    """Why a message was dropped, or is shown in the center alone."""

    NOT_AFFECTED = "not_affected"  # it does not concern them any more
    NOT_ALLOWED = "not_allowed"  # marketing that they do not allow (any more)
    NO_ADDRESS = "no_address"
    UNDELIVERABLE = "undeliverable"
    BAD_ADDRESS = "bad_address"  # an address that no mail server takes
    OVER = "over"  # it came too late to be of use
    REFUSED = "refused"  # by the server that takes our mail, for good
    TRIED_ENOUGH = "tried_enough"
    BROKEN = "broken"  # it could not be written, twice


OPEN = (State.QUEUED, State.STARTED)
GONE = (State.SENT, State.IN_DOUBT, State.BOUNCED)  # has been with a mail server
