"""What may be done with a request. Each is one turn: the entry and what it changes commit together or not at all."""

from __future__ import annotations

from data_requests.actions.answering import approve_refusal, extend, fulfil, item_done, propose_refusal, refuse, start, write
from data_requests.actions.appealing import appeal, may_appeal
from data_requests.actions.claiming import agree, compare
from data_requests.actions.correcting import changes, correct
from data_requests.actions.delivering import download, forget_file, fulfil_copy
from data_requests.actions.erasing import certify, erase, erase_customer, keys_of_held, note_held
from data_requests.actions.forgetting import forget_proof, forget_request
from data_requests.actions.intake import Received, receive, verify
from data_requests.actions.lifting import announce_end_of_pause, end_own_pause, lift_pause
from data_requests.actions.mandates import ask_for, find_person, limit_by_address
from data_requests.actions.reminding import note_due_soon, note_missed
from data_requests.actions.stopping import expire, keep, not_me, withdraw
from data_requests.actions.systems import attach, attach_rows, name_system
from data_requests.actions.waiting import ask

__all__ = [
    "Received", "agree", "announce_end_of_pause", "appeal", "approve_refusal", "ask", "ask_for", "attach", "attach_rows",
    "certify", "changes", "compare", "correct", "download", "end_own_pause", "erase", "erase_customer", "expire", "extend", "find_person",
    "forget_file", "forget_proof", "forget_request", "fulfil", "fulfil_copy", "item_done", "keep", "keys_of_held", "lift_pause",
    "limit_by_address", "may_appeal", "name_system", "not_me", "note_due_soon", "note_held", "note_missed", "propose_refusal",
    "receive", "refuse", "start", "verify", "withdraw", "write",
]  # fmt: skip
