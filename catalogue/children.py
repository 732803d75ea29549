"""What must hold before a purpose is published that concerns children, or comes from a brand that has children among its customers.

The sources: requirement KID-14 (words for children), and COPPA, 16 CFR 312.5(a)(2) and 312.10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue.content import Content, UseFacts
from catalogue.models import PurposeVersion, Recipient
from catalogue.models.purposes import AGE_GROUPS
from catalogue.problems import Problem

Audience = PurposeVersion.Audience
WORDS = ("title", "sentence")
# Days. 16 CFR 312.10 forbids keeping children's data indefinitely and names no number; ten years is our own ceiling.
LONGEST_KEPT = 3650


def unreadable(content: Content) -> list[Problem]:
    """Words for children that nobody could show: another group, another part, no text."""
    message = _("Words for children are a “title” and a “sentence”, for “younger” and “older”.")
    return [
        Problem("child_words_unclear", message, language, "for_children")
        for language, text in content.texts.items()
        if not _readable(text.for_children)
    ]


def _readable(said: Any) -> bool:
    return isinstance(said, Mapping) and all(
        group in AGE_GROUPS and isinstance(words, Mapping) and all(name in WORDS and isinstance(text, str) for name, text in words.items())
        for group, words in said.items()
    )


def problems(brand: Brand, content: Content, recipients: Mapping[str, Recipient]) -> Iterator[Problem]:
    """`recipients` are the brand's, by key."""
    if content.audience == Audience.CHILDREN:
        yield from _words(brand, content)
    if brand.has_minors and content.audience != Audience.ADULTS:
        yield from _disclosure(content, recipients)
    if brand.has_minors and content.audience == Audience.CHILDREN:
        yield from _retention(content)


def _words(brand: Brand, content: Content) -> Iterator[Problem]:
    missing = {
        "younger": _("Children of 8 to 12 years need a title and a sentence in their own words."),
        "older": _("Children of 13 to 15 years need a title and a sentence in their own words."),
    }
    for language in brand.languages:
        if text := content.texts.get(language):
            for group in AGE_GROUPS:
                said = text.for_children.get(group, {})
                if not all(said.get(name, "").strip() for name in WORDS):
                    yield Problem("child_text_missing", missing[group], language, f"for_children.{group}")


def _disclosure(content: Content, recipients: Mapping[str, Recipient]) -> Iterator[Problem]:
    """A parent may agree to collection and use and not to disclosure (16 CFR 312.5(a)(2)): so each is a purpose of its own."""
    disclosed = sorted({use.recipient for use in content.uses if _discloses(use, recipients)})
    if disclosed and not all(_discloses(use, recipients) for use in content.uses):
        message = _(
            "%(names)s would get a child’s data together with what stays with us. Publish the disclosure as a purpose of its own:"
            " a parent can then allow the one without the other."
        )
        yield Problem(
            "child_disclosure_not_separate", message % {"names": ", ".join(recipients[key].name for key in disclosed)}, field="uses"
        )


def _discloses(use: UseFacts, recipients: Mapping[str, Recipient]) -> bool:
    """Whether the data leaves the brand for somebody who decides over it."""
    recipient = recipients.get(use.recipient)
    outside = recipient is not None and recipient.third_party
    return outside or use.role in (Recipient.Role.CONTROLLER, Recipient.Role.JOINT) or use.sold or use.shared


def _retention(content: Content) -> Iterator[Problem]:
    for key in sorted({use.category for use in content.uses if use.retention_days > LONGEST_KEPT}):
        message = _("%(what)s: a child’s data is kept for ten years at the most.")
        yield Problem("child_retention_without_end", message % {"what": key}, field="uses")
