"""What was on the screen when somebody decided, to the byte: the form carries its hash, the answer makes the bytes anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from brands.models import Brand
from catalogue.published import Published
from consents.models import Shown
from ledger.canonical import canonical


@dataclass(frozen=True)
class Screen:
    """One decision as it reads: which wording, and its bytes."""

    version: int
    language: str
    body: bytes

    @cached_property
    def sha256(self) -> str:
        """In lower-case hex."""
        return hashlib.sha256(self.body).hexdigest()


About = tuple[str, int, str, int, str, str, str]
_screens: dict[About, Screen] = {}
MOST_SCREENS = 4096  # kept in memory; every one can be made anew


def screen(brand: Brand, purpose: Published, channel: str, language: str, basis: str = "") -> Screen:
    """The strings as the person reads them, in the language of the page. Made once for each wording and state of the brand.

    `basis` is the ground where the person lives, which decides what the buttons say; the published one when left out.
    """
    basis = basis or purpose.basis
    return _kept(
        (brand.subject, brand.config_epoch, purpose.key, purpose.version, channel, language, basis),
        lambda: _screen(brand, purpose, channel, language, basis),
    )


def _kept(about: About, make: Callable[[], Screen]) -> Screen:
    if about not in _screens:
        if len(_screens) >= MOST_SCREENS:
            _screens.clear()
        _screens[about] = make()
    return _screens[about]


def _screen(brand: Brand, purpose: Published, channel: str, language: str, basis: str) -> Screen:
    texts = purpose.for_language(language)
    with translation.override(language):
        buttons = list(button_labels(basis))
    content: dict[str, Any] = {
        "v": 1,
        "brand": brand.key,
        "purpose": purpose.key,
        "version": purpose.version,
        "channel": channel,
        "language": language,
        "title": texts.title,
        "sentence": " ".join(filter(None, [texts.sentence, texts.channel_hints.get(channel, "")])),
        "facts": {
            "data": texts.data, "recipients": texts.recipients, "sold": texts.sold, "kept": texts.kept, "if_no": texts.if_no,
            "ground": texts.ground,
        },
        "buttons": buttons,
        "controller": f"{brand.legal_name}, {brand.legal_address}",
    }  # fmt: skip
    return Screen(purpose.version, language, canonical(content))


def to_child(brand: Brand, purpose: Published, channel: str, language: str, words: str) -> Screen:
    """As the child’s own page says it. `words`: younger or older."""
    return _kept(
        (brand.subject, brand.config_epoch, purpose.key, purpose.version, channel, language, f"child {words}"),
        lambda: _to_child(brand, purpose, channel, language, words),
    )


def _to_child(brand: Brand, purpose: Published, channel: str, language: str, words: str) -> Screen:
    title, sentence = purpose.for_language(language).child_words(words)
    with translation.override(language):
        buttons = [_("I would like that"), _("Turn it off")]
    content: dict[str, Any] = {
        "v": 1, "brand": brand.key, "purpose": purpose.key, "version": purpose.version, "channel": channel, "language": language,
        "title": title, "sentence": sentence, "facts": dict.fromkeys(("data", "recipients", "sold", "kept", "if_no", "ground"), ""),
        "buttons": buttons, "controller": f"{brand.legal_name}, {brand.legal_address}",
    }  # fmt: skip
    return Screen(purpose.version, language, canonical(content))


def elsewhere(brand: Brand, purpose: Published, channel: str, language: str, wording: str, source: str) -> Screen:
    """What somebody read in an earlier system, as its record has it: the same fields, and nothing in those that it does not tell."""
    controller = f"{brand.legal_name}, {brand.legal_address}"
    return _elsewhere(brand.key, purpose.key, purpose.version, channel, language, wording, source, controller)


@lru_cache(maxsize=256)
def _elsewhere(brand: str, purpose: str, version: int, channel: str, language: str, wording: str, source: str, controller: str) -> Screen:
    """A file says the same of very many people."""
    facts = dict.fromkeys(("data", "recipients", "sold", "kept", "if_no", "ground"), "")
    content: dict[str, Any] = {
        "v": 1, "brand": brand, "purpose": purpose, "version": version, "channel": channel, "language": language, "title": source,
        "sentence": wording, "facts": facts, "buttons": [], "controller": controller,
    }  # fmt: skip
    return Screen(version, language, canonical(content))


def button_labels(basis: str) -> tuple[str, str]:
    """The two answers; the same words everywhere, and no brand may change them."""
    if basis == "legitimate_interest":
        return pgettext("answer", "Take back the objection"), pgettext("answer", "Object")
    return pgettext("answer", "Allow"), pgettext("answer", "Don’t allow")


def keep(seen: Screen) -> str:
    """Stores the wording unless it is stored; returns its hash. Inside the turn of the decision that names it."""
    Shown.objects.get_or_create(sha256=seen.sha256, defaults={"body": seen.body.decode()})
    return seen.sha256


def again(sha256: str | None) -> dict[str, Any] | None:
    """What was shown, from its hash; None when nothing was shown or the bytes do not fit their hash."""
    if not sha256:
        return None
    shown = Shown.objects.filter(pk=sha256).first()
    if shown is None or hashlib.sha256(shown.body.encode()).hexdigest() != sha256:
        return None
    content: dict[str, Any] = json.loads(shown.body)
    return content


CHANNELS = {
    "email": gettext_noop("Email"),
    "sms": gettext_noop("Text message"),
    "phone": gettext_noop("Phone"),
    "post": gettext_noop("Post"),
    "push": gettext_noop("Push message"),
}


def channel_name(channel: str) -> str:
    return _(CHANNELS[channel]) if channel in CHANNELS else channel
