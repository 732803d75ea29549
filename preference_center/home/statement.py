"""The position in one generated sentence, its running stitch, and three lists. Nobody types the sentence about selling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import Customer
from consents.screens import ChoicesPage, Row, offered_now, stitches
from consents.standing import basis_here


@dataclass(frozen=True)
class Statement:
    title: str
    text: str
    stitches: list[str] = field(default_factory=list)
    counts: str = ""


@dataclass(frozen=True)
class Standing:
    """One of the three lists. `rows`: where each use stands on the choices page."""

    name: str
    rows: list[tuple[str, str]]


def statement(customer: Customer, page: ChoicesPage) -> Statement:
    marks = stitches(page.rows)
    allowed, denied, undecided = (marks.count(mark) for mark in ("on", "off", "open"))
    running = runs_undecided(page.rows)
    parts = [_greeting(customer), *_position(allowed, len(marks), running), _selling(customer)]
    counts = ", ".join(
        [
            ngettext("%(n)d allowed", "%(n)d allowed", allowed) % {"n": allowed},
            ngettext("%(n)d not allowed", "%(n)d not allowed", denied) % {"n": denied},
            ngettext("%(n)d not decided", "%(n)d not decided", undecided) % {"n": undecided},
        ]
    )
    title = _("Overview of your data at %(brand)s") % {"brand": customer.brand.name}
    return Statement(title, " ".join(parts), marks, counts)


def _greeting(customer: Customer) -> str:
    given = customer.name.split(" ")[0] if customer.name else ""
    if not given:
        return pgettext("greeting without a name", "Hello.")
    # Not a format: a language that would have to inflect the name greets without it.
    return pgettext("greeting; NAME stands for the first name and may be left out", "Hello, NAME.").replace("NAME", given)


def runs_undecided(rows: list[Row]) -> bool:
    """Whether something runs that nobody has decided on: where the law asks for an opt-out and not for a yes."""
    return any(row.stitch == "open" and not row.state.open for row in rows)


def _position(allowed: int, of: int, running: bool) -> Iterator[str]:
    if not of:
        yield _("There is no optional use of your data here.")
    elif allowed:
        yield _allowed(allowed, of)
    elif not running:
        yield _("You haven’t allowed anything yet, so all optional uses of your data are off.")
    if running:
        yield _("Some optional uses of your data run until you say no.")


def _allowed(allowed: int, of: int) -> str:
    if of == 1:
        return _("You allow our one optional use of your data.")
    words = {"allowed": in_words(allowed, "allowed"), "of": in_words(of, "of")}
    return (
        ngettext(
            "You allow %(allowed)s of our %(of)s optional uses of your data.",
            "You allow %(allowed)s of our %(of)s optional uses of your data.",
            allowed,
        )
        % words
    )


def _selling(customer: Customer) -> str:
    """From the register: what is published and in force now."""
    grounds = {basis_here(customer, purpose) for purpose in offered_now(customer) if purpose.sold} - {"prohibited"}
    if not grounds:
        return _("We sell it to no one.")
    if grounds == {"consent"}:
        return _("Some of it is sold, and only where you allow it.")
    return _("Some of it is sold, unless you say no.")


def in_words(number: int, place: str) -> str:
    """Small numbers in words, in the form their place in the sentence asks for; larger ones in figures."""
    first = [
        pgettext("allowed: a number", "none"), pgettext("allowed: a number", "one"), pgettext("allowed: a number", "two"),
        pgettext("allowed: a number", "three"), pgettext("allowed: a number", "four"), pgettext("allowed: a number", "five"),
        pgettext("allowed: a number", "six"), pgettext("allowed: a number", "seven"), pgettext("allowed: a number", "eight"),
        pgettext("allowed: a number", "nine"), pgettext("allowed: a number", "ten"),
    ]  # fmt: skip
    second = [
        pgettext("of so many", "none"), pgettext("of so many", "one"), pgettext("of so many", "two"), pgettext("of so many", "three"),
        pgettext("of so many", "four"), pgettext("of so many", "five"), pgettext("of so many", "six"), pgettext("of so many", "seven"),
        pgettext("of so many", "eight"), pgettext("of so many", "nine"), pgettext("of so many", "ten"),
    ]  # fmt: skip
    words = first if place == "allowed" else second
    return words[number] if number < len(words) else str(number)


def standing(page: ChoicesPage) -> list[Standing]:
    """You allow, you don't allow, you haven't decided: each use by its name and its place on the choices page."""
    names = {"on": _("You allow"), "off": _("You don’t allow"), "open": _("You haven’t decided")}
    return [Standing(name, [_link(card.id, card.title, row) for card in page.optional for row in card.all_rows if row.stitch == mark])
            for mark, name in names.items()]  # fmt: skip


def _link(card_id: str, title: str, row: Row) -> tuple[str, str]:
    return card_id, title if row.name == title else f"{title}, {row.name}"
