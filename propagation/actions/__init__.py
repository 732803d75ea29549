"""What may be done with partners, keys, endpoints, confirmations and imports."""

from __future__ import annotations

from propagation.actions.confirming import NotTold, SaysNothing, confirm
from propagation.actions.endpoints import (
    UnknownEvent,
    close_endpoint,
    open_endpoint,
    replay,
    replay_comparison,
    rotate_secret,
    test_endpoint,
)
from propagation.actions.partners import LONGEST, NotGranted, digest_of, issue_key, name_partner, revoke_key

__all__ = [
    "LONGEST", "NotGranted", "NotTold", "SaysNothing", "UnknownEvent", "close_endpoint", "confirm", "digest_of", "issue_key",
    "name_partner", "open_endpoint", "replay", "replay_comparison", "revoke_key", "rotate_secret", "test_endpoint",
]  # fmt: skip
