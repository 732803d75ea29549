"""What the history page says of each step of a request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from data_requests.kinds import KINDS
from data_requests.states import State
from ledger.kinds import Payload, Period, Words, register

FIELDS = ("request", "about", "via", "assurance", "method", "regime", "due", "why")


def _step(state: State) -> Callable[[Payload], Words]:
    def words(payload: Payload) -> Words:
        title = {
            State.RECEIVED: _("Request received: %(kind)s"),
            State.IDENTITY_PENDING: _("Waiting for proof that it is you: %(kind)s"),
            State.VERIFIED: _("We know it is you: %(kind)s"),
            State.IN_PROGRESS: _("Work has begun: %(kind)s"),
            State.EXTENDED: _("It takes longer: %(kind)s"),
            State.FULFILLED: _("Done: %(kind)s"),
            State.PARTLY_FULFILLED: _("Done in part: %(kind)s"),
            State.REFUSED: _("Refused: %(kind)s"),
            State.WITHDRAWN: _("Request withdrawn: %(kind)s"),
            State.EXPIRED_UNVERIFIED: _("Request expired, nobody proved it to be theirs: %(kind)s"),
        }[state]
        return Words(title % {"kind": KINDS[payload["about"]].title}, payload["request"])

    return words


def _downloaded(payload: Payload) -> Words:
    return Words(_("Copy downloaded"), payload["request"])


def _gone(payload: Payload) -> Words:
    return Words(_("The file of a copy was deleted"), payload["request"])


def _letter(payload: Payload) -> Words:
    return Words(_("Message from you") if payload["from_person"] else _("Message from us"), payload["request"])


def _missed(payload: Payload) -> Words:
    return Words(_("We missed the law’s date: %(kind)s") % {"kind": KINDS[payload["about"]].title}, payload["request"])


def _compared(payload: Payload) -> Words:
    title = _("What you know was compared with our records") if not payload["second"] else _("A second person agreed to the comparison")
    return Words(title, payload["request"])


def _due_soon(payload: Payload) -> Words:
    return Words(_("The law’s date comes near: %(kind)s") % {"kind": KINDS[payload["about"]].title}, payload["request"])


def _asked(payload: Payload) -> Words:
    return Words(_("You answered our question") if payload["answered"] else _("We asked you a question"), payload["request"])


def _attached(payload: Payload) -> Words:
    return Words(_("What “%(system)s” holds was added to your copy") % {"system": payload["system"]}, payload["request"])


def _pause_ends(payload: Payload) -> Words:
    day = date_format(date.fromisoformat(payload["on"]), "DATE_FORMAT")
    return Words(_("The pause ends on %(day)s") % {"day": day}, payload["request"])


def _system_named(payload: Payload) -> Words:
    return Words(_("A connected system was named"), payload["name"])


def _system_answered(payload: Payload) -> Words:
    title = {
        "done": _("“%(system)s” has answered: done"), "nothing": _("“%(system)s” has answered: nothing found"),
        "kept": _("“%(system)s” has answered: something stays"), "open": _("“%(system)s” is asked once more"),
    }.get(payload["outcome"], _("“%(system)s” could not be asked, we try again"))  # fmt: skip
    return Words(title % {"system": payload["system"]}, payload["request"])


def _erased(payload: Payload) -> Words:
    return Words(_("Everything about you was deleted"), payload["request"] or "")


def _certified(payload: Payload) -> Words:
    return Words(_("We looked again, and nothing is left"), payload["request"])


def _held_erased(payload: Payload) -> Words:
    return Words(_("What “%(system)s” had to keep was deleted") % {"system": payload["system"]}, payload["request"])


def register_kinds() -> None:
    register("system.named", fields=("key", "name", "in_use"), period=Period.PROOF, words=_system_named)
    for state in State:
        register(f"request.{state}", fields=FIELDS, period=Period.PROOF, words=_step(state), group="requests")
    for name, fields, words in (
        ("request.downloaded", ("request", "assurance", "method", "number_of"), _downloaded),
        ("request.letter", ("request", "from_person"), _letter),
        ("request.file_gone", ("request",), _gone),
        ("request.due_soon", ("request", "about", "regime", "due", "days"), _due_soon),
        ("request.asked", ("request", "about", "answered", "due"), _asked),
        ("request.attached", ("request", "system", "sha256"), _attached),
        ("request.pause_ends", ("request", "on"), _pause_ends),
        ("request.compared", ("request", "finding", "compared", "second"), _compared),
        ("request.system_answered", ("request", "system", "outcome", "count"), _system_answered),
        ("person.erased", ("why", "request", "rows", "proof_until"), _erased),
        ("erasure.certified", ("request", "tables", "systems", "kept"), _certified),
        ("held.erased", ("request", "system", "count"), _held_erased),
        ("request.missed", ("request", "about", "regime", "due"), _missed),
    ):
        register(name, fields=fields, period=Period.PROOF, words=words, group="requests")
