"""What comes with a decision besides the decision: who, how, where, and what they had before them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from consents.models import Choice
from consents.states import How, Where
from ledger.models import Entry


@dataclass(frozen=True)
class Said:
    """How a decision reached us.

    actor       "self:<subject>", "guardian:<subject>", "staff:<reference>", ... : who acted
    party       the ledger reference whose word it is
    assurance   IV0 ... IV4, how sure we are of them
    seen        the head's seq when the page was made; None where nothing was seen (a link, a signal)
    version     the purpose's version on that page, and `shown` the SHA-256 of what it said; None where nothing was shown
    key         the form's idempotency key; None: idempotent by state
    """

    actor: str
    party: str
    how: How = How.BUTTON
    where: Where = Where.CHOICES
    assurance: str = "IV2"
    language: str = "en"
    seen: int | None = None
    version: int | None = None
    shown: str | None = None
    key: str | None = None


class Result(StrEnum):
    SAVED = "saved"
    STANDS = "stands"  # it stood so already: answered, nothing written
    STALE = "stale"  # something newer stands in the way of a yes: nothing written, asked anew
    OTHER_WORDING = "other_wording"  # the page showed what we no longer say: nothing written, shown anew
    NO_CONTROL = "no_control"  # not for the person to decide: contract, legal duty, or forbidden
    SUPERSEDED = "superseded"  # a yes from an earlier system, and a later no stands: recorded without effect
    WEAK_PROOF = "weak_proof"  # a guardian who was verified in a way that is not good for passing data on: nothing written
    UNPROVEN = "unproven"  # a yes from an earlier system that cannot be shown to be one: noted, never counted


@dataclass(frozen=True)
class Outcome:
    result: Result
    entry: Entry | None = None
    choice: Choice | None = None
    passed_over: list[str] = field(default_factory=list)

    @property
    def saved(self) -> bool:
        return self.result is Result.SAVED


def form_key(nonce: str, subject: str, party: str, purpose: str, channel: str, decision: str) -> str:
    """The idempotency key of one press of one button of one page, in hex. `nonce` is 16 random bytes in the form."""
    return hashlib.sha256("|".join([nonce, subject, party, purpose, channel, decision]).encode()).hexdigest()
