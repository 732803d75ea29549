"""What may be done with a request. Each is one turn: the entry and what it changes commit together or not at all."""

from __future__ import annotations

from data_requests.actions.answering import approve_refusal, extend, fulfil, item_done, note_missed, propose_refusal, refuse, start, write
from data_requests.actions.delivering import download, forget_file, fulfil_copy
from data_requests.actions.intake import Received, receive, verify
from data_requests.actions.stopping import expire, not_me, withdraw

__all__ = [
    "Received", "approve_refusal", "download", "expire", "extend", "forget_file", "fulfil", "fulfil_copy", "item_done", "not_me",
    "note_missed", "propose_refusal", "receive", "refuse", "start", "verify", "withdraw", "write",
]  # fmt: skip
