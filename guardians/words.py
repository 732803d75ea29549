"""What the history says of what happens in a family. The child's own history and page use the same words."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consents.words import title_now
from ledger.kinds import Payload, Period, Words, register

WISHES = {
    "copy": gettext_noop("A wish: see what is known about me"),
    "correct": gettext_noop("A wish: have something put right"),
    "delete": gettext_noop("A wish: have my data deleted"),
}


def _wish(act: Payload) -> str:
    if act["what"] in WISHES:
        return _(WISHES[act["what"]])
    return _("A wish: %(what)s") % {"what": title_now(act["purpose"], act["channel"])}


def wish_made(act: Payload) -> Words:
    return Words(_wish(act), act["note"] or "")


def wish_answered(act: Payload) -> Words:
    said = _("An adult said yes.") if act["state"] == "allowed" else _("An adult said “not this time”.")
    return Words(_wish(act), " ".join([said, act["note"] or ""]).strip())


def wish_taken_back(act: Payload) -> Words:
    return Words(_wish(act), _("Taken back."))


def wish_reminded(act: Payload) -> Words:
    return Words(_wish(act), _("The adults were reminded."))


def note_written(act: Payload) -> Words:
    return Words(_("A note with a decision"), act["text"])


def _always(title: str) -> Callable[[Payload], Words]:
    return lambda act: Words(_(title))


def told(act: Payload) -> Words:
    if act["days"]:
        return Words(_("Told of a birthday ahead"), _("%(age)d years, in %(days)d days.") % {"age": act["age"], "days": act["days"]})
    return Words(_("Decides alone from this birthday on"), _("%(age)d years.") % {"age": act["age"]})


def register_kinds() -> None:
    wish = ("what", "purpose", "channel")
    register("wish.made", fields=(*wish, "note"), period=Period.WITH_PERSON, words=wish_made, group="choices")
    register("wish.answered", fields=(*wish, "party", "state", "note"), period=Period.WITH_PERSON, words=wish_answered, group="choices")
    register("wish.taken_back", fields=wish, period=Period.WITH_PERSON, words=wish_taken_back, group="choices")
    register("wish.reminded", fields=wish, period=Period.WITH_PERSON, words=wish_reminded, group="choices")
    register("note.written", fields=("receipt", "text"), period=Period.WITH_PERSON, words=note_written, group="choices")
    register("coming_of_age.told", fields=("age", "days", "of_age"), period=Period.WITH_PERSON, words=told)
    for name, fields, title in SIMPLE:
        register(name, fields=fields, period=Period.WITH_PERSON, words=_always(title))


SIMPLE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("guardian.claimed", ("claim", "method"), gettext_noop("You said that you decide for a child")),
    ("guardian.confirmed", ("method",), gettext_noop("Confirmed from your mailbox, for the first time")),
    ("guardian.form_received", ("evidence",), gettext_noop("Your signed form arrived")),
    ("guardian.looked_at", ("method",), gettext_noop("Your signed form was looked at, and will be once more")),
    ("guardian.refused", ("method",), gettext_noop("We could not confirm that you decide for a child")),
    ("guardian.claim_over", ("method",), gettext_noop("What you said about a child is over, without a decision")),
    ("guardian.invited", ("by",), gettext_noop("Another adult was invited to decide, too")),
    ("invitation.taken_back", (), gettext_noop("You took an invitation back")),
    ("dispute.proposed", ("proposal",), gettext_noop("Support has a proposal for who may decide")),
    ("dispute.settled", ("proposal",), gettext_noop("Support has settled who may decide")),
    ("child_page.replaced", (), gettext_noop("The link to the child’s own page was replaced")),
    ("child_page.asked", (), gettext_noop("An address waits to become the sign-in of this page")),
    ("child_page.claimed", (), gettext_noop("This page belongs to its own sign-in now")),
    ("child_page.refused", (), gettext_noop("An address was not agreed to")),
)
