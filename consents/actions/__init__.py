"""What may be done with consent: each decision and wide word."""

from __future__ import annotations

from consents.actions.choices import ask_to_confirm, confirm, deny_all, lift, record_expiry, say, stop, undo

__all__ = ["ask_to_confirm", "confirm", "deny_all", "lift", "record_expiry", "say", "stop", "undo"]
