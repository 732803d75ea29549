"""Rows that must all hold: what they mean, what they read like, and which of them no person fits."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from profiles.eligibility import Known, Row, contradictions, faults, holds, sentence

STANDS = {("recs", ""): "allowed", ("news", "email"): "denied", ("ads", ""): "undecided"}


def known(**more: Any) -> Known:
    said: dict[str, Any] = {
        "answered": frozenset({"bed"}), "reached": frozenset({"basics"}), "consent": lambda *use: STANDS[use], "age": None,
        "majority": 18, "country": "PL", "today": date(2026, 5, 14),
    }  # fmt: skip
    return Known(**(said | more))


@pytest.mark.parametrize(
    ("row", "is_so"),
    [
        (Row("answer", "known", "bed"), True), (Row("answer", "unknown", "bed"), False), (Row("answer", "unknown", "rooms"), True),
        (Row("consent", "allowed", "recs"), True), (Row("consent", "denied", "news/email"), True),
        (Row("consent", "undecided", "ads"), True), (Row("consent", "allowed", "ads"), False),
        (Row("age", "at_least", value="18"), True), (Row("age", "at_least", value="60"), False), (Row("age", "below", value="60"), False),
        (Row("stage", "reached", "basics"), True), (Row("stage", "not_reached", "taste"), True), (Row("stage", "reached", "taste"), False),
        (Row("country", "one_of", value="pl, DE"), True), (Row("country", "none_of", value="PL"), False),
        (Row("country", "none_of", value="FR"), True),
        (Row("date", "from", value="2026-05-14"), True), (Row("date", "until", value="2026-05-14"), True),
        (Row("date", "from", value="2026-05-15"), False), (Row("date", "until", value="2026-05-13"), False),
    ],
)  # fmt: skip
def test_what_each_row_means(row: Row, is_so: bool) -> None:
    assert holds(row, known()) is is_so


@pytest.mark.parametrize(("relation", "value", "is_so"), [("below", "21", True), ("at_least", "20", True), ("at_least", "21", False)])
def test_an_age_that_is_known(relation: str, value: str, is_so: bool) -> None:
    assert holds(Row("age", relation, value=value), known(age=20)) is is_so


def test_the_desk_reads_them_as_a_sentence() -> None:
    rows = [Row("answer", "unknown", "bed"), Row("country", "one_of", value="PL,DE"), Row("date", "until", value="2026-12-24")]
    said = "the answer to “Which bed?” is not known, and the country is one of Germany, Poland, and the date is until 24 December 2026"
    assert sentence(rows, {("answer", "bed"): "Which bed?"}) == f"It is asked when {said}."
    assert sentence([], {}) == "It is asked of everybody."
    assert sentence([Row("age", "at_least", value="18")], {}) == "It is asked when the age is at least 18."


CLASHES = [
    (Row("answer", "known", "bed"), Row("answer", "unknown", "bed")),
    (Row("consent", "allowed", "recs"), Row("consent", "denied", "recs")),
    (Row("age", "at_least", value="30"), Row("age", "below", value="30")),
    (Row("stage", "reached", "taste"), Row("stage", "not_reached", "basics")),
    (Row("stage", "reached", "taste"), Row("stage", "not_reached", "taste")),
    (Row("country", "one_of", value="PL"), Row("country", "one_of", value="DE")),
    (Row("country", "one_of", value="PL,DE"), Row("country", "none_of", value="DE,PL,FR")),
    (Row("date", "from", value="2026-05-15"), Row("date", "until", value="2026-05-14")),
]
FITS = [
    (Row("answer", "known", "bed"), Row("answer", "unknown", "rooms")),
    (Row("consent", "allowed", "recs"), Row("consent", "denied", "ads")),
    (Row("age", "at_least", value="30"), Row("age", "below", value="31")),
    (Row("age", "at_least", value="30"), Row("age", "at_least", value="20")),
    (Row("stage", "reached", "basics"), Row("stage", "not_reached", "taste")),
    (Row("country", "one_of", value="PL,DE"), Row("country", "none_of", value="DE")),
    (Row("country", "none_of", value="PL"), Row("country", "none_of", value="DE")),
    (Row("date", "from", value="2026-05-14"), Row("date", "until", value="2026-05-14")),
    (Row("age", "at_least", value="30"), Row("date", "until", value="2026-05-14")),
]
ORDER = {"basics": 0, "home": 1, "taste": 2}


@pytest.mark.parametrize("pair", CLASHES)
def test_rows_that_no_one_fits_are_found_in_either_order(pair: tuple[Row, Row]) -> None:
    assert len(list(contradictions(pair, own="other", order=ORDER))) == 1
    assert len(list(contradictions(pair[::-1], own="other", order=ORDER))) == 1


@pytest.mark.parametrize("pair", FITS)
def test_rows_that_somebody_fits_are_left_alone(pair: tuple[Row, Row]) -> None:
    assert not list(contradictions(pair, own="other", order=ORDER))


def test_a_question_is_not_asked_for_an_answer_that_is_known() -> None:
    assert list(contradictions([Row("answer", "known", "bed")], own="bed", order=ORDER))


@pytest.mark.parametrize(
    "row",
    [
        Row("mood", "good"), Row("age", "is", value="5"), Row("answer", "known", "attic"), Row("answer", "known"),
        Row("answer", "known", "bed", "x"), Row("stage", "reached", "attic"), Row("consent", "allowed", "attic"),
        Row("consent", "allowed", "news"), Row("consent", "allowed", "recs/email"), Row("age", "below"), Row("age", "below", value="0"),
        Row("age", "below", value="old"), Row("age", "below", "x", "5"), Row("country", "one_of", value="Poland"),
        Row("country", "one_of", value=","), Row("date", "from", value="soon"),
    ],
)  # fmt: skip
def test_a_row_that_means_nothing_is_said_to(row: Row) -> None:
    assert faults([row], questions={"bed"}, purposes={"recs": (), "news": ("email",)}, stages={"basics"})


def test_a_row_that_means_something_is_not() -> None:
    rows = [Row("consent", "allowed", "news/email"), Row("stage", "reached", "basics"), Row("age", "at_least", value="18")]
    assert not faults(rows, questions=set(), purposes={"news": ("email",)}, stages={"basics"})
