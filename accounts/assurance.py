"""How sure we are who is asking, and how sure an act needs us to be. A mailed code proves control of an address, and no more than that.

Levels (docs/threats.md): IV0 nothing · IV1 a signed link that went to the address · IV2 a session · IV3W a session and a fresh mailed code,
good only with a wait and notices · IV3 two independent factors within STEP_UP_FRESH · IV4 the same and a second person.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

from accounts.second_factor import FACTOR_SHOWN


class Level(IntEnum):
    IV0 = 0
    IV1 = 1
    IV2 = 2
    IV3W = 3
    IV3 = 4
    IV4 = 5

    def __str__(self) -> str:
        return self.name


# Act -> regime ("" is every other) -> the level it needs. What reduces what a brand may do never needs more than a link: the law forbids
# to ask for more (CCPA regulations 7060(b), GDPR Art. 21(3)), and a test holds these rows to it.
NEEDS: Mapping[str, Mapping[str, Level]] = {
    "withdraw": {"": Level.IV0},
    "opt_out": {"": Level.IV0},
    "limit": {"": Level.IV0},
    "object": {"": Level.IV1},
    "complaint": {"": Level.IV1},
    "appeal": {"": Level.IV1},
    "see_choices": {"": Level.IV1},
    "restrict": {"": Level.IV2},
    "review": {"": Level.IV2},
    "correct": {"": Level.IV2},
    "allow": {"": Level.IV2},
    "copy": {"": Level.IV3},
    "delete": {"": Level.IV3},
    "download": {"": Level.IV3},
    "change_sign_in": {"": Level.IV3W},
}
REDUCING = frozenset({"withdraw", "opt_out", "limit", "object"})
SLOW = frozenset({"copy", "delete", "download"})  # acts that IV3W opens, too, after a wait


def needed(act: str, regime: str = "") -> Level:
    """Raises KeyError for an act that nobody has thought about."""
    rows = NEEDS[act]
    return rows.get(regime, rows[""])


@dataclass(frozen=True)
class Proof:
    """What somebody has shown, and by which means: the words of the ledger (`passkey`, `code_and_app`, `code`, `session`, `link`,
    `claim`). `slow`: what it opens waits in any case."""

    level: Level
    method: str
    slow: bool = False

    def opens(self, act: str, regime: str = "") -> bool:
        return self.level >= needed(act, regime)

    def opens_slowly(self, act: str, regime: str = "") -> bool:
        return act in SLOW and not self.opens(act, regime) and self.level >= Level.IV3W

    def waits(self, act: str, regime: str = "") -> bool:
        """Whether what it opens waits first, so that whose data it is can stop it."""
        return act in SLOW and (self.slow or self.opens_slowly(act, regime))


NOTHING = Proof(Level.IV0, "none")
BY_LINK = Proof(Level.IV1, "link")
BY_ADDRESS = Proof(Level.IV1, "code")  # a code that was mailed to somebody who has no account, and no more
BY_CLAIM = Proof(Level.IV4, "claim", slow=True)  # the same, and what they know, compared by one person and agreed to by another
FRESH_CODE = Proof(Level.IV3W, "code")
SESSION = Proof(Level.IV2, "session")


def proof_of(request: HttpRequest) -> Proof:
    """Of the session of this request, at this moment. A passkey with the person's presence checked is two factors; a mailed code is one,
    and becomes two with the number of an authenticator app or a recovery code."""
    if getattr(request, "customer", None) is None:
        return NOTHING
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    since = time.time() - settings.STEP_UP_FRESH.total_seconds()
    fresh = [record for record in records if record["at"] > since]
    if any(record.get("method") == "mfa" and record.get("type") == "webauthn" for record in fresh):
        return Proof(Level.IV3, "passkey")
    if not any(record.get("method") == "code" for record in fresh):
        return SESSION
    if request.session.get(FACTOR_SHOWN, 0.0) > since:
        return Proof(Level.IV3, "code_and_app")
    return FRESH_CODE
