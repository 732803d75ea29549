"""Whom a question is put to: rows of fact, is, value that must all hold. Read from memory, judged on what is known of one person, read back
to the desk as a sentence, and refused when no person could ever fit them.

fact      of what                  is                                 value
answer    the key of a question    known | unknown
consent   a purpose[/channel]      allowed | denied | undecided
age                                at_least | below                   years
stage     the key of a stage       reached | not_reached
country                            one_of | none_of                   ISO 3166-1 codes, "PL, DE"
date                               from | until                       a day, YYYY-MM-DD (until: that day included)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_countries import countries

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FACTS: Mapping[str, StrOrPromise] = {
    "answer": gettext_lazy("the answer to"), "consent": gettext_lazy("the choice about"), "age": gettext_lazy("the age"),
    "stage": gettext_lazy("the stage"), "country": gettext_lazy("the country"), "date": gettext_lazy("the date"),
}  # fmt: skip
RELATIONS: Mapping[str, Mapping[str, StrOrPromise]] = {
    "answer": {"known": gettext_lazy("is known"), "unknown": gettext_lazy("is not known")},
    "consent": {
        "allowed": pgettext_lazy("a choice", "is allowed"), "denied": pgettext_lazy("a choice", "is not allowed"),
        "undecided": pgettext_lazy("a choice", "is not decided"),
    },
    "age": {"at_least": gettext_lazy("is at least"), "below": gettext_lazy("is below")},
    "stage": {"reached": gettext_lazy("is reached"), "not_reached": gettext_lazy("is not reached")},
    "country": {"one_of": gettext_lazy("is one of"), "none_of": gettext_lazy("is none of")},
    "date": {"from": gettext_lazy("is from"), "until": gettext_lazy("is until")},
}  # fmt: skip
ABOUT_SOMETHING = frozenset({"answer", "consent", "stage"})
WITH_A_VALUE = frozenset({"age", "country", "date"})
OLDEST = 120


@dataclass(frozen=True)
class Row:
    fact: str
    relation: str
    about: str = ""
    value: str = ""

    @property
    def countries(self) -> frozenset[str]:
        return frozenset(each.strip().upper() for each in self.value.split(",") if each.strip())

    @property
    def purpose(self) -> tuple[str, str]:
        """(key, channel) of a row about a choice."""
        key, _slash, channel = self.about.partition("/")
        return key, channel


@dataclass(frozen=True)
class Known:
    """What the rows are judged on. `answered`, `reached`: keys of questions and stages; `consent`: how a choice stands, by purpose and
    channel; `age`: None for an adult whose birth date we do not keep."""

    answered: frozenset[str]
    reached: frozenset[str]
    consent: Callable[[str, str], str]
    age: int | None
    majority: int
    country: str
    today: date


def holds(row: Row, known: Known) -> bool:
    return HOLDS[row.fact](row, known)


def _answer(row: Row, known: Known) -> bool:
    return (row.about in known.answered) == (row.relation == "known")


def _consent(row: Row, known: Known) -> bool:
    return known.consent(*row.purpose) == row.relation


def _age(row: Row, known: Known) -> bool:
    """An adult of unknown age is at least of age, and of nothing more is anybody sure."""
    bound = int(row.value)
    if row.relation == "below":
        return known.age is not None and known.age < bound
    return known.age >= bound if known.age is not None else bound <= known.majority


def _stage(row: Row, known: Known) -> bool:
    return (row.about in known.reached) == (row.relation == "reached")


def _country(row: Row, known: Known) -> bool:
    return (known.country in row.countries) == (row.relation == "one_of")


def _date(row: Row, known: Known) -> bool:
    day = date.fromisoformat(row.value)
    return known.today >= day if row.relation == "from" else known.today <= day


HOLDS: Mapping[str, Callable[[Row, Known], bool]] = {
    "answer": _answer, "consent": _consent, "age": _age, "stage": _stage, "country": _country, "date": _date,
}  # fmt: skip

# ── As the desk reads it ────────────────────────────────────────────────────────────────────────────────────────────


def sentence(rows: Iterable[Row], names: Mapping[tuple[str, str], str]) -> str:
    """“It is asked when the answer to “Which bed?” is not known, and the age is at least 18.” `names`: by fact and key."""
    parts = [_part(row, names) for row in rows]
    if not parts:
        return _("It is asked of everybody.")
    return _("It is asked when %(rows)s.") % {"rows": _(", and ").join(parts)}


def _part(row: Row, names: Mapping[tuple[str, str], str]) -> str:
    what = f"“{names.get((row.fact, row.about), row.about)}”" if row.about else ""
    return " ".join(filter(None, [str(FACTS[row.fact]), what, str(RELATIONS[row.fact][row.relation]), _value(row)]))


def _value(row: Row) -> str:
    if row.fact == "country":
        return ", ".join(str(countries.name(code)) for code in sorted(row.countries))
    return date_format(date.fromisoformat(row.value), "DATE_FORMAT") if row.fact == "date" else row.value


# ── What could never hold ───────────────────────────────────────────────────────────────────────────────────────────


def faults(rows: Iterable[Row], *, questions: Iterable[str], purposes: Mapping[str, tuple[str, ...]], stages: Iterable[str]) -> list[str]:
    """What is wrong with each row on its own, in words. `questions`, `stages`: keys there are; `purposes`: with their channels."""
    known = {"answer": set(questions), "stage": set(stages)}
    found = []
    for row in rows:
        if row.fact not in FACTS or row.relation not in RELATIONS[row.fact]:
            found.append(_("There is no condition “%(row)s”.") % {"row": f"{row.fact} {row.relation}"})
        elif row.fact in known and row.about not in known[row.fact]:
            found.append(_("There is no “%(key)s” to make a condition of.") % {"key": row.about})
        elif row.fact == "consent" and not _is_offered(row, purposes):
            found.append(_("There is no use “%(key)s” to make a condition of.") % {"key": row.about})
        elif not _has_its_value(row):
            found.append(_("“%(value)s” is no value for “%(fact)s”.") % {"value": row.value, "fact": FACTS[row.fact]})
    return found


def _is_offered(row: Row, purposes: Mapping[str, tuple[str, ...]]) -> bool:
    key, channel = row.purpose
    return key in purposes and (channel in purposes[key] if channel else not purposes[key])


def _has_its_value(row: Row) -> bool:
    if (row.fact in WITH_A_VALUE) != bool(row.value) or (row.fact in ABOUT_SOMETHING) != bool(row.about):
        return False
    if row.fact == "age":
        return row.value.isascii() and row.value.isdecimal() and 0 < int(row.value[:4]) <= OLDEST
    if row.fact == "country":
        return bool(row.countries) and all(code in countries for code in row.countries)
    return row.fact != "date" or _is_a_day(row.value)


def _is_a_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def contradictions(rows: Iterable[Row], *, own: str, order: Mapping[str, int]) -> Iterator[tuple[Row, Row]]:
    """Pairs that no person fits. `own`: the question's key, whose answer cannot be known when it is asked; `order`: of the stages."""
    every = [Row("answer", "unknown", own), *rows]
    for one, other in combinations(every, 2):
        first, second = sorted((one, other), key=lambda row: row.relation)
        if one.fact == other.fact and CLASH[one.fact](first, second, order):
            yield one, other


def _same_thing(one: Row, other: Row, order: Mapping[str, int]) -> bool:
    return one.about == other.about and one.relation != other.relation


def _no_age(one: Row, other: Row, order: Mapping[str, int]) -> bool:
    """at_least stands before below."""
    return (one.relation, other.relation) == ("at_least", "below") and int(one.value) >= int(other.value)


def _no_stage(one: Row, other: Row, order: Mapping[str, int]) -> bool:
    """Who has reached a stage has reached those before it; not_reached stands before reached."""
    different = (one.relation, other.relation) == ("not_reached", "reached")
    return different and order.get(one.about, 0) <= order.get(other.about, 0)


def _no_country(one: Row, other: Row, order: Mapping[str, int]) -> bool:
    """none_of stands before one_of."""
    if one.relation == other.relation:
        return one.relation == "one_of" and one.countries.isdisjoint(other.countries)
    return other.countries <= one.countries


def _no_day(one: Row, other: Row, order: Mapping[str, int]) -> bool:
    """from stands before until."""
    return one.relation != other.relation and date.fromisoformat(one.value) > date.fromisoformat(other.value)


CLASH: Mapping[str, Callable[[Row, Row, Mapping[str, int]], bool]] = {
    "answer": _same_thing, "consent": _same_thing, "age": _no_age, "stage": _no_stage, "country": _no_country, "date": _no_day,
}  # fmt: skip
