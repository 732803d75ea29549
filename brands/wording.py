"""The sentences a brand may say in its own voice, and what no voice may say.

The list is closed. The two answers (Allow, Don’t allow) are not on it, nor is anything that states a fact or an effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The only placeholder is {brand}, the brand's name.
DEFAULTS: Mapping[str, StrOrPromise] = {
    "sign_in.lede": _("Sign in so that only you can."),
    "sign_in.hint": _("The one you use with {brand}. We send a code; there is no password."),
    "choices.lede": _(
        "Each choice stands alone. It takes effect at once, and you get a receipt. "
        "Saying no never changes your prices, delivery or service."
    ),
    "choices.taste": _("This is taste, not permission: it narrows what you already allow."),
    "practices.lede": _("What we do with your data, each use from the data it takes to who receives it."),
    "requests.lede": _("Ask for your data, correct it, take it elsewhere or have it deleted. It is free."),
    "history.lede": _("Every choice, request and change, by you or by us. Entries are added, never edited."),
    "told_us.lede": _("Everything you told us, why we asked, and when we last used it."),
    "family.lede": _(
        "You decide for your children, together with them. Each child has a page of their own and sees what you chose and why."
    ),
    "child.lede": _("It shows what we know about you and who may see it."),
    "contact.lede": _("A person reads what you write and answers."),
    "mail.questions": _("Questions? Just reply: a person reads every answer."),
}
LONGEST = 320  # characters of one override

# Phrases that push, plead or dim what is said, in each language the product speaks.
FORBIDDEN: Mapping[str, tuple[str, ...]] = {
    "en": (
        "are you sure",
        "you will miss",
        "you'll miss",
        "sorry to see you go",
        "please reconsider",
        "improve your experience",
        "enhance your experience",
        "don't miss",
        "last chance",
        "hurry",
        "only today",
    ),
    "pl": (
        "czy na pewno",
        "przegapisz",
        "stracisz",
        "ominie cię",
        "przykro nam, że odchodzisz",
        "prosimy o ponowne rozważenie",
        "poprawić twoje doświadczenia",
        "ulepszyć twoje doświadczenia",
        "ostatnia szansa",
        "pospiesz się",
        "tylko dziś",
    ),
}
LONGEST_WORD = 24  # letters
LONGEST_SENTENCE = 25  # words
PLACEHOLDER = re.compile(r"\{[^}]*\}?|\}")


def faults(text: str) -> Iterator[StrOrPromise]:
    """What stands against showing this text to a customer. Every language's phrases are looked for: a brand may mix them."""
    plain = text.casefold().replace("’", "'")
    for phrases in FORBIDDEN.values():
        for phrase in phrases:
            if phrase in plain:
                yield _("“%(phrase)s” pushes the reader. Say what is so.") % {"phrase": phrase}
    if "!" in text:
        yield _("No exclamation marks.")
    if any(len(word) > LONGEST_WORD for word in re.findall(r"\w+", text)):
        yield _("No word is longer than %(most)d letters.") % {"most": LONGEST_WORD}
    if any(len(sentence.split()) > LONGEST_SENTENCE for sentence in re.split(r"[.?:;]\s", text)):
        yield _("A sentence has at most %(most)d words.") % {"most": LONGEST_SENTENCE}


def may_be_said(text: str) -> None:
    found = list(faults(text))
    if len(text) > LONGEST:
        found.append(_("At most %(most)d characters.") % {"most": LONGEST})
    if set(PLACEHOLDER.findall(text)) - {"{brand}"}:
        found.append(_("The only placeholder is {brand}."))
    if found:
        raise ValidationError([ValidationError(str(fault), code="wording") for fault in found])


def may_be_reworded(key: str) -> None:
    if key not in DEFAULTS:
        raise ValidationError(_("A brand cannot reword this."), code="key")
