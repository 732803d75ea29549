"""The published versions of a brand's privacy policy, as people read and compare them.

What is shown is read from the very bytes that were hashed, and held in memory under their hash: they never change.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue import diff
from catalogue.diff_words import Row, words
from catalogue.markdown import paragraphs, render
from catalogue.models.policies import PRIVACY, PolicyVersion
from catalogue.policy_content import body


@dataclass(frozen=True)
class Line:
    """One version in the list of all. `in_force_until` is when the next one came or comes into force; None for the newest."""

    number: int
    published_at: datetime
    in_force_from: datetime
    in_force_until: datetime | None
    sha256: str
    pk: int

    @property
    def day(self) -> date:
        """From which it applies, where the installation is."""
        return timezone.localdate(self.in_force_from)

    def stands(self, moment: datetime) -> str:
        """past, now or future. A version that was overtaken before its day never was in force: past."""
        if self.in_force_until and self.in_force_until <= max(moment, self.in_force_from):
            return "past"
        return "now" if self.in_force_from <= moment else "future"

    def when(self, moment: datetime) -> str:
        """When it applies, in words."""
        said = {"number": self.number, "start": _day(self.in_force_from), "end": self.in_force_until and _day(self.in_force_until)}
        if self.stands(moment) == "past":
            return _("Version %(number)s, from %(start)s until %(end)s") % said
        if self.stands(moment) == "future":
            return _("Version %(number)s, from %(start)s") % said
        if self.in_force_until:
            return _("Version %(number)s, in force since %(start)s, until %(end)s") % said
        return _("Version %(number)s, in force since %(start)s") % said


@dataclass(frozen=True)
class ReadClause:
    anchor: str
    number: str
    heading: str
    html: SafeString
    paragraphs: tuple[str, ...]

    @property
    def level(self) -> int:
        """Of its heading on a page whose h1 is the policy's title."""
        return 2 + self.number.count(".")


@dataclass(frozen=True)
class Text:
    language: str
    title: str
    summary: tuple[str, ...]  # paragraphs
    clauses: tuple[ReadClause, ...]


@dataclass(frozen=True)
class Comparison:
    old: Text
    new: Text
    title: Row
    summary: tuple[Row, ...]
    clauses: tuple[diff.Difference[ReadClause], ...]

    def count(self, kind: str) -> int:
        """Of the clauses that are the "same", "changed", "new" or "gone"."""
        return sum(each.kind == kind for each in self.clauses)


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def lines(brand: Brand) -> list[Line]:
    """Every published version, newest first. One query."""
    rows = PolicyVersion.objects.published().filter(policy__brand=brand, policy__key=PRIVACY)
    found: list[Line] = []
    until: datetime | None = None
    for row in rows.order_by("-number").values("number", "published_at", "in_force_from", "sha256", "pk"):
        found.append(Line(**row, in_force_until=until))
        until = row["in_force_from"]
    return found


def in_force(versions: Sequence[Line], moment: datetime) -> Line | None:
    """The one that applies at the moment; before the first, the first to come."""
    return next((line for line in versions if line.in_force_from <= moment), versions[-1] if versions else None)


def stored(line: Line) -> str:
    """The bytes that were hashed: JSON with every language."""
    return _body(line.pk, line.sha256)


def text(line: Line, language: str, default: str) -> Text:
    """In the language asked, else its base, else the default."""
    return _text(line.pk, line.sha256, _spoken(_languages(line), language, default))


def imagined(draft: PolicyVersion) -> dict[str, Text]:
    """By language: a draft as it would read if it were published now. Nothing is written, and nothing kept in memory."""
    copy = PolicyVersion.objects.select_related("policy__brand").get(pk=draft.pk)
    copy.in_force_from = copy.in_force_from or timezone.now()
    found: dict[str, Any] = json.loads(body(copy, copy.number or 0))["texts"]
    return {language: _read(language, raw) for language, raw in found.items()}


def comparison(old: Line, new: Line, language: str, default: str) -> Comparison:
    """Both in the reader's language where both have it, else in the default one."""
    both = [each for each in _languages(old) if each in _languages(new)]
    a, b = (_spoken(both or _languages(line), language, default) for line in (old, new))
    return _comparison((old.pk, old.sha256, a), (new.pk, new.sha256, b))


def _spoken(languages: Sequence[str], language: str, default: str) -> str:
    return next(each for each in (language, language.split("-")[0], default, *languages) if each in languages)


def _languages(line: Line) -> tuple[str, ...]:
    return _spoken_in(line.pk, line.sha256)


# Each is asked by its key and its hash: a key that was given again after a publication was rolled back finds nothing old.
@lru_cache(maxsize=64)
def _body(pk: int, sha256: str) -> str:
    body: str = PolicyVersion.objects.values_list("body", flat=True).get(pk=pk, sha256=sha256)
    return body


@lru_cache(maxsize=256)
def _spoken_in(pk: int, sha256: str) -> tuple[str, ...]:
    return tuple(json.loads(_body(pk, sha256))["texts"])


@lru_cache(maxsize=128)
def _text(pk: int, sha256: str, language: str) -> Text:
    return _read(language, json.loads(_body(pk, sha256))["texts"][language])


def _read(language: str, raw: dict[str, Any]) -> Text:
    return Text(language, raw["title"], paragraphs(raw["summary"]), tuple(_clause(each) for each in raw["clauses"]))


def _clause(raw: dict[str, Any]) -> ReadClause:
    return ReadClause(raw["anchor"], raw["number"], raw["heading"], render(raw["body"]), paragraphs(raw["body"]))


@lru_cache(maxsize=64)
def _comparison(old: tuple[int, str, str], new: tuple[int, str, str]) -> Comparison:
    a, b = _text(*old), _text(*new)
    return Comparison(
        old=a,
        new=b,
        title=words(a.title, b.title),
        summary=tuple(diff.paragraphs(a.summary, b.summary)),
        clauses=tuple(diff.clauses(a.clauses, b.clauses)),
    )
