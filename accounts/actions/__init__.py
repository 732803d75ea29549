"""What can happen to an account. Each act appends to the ledger and writes its effect in the same transaction."""

from __future__ import annotations

from accounts.actions.changing import can_be_put_back, change_contact, put_back
from accounts.actions.details import change_name, choose_country, choose_language
from accounts.actions.families import (
    NoBirthDate,
    NotAChild,
    Verified,
    begin_guardianship,
    correct_birth_date,
    end_guardianship,
    freeze,
    new_child,
    unfreeze,
)
from accounts.actions.joining import AddressRetired, AddressTaken, Suppressed, all_known, customer_of, join, known, meet, record
from accounts.actions.numbers import IdTaken, by_external_id, tie
from accounts.actions.openid import link, opened_by, save_provider, unlink
from accounts.actions.sessions import end_session, end_sessions, halt, open_sessions, sign_out_everywhere, signed_in

__all__ = [
    "AddressRetired", "AddressTaken", "IdTaken", "NoBirthDate", "NotAChild", "Suppressed", "Verified", "all_known",
    "begin_guardianship", "by_external_id", "can_be_put_back", "change_contact", "change_name", "choose_country",
    "choose_language", "correct_birth_date", "customer_of", "end_guardianship", "end_session", "end_sessions", "freeze", "halt",
    "join", "known", "link", "meet", "new_child", "open_sessions", "opened_by", "put_back", "record", "save_provider",
    "sign_out_everywhere", "signed_in", "tie", "unfreeze", "unlink",
]  # fmt: skip
