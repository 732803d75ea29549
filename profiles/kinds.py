"""The kinds of answers a question may ask for: what each takes from a form, keeps, and reads like.

text        {"text": "…"}                 one line, at most `most` letters
choice      {"one": "key"}                one of the options
several     {"some": ["key", …]}          some of the options, in their order
date        {"day": "YYYY-MM-DD"}
number      {"number": 160}               a whole number from `least` to `most`
size_table  {"sizes": {"row": {"column": 160}}}   whole numbers; a cell left empty is not in it

A value is JSON without floats, and says by its one key of which kind it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Value = dict[str, Any]
LONGEST_TEXT = 500  # letters, whatever the question allows
LARGEST = 10**9


class Kind(models.TextChoices):
    TEXT = "text", gettext_lazy("a line of text")
    CHOICE = "choice", gettext_lazy("one of several options")
    SEVERAL = "several", gettext_lazy("some of several options")
    DATE = "date", gettext_lazy("a date")
    NUMBER = "number", gettext_lazy("a whole number")
    SIZE_TABLE = "size_table", gettext_lazy("a table of sizes")


WITH_OPTIONS = frozenset({Kind.CHOICE, Kind.SEVERAL, Kind.SIZE_TABLE})
WITH_BOUNDS = frozenset({Kind.TEXT, Kind.NUMBER, Kind.SIZE_TABLE})


class WrongAnswer(ValueError):
    """What was given is no answer to this question. Its words are for whoever gave it; `place`: of the form, "" for the whole."""

    def __init__(self, words: str, place: str = "") -> None:
        super().__init__(words)
        self.place = place


@dataclass(frozen=True)
class Shape:
    """What an answer may look like. `options`, `columns`: keys in their order; `least`, `most`: of numbers, of letters for a text."""

    kind: str
    options: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None

    @property
    def floor(self) -> int:
        return 0 if self.least is None else self.least

    @property
    def ceiling(self) -> int:
        return LARGEST if self.most is None else self.most

    @property
    def longest(self) -> int:
        return LONGEST_TEXT if self.most is None else min(self.most, LONGEST_TEXT)


@dataclass(frozen=True)
class Words:
    """What the options and columns are called in one language."""

    options: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""


# ── From a form ─────────────────────────────────────────────────────────────────────────────────────────────────────


def parse(shape: Shape, given: Mapping[str, list[str]]) -> Value:
    """From the fields of a form: "answer", and "answer-<row>-<column>" of a table. Raises WrongAnswer."""
    if shape.kind == Kind.SIZE_TABLE:
        return _table(shape, given)
    words = [each for each in given.get("answer", []) if each.strip()]
    if not words:
        raise WrongAnswer(_("Choose an answer, or press one of the other buttons") if shape.options else _("Write an answer first"))
    if shape.kind == Kind.SEVERAL:
        return check(shape, {"some": words})
    if len(words) > 1:
        raise WrongAnswer(_("Give one answer"))
    word = words[0].strip()
    if shape.kind == Kind.CHOICE:
        return check(shape, {"one": word})
    if shape.kind == Kind.DATE:
        return check(shape, {"day": word})
    if shape.kind == Kind.NUMBER:
        return check(shape, {"number": _whole(word, "answer")})
    return check(shape, {"text": word})


def _table(shape: Shape, given: Mapping[str, list[str]]) -> Value:
    sizes: dict[str, dict[str, int]] = {}
    for row in shape.options:
        for column in shape.columns:
            place = f"answer-{row}-{column}"
            word = next((each.strip() for each in given.get(place, []) if each.strip()), "")
            if word:
                sizes.setdefault(row, {})[column] = _whole(word, place)
    if not sizes:
        raise WrongAnswer(_("Fill in one size at least"))
    return check(shape, {"sizes": sizes})


def _whole(word: str, place: str) -> int:
    compact = word.replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    sign, digits = (-1, compact[1:]) if compact[:1] in {"-", "−"} else (1, compact)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10):
        raise WrongAnswer(_("Write a whole number, in digits"), place)
    return sign * int(digits)


# ── What may be kept ────────────────────────────────────────────────────────────────────────────────────────────────

HOLDS = {
    Kind.TEXT: "text", Kind.CHOICE: "one", Kind.SEVERAL: "some", Kind.DATE: "day", Kind.NUMBER: "number", Kind.SIZE_TABLE: "sizes",
}  # fmt: skip


def check(shape: Shape, value: Value) -> Value:
    """The value as it is kept, with its options in their order. Raises WrongAnswer for what this question does not take."""
    name = HOLDS[Kind(shape.kind)]
    if set(value) != {name}:
        raise WrongAnswer(_("This is no answer to this question"))
    return {name: CHECKS[name](shape, value[name])}


def _text(shape: Shape, text: Any) -> str:
    if not isinstance(text, str) or not text or any(not letter.isprintable() for letter in text):
        raise WrongAnswer(_("Write your answer on one line"))
    if len(text) > shape.longest:
        raise WrongAnswer(_("Write at most %(n)d letters") % {"n": shape.longest})
    return text


def _one(shape: Shape, key: Any) -> str:
    if key not in shape.options:
        raise WrongAnswer(_("Choose one of the answers listed"))
    return str(key)


def _some(shape: Shape, keys: Any) -> list[str]:
    if not isinstance(keys, list) or not keys or not set(map(str, keys)) <= set(shape.options):
        raise WrongAnswer(_("Choose from the answers listed"))
    return [each for each in shape.options if each in keys]


def _day(shape: Shape, day: Any) -> str:
    try:
        found = date.fromisoformat(day) if isinstance(day, str) and A_DAY.fullmatch(day) else None
    except ValueError:
        found = None
    if found is None:
        raise WrongAnswer(_("Write the date with day, month and year"))
    return found.isoformat()


A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _number(shape: Shape, number: Any, place: str = "answer") -> int:
    if type(number) is not int:
        raise WrongAnswer(_("Write a whole number, in digits"), place)
    if not shape.floor <= number <= shape.ceiling:
        raise WrongAnswer(_("Write a number from %(least)d to %(most)d") % {"least": shape.floor, "most": shape.ceiling}, place)
    return number


def _sizes(shape: Shape, sizes: Any) -> dict[str, dict[str, int]]:
    known = isinstance(sizes, dict) and set(sizes) <= set(shape.options)
    if not known or not sizes or not all(isinstance(row, dict) and row and set(row) <= set(shape.columns) for row in sizes.values()):
        raise WrongAnswer(_("This is no answer to this question"))
    return {
        row: {column: _number(shape, sizes[row][column], f"answer-{row}-{column}") for column in shape.columns if column in sizes[row]}
        for row in shape.options
        if row in sizes
    }


CHECKS: Mapping[str, Callable[[Shape, Any], Any]] = {
    "text": _text,
    "one": _one,
    "some": _some,
    "day": _day,
    "number": _number,
    "sizes": _sizes,
}


# ── As it reads ─────────────────────────────────────────────────────────────────────────────────────────────────────


def told(value: Value, words: Words) -> str:
    """“160 × 200”, “14 May 1990”, “Bedroom: width 90 cm, length 200 cm”. Of an option that is listed no more, its key."""
    if "one" in value:
        return words.options.get(value["one"], value["one"])
    if "some" in value:
        return ", ".join(words.options.get(each, each) for each in value["some"])
    if "day" in value:
        return date_format(date.fromisoformat(value["day"]), "DATE_FORMAT")
    if "number" in value:
        return f"{value['number']} {words.unit}".strip()
    if "sizes" in value:
        return "; ".join(f"{words.options.get(row, row)}: {', '.join(_cells(cells, words))}" for row, cells in value["sizes"].items())
    return str(value["text"])


def _cells(cells: Mapping[str, int], words: Words) -> Iterator[str]:
    for column, number in cells.items():
        yield f"{words.columns.get(column, column)} {number} {words.unit}".strip()
