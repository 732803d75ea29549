"""Finds the English on a Polish page."""

from __future__ import annotations

import gettext
import re
from functools import cache

from playwright.sync_api import Page

from preference_center.tests.servers import ROOT

# The words of a page and of its attributes, without the parts that say of themselves that they are in another language,
# and without the languages' own names.
WORDS = """(() => {
    const other = one => one && one.closest('[lang]:not(html):not([lang=pl]), select[name=language]')
    const found = [document.title], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node; node = walk.nextNode())
        if (!['SCRIPT', 'STYLE', 'CODE'].includes(node.parentElement.tagName) && !other(node.parentElement)) found.push(node.data)
    for (const one of document.querySelectorAll('body *'))
        if (!other(one)) for (const name of ['aria-label', 'title', 'alt', 'placeholder', 'data-otherwise'])
            if (one.hasAttribute(name)) found.push(one.getAttribute(name))
    return found.map(words => words.replace(/\\s+/g, ' ').trim()).filter(words => words)
})()"""
GAPS = re.compile(r"%\(\w+\)[sd]|\{\w*\}|<[^>]+>|\n|NAME")
EVERYDAY = re.compile(r"\b(the|your|you|with|this|what|not|how|when|and|from)\b", re.IGNORECASE)


@cache
def translated() -> tuple[tuple[str, str], ...]:
    """(English, Polish) of every string of the interface, each form of a plural by itself."""
    with (ROOT / "locale/pl/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return tuple(((key[0] if isinstance(key, tuple) else key).split("\x04")[-1], value) for key, value in catalogue.items() if key)


@cache
def strings() -> tuple[frozenset[str], frozenset[str]]:
    """(whole strings, longer pieces between the gaps of a string) in English, of all that Polish says otherwise."""
    polish = " ".join(value for _, value in translated())
    whole = {msgid for msgid, value in translated() if msgid != value}
    pieces = {piece.strip() for msgid in whole for piece in GAPS.split(msgid)}
    return frozenset(whole), frozenset(piece for piece in pieces if len(piece) >= 12 and " " in piece and piece not in polish)


def left_in_english(page: Page) -> list[str]:
    """Words of the page that Polish says otherwise, and what sounds English whether or not anybody translated it."""
    whole, pieces = strings()
    words = page.evaluate(WORDS)
    found = [each for each in words if each in whole]
    found += [f"{piece!r} in {each!r}" for each in words for piece in pieces if piece in each]
    return sorted(set(found)) + [f"sounds English: {each!r}" for each in words if len(EVERYDAY.findall(each)) > 1]
