from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from consents.saying import Said, form_key
from consents.states import How, Verb, Where

PAGE = re.compile(
    r"(?P<nonce>[0-9a-f]{32})\.(?P<seen>\d{1,9})\.(?P<version>\d{1,9})\.(?P<language>[A-Za-z-]{2,16})\.(?P<shown>[0-9a-f]{64})\Z"
)


def new_nonce() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Page:
    """What a form says of the page it stood on, in one hidden field: nonce, seen, version, language and what was shown."""

    nonce: str
    seen: int
    version: int
    language: str
    shown: str

    def __str__(self) -> str:
        return f"{self.nonce}.{self.seen}.{self.version}.{self.language}.{self.shown}"

    @classmethod
    def parse(cls, text: str) -> Page | None:
        """None for anything a form of ours would not say: a no still counts, a yes is asked anew."""
        found = PAGE.match(text)
        return cls(found["nonce"], int(found["seen"]), int(found["version"]), found["language"], found["shown"]) if found else None


def verb(text: str) -> Verb | None:
    return Verb(text) if text in set(Verb) else None


def said(subject: str, page: Page | None, purpose: str, channel: str, decision: Verb, language: str) -> Said:
    """The customer's own press of a button while signed in."""
    actor = f"self:{subject}"
    if page is None:
        return Said(actor, subject, How.BUTTON, Where.CHOICES, "IV2", language)
    key = form_key(page.nonce, subject, subject, purpose, channel, decision.value)
    return Said(actor, subject, How.BUTTON, Where.CHOICES, "IV2", page.language, page.seen, page.version, page.shown, key)
