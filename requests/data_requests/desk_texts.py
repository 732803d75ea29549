"""Words to begin an answer with, in the language of whoever reads them. They are a start: who sends them reads them, and fills what is
in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.actions.details import Changed
from accounts.colleagues import STAFF
from data_requests.models import Request
from ledger.models import Entry

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Text:
    """`act`: the form it begins; `kinds`: of which requests, empty for all."""

    act: str
    title: StrOrPromise
    text: StrOrPromise
    kinds: frozenset[str] = frozenset()


TEXTS: Mapping[str, Text] = {
    "which": Text(
        "ask", _("Which data do you mean?"),
        _("So that we look in the right place: which data do you mean, and from about when? You can answer on this page."),
    ),
    "known": Text(
        "ask", _("By what do we know you?"),
        _("We could not find you yet. Do you have an order number, and another address that you may have used? Please send no papers."),
    ),
    "working": Text(
        "write", _("We are at work on it"), _("We have begun, and ask [system]. You hear from us by [day] at the latest."),
    ),
    "corrected": Text(
        "fulfil", _("It is corrected"),
        _("We have corrected it: [what], from “[before]” to “[now]”. We told [recipients], who have it from us."), frozenset({"correct"}),
    ),
    "paused": Text(
        "fulfil", _("It stays paused"),
        _("We agree. Your data stays, and we use it for nothing, until we have told you otherwise."), frozenset({"restrict"}),
    ),
    "stopped": Text(
        "fulfil", _("The use has stopped"),
        _("We agree, and have stopped it: [use]. You need do nothing more."), frozenset({"object", "limit"}),
    ),
    "looked": Text(
        "fulfil", _("A person has looked"),
        _("[Name] has looked at the decision, with what you wrote. The outcome: [outcome]. The reasons: [reasons]."), frozenset({"review"}),
    ),
    "sorry": Text(
        "fulfil", _("You are right, and we are sorry"),
        _("You are right: [what went wrong]. We are sorry. We have [what was done], so that it does not happen again."),
        frozenset({"complaint"}),
    ),
    "not-you": Text(
        "refuse", _("We could not make sure that it is you"),
        _("We compared what you sent with our records, and could not make sure that it is you. Nothing was done with it. Ask again at any "
          "time, from an address that we know."),
    ),
    "right": Text(
        "refuse", _("It is right as it stands"),
        _("We checked [what] against [source], and it is right as it stands. What you wrote is kept with it, and nothing else is refused."),
        frozenset({"correct"}),
    ),
}  # fmt: skip


# By kind of entry: its field, and what it is called.
CORRECTED: Mapping[str, tuple[str, StrOrPromise]] = {"name.changed": ("name", _("Name")), "language.changed": ("language", _("Language"))}
BLANK = re.compile(r"\[[^\[\]]+\]")


@cache
def _blanks() -> frozenset[str]:
    """In every language: “[day]”, “[dzień]”."""
    found: set[str] = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {blank for text in TEXTS.values() for blank in BLANK.findall(str(text.text))}
    return frozenset(found)


def unfilled(words: str) -> list[str]:
    """What of a text to begin with still waits to be filled in. Brackets of one's own are nobody's business."""
    return [blank for blank in dict.fromkeys(BLANK.findall(words)) if blank in _blanks()]


def offered(request: Request) -> dict[str, list[tuple[str, StrOrPromise]]]:
    """By act: key and title of what fits this request."""
    found: dict[str, list[tuple[str, StrOrPromise]]] = {}
    for key, text in TEXTS.items():
        if not text.kinds or request.kind in text.kinds:
            found.setdefault(text.act, []).append((key, text.title))
    return found


def begin(request: Request, key: str) -> tuple[str, str]:
    """The act and the words, in the language of the person; nothing for a key that does not fit."""
    text = TEXTS.get(key)
    if text is None or (text.kinds and request.kind not in text.kinds):
        return "", ""
    with translation.override(request.language):
        words = str(text.text)
        return text.act, _filled(words, corrected(request)) if key == "corrected" else words


def _filled(words: str, values: Iterable[str]) -> str:
    """The first blanks, in their order, which is that of every language. What is put in is not searched again."""
    left = iter(values)
    return BLANK.sub(lambda blank: next(left, blank[0]), words)


def corrected(request: Request) -> tuple[str, ...]:
    """What was last corrected of each sort for this request, what stood before and what stands now; nothing, if nothing was."""
    entries = Entry.objects.of(request.subject).readable().filter(kind__in=CORRECTED, recorded_at__gte=request.created_at)
    newest = {entry.kind: entry for entry in entries.filter(actor__startswith=STAFF).order_by("seq")}
    told = [(what, str(title), newest[kind].act) for kind, (what, title) in CORRECTED.items() if kind in newest]
    found = [(title, *Changed(what, act["before"], act[what]).words) for what, title, act in told]
    return tuple(", ".join(column) for column in zip(*found, strict=True))
