"""What may be done with a request. Each is one turn: the entry and what it changes commit together or not at all."""

from __future__ import annotations

from data_requests.actions.answering import approve_refusal, extend, fulfil, item_done, note_missed, propose_refusal, refuse, start, write
from data_requests.actions.claiming import agree, compare
from data_requests.actions.delivering import download, forget_file, fulfil_copy
from data_requests.actions.intake import Received, receive, verify
from data_requests.actions.mandates import ask_for, find_person, limit_by_address
from data_requests.actions.stopping import expire, not_me, withdraw

__all__ = [
    "Received", "agree", "approve_refusal", "ask_for", "compare", "download", "expire", "extend", "find_person", "forget_file", "fulfil",
    "fulfil_copy", "item_done", "limit_by_address", "not_me", "note_missed", "propose_refusal", "receive", "refuse", "start", "verify",
    "withdraw", "write",
]  # fmt: skip
