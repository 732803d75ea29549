"""What may be done with consent: each decision and wide word, and telling people of data that came from somebody else."""

from __future__ import annotations

from consents.actions.choices import ask_to_confirm, confirm, deny_all, lift, record_expiry, say, stop, undo
from consents.actions.elsewhere import Elsewhere, take_over, take_over_in
from consents.actions.families import Wished, decider, deny_all_for, record_lapse, say_for, say_for_in, turn_off
from consents.actions.passing import note_confirmed, note_passed_on, note_passing
from consents.actions.received import note_told, receive
from consents.actions.restriction import lift_restriction, restrict
from consents.actions.told import NoEvidence, record_no, record_stop, record_yes

__all__ = [
    "Elsewhere", "NoEvidence", "Wished", "ask_to_confirm", "confirm", "decider", "deny_all", "deny_all_for", "lift",
    "lift_restriction", "note_confirmed", "note_passed_on", "note_passing", "note_told", "receive", "record_expiry",
    "record_lapse", "record_no", "record_stop", "record_yes", "restrict", "say", "say_for", "say_for_in", "stop", "take_over",
    "take_over_in", "turn_off", "undo",
]  # fmt: skip
