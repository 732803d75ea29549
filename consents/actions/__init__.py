"""What may be done with consent: each decision and wide word, and telling people of data that came from somebody else."""

from __future__ import annotations

from consents.actions.choices import ask_to_confirm, confirm, deny_all, lift, record_expiry, say, stop, undo
from consents.actions.elsewhere import Elsewhere, take_over, take_over_in
from consents.actions.passing import note_confirmed, note_passed_on, note_passing
from consents.actions.received import note_told, receive
from consents.actions.restriction import lift_restriction, restrict

__all__ = [
    "Elsewhere", "ask_to_confirm", "confirm", "deny_all", "lift", "lift_restriction", "note_confirmed", "note_passed_on", "note_passing",
    "note_told", "receive", "record_expiry", "restrict", "say", "stop", "take_over", "take_over_in", "undo",
]  # fmt: skip
