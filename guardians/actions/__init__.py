"""What can happen in a family. Each act appends to the ledger and writes its effect in the same turn."""

from __future__ import annotations

from guardians.actions.becoming import accept, confirm_by_mail, first_look, hand_in, over, refuse, revoke, second_look
from guardians.actions.claiming_page import agree_to_address, ask_for_page, refuse_address
from guardians.actions.deciding import decide, deny_all
from guardians.actions.disputing import mark_of, open_dispute, propose, settle
from guardians.actions.inviting import NotOpen, accept_invitation, invite, invite_from_gate, open_invitation, take_invitation_back
from guardians.actions.joining import add_child, begin_claim
from guardians.actions.leaving import end, replace_link, resign
from guardians.actions.wishing import answer_other, make_wish, remind, take_wish_back

__all__ = [
    "NotOpen", "accept", "accept_invitation", "add_child", "agree_to_address", "answer_other", "ask_for_page", "begin_claim",
    "confirm_by_mail", "decide", "deny_all", "end", "first_look", "hand_in", "invite", "invite_from_gate", "make_wish",
    "mark_of", "open_dispute", "open_invitation", "over", "propose", "refuse", "refuse_address", "remind", "replace_link", "resign",
    "revoke", "second_look", "settle", "take_invitation_back", "take_wish_back",
]  # fmt: skip
