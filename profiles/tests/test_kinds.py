"""What each kind of answer takes from a form, keeps, and reads like."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from profiles.kinds import HOLDS, Kind, Shape, Words, WrongAnswer, check, parse, told

TEXT = Shape("text", most=10)
CHOICE = Shape("choice", ("s", "m", "l"))
SEVERAL = Shape("several", ("s", "m", "l"))
DATE = Shape("date")
NUMBER = Shape("number", least=-5, most=300)
TABLE = Shape("size_table", ("bed", "living"), ("width", "height"), least=20, most=600)

GIVEN: list[tuple[Shape, dict[str, list[str]], dict[str, Any]]] = [
    (TEXT, {"answer": ["  oak  "]}, {"text": "oak"}),
    (CHOICE, {"answer": ["m"]}, {"one": "m"}),
    (SEVERAL, {"answer": ["l", "s"]}, {"some": ["s", "l"]}),
    (DATE, {"answer": ["2026-02-28"]}, {"day": "2026-02-28"}),
    (NUMBER, {"answer": ["1 60".replace(" ", "\u00a0")]}, {"number": 160}),
    (NUMBER, {"answer": ["−5"]}, {"number": -5}),
    (
        TABLE,
        {"answer-bed-width": ["90"], "answer-bed-height": [""], "answer-living-height": ["210"]},
        {"sizes": {"bed": {"width": 90}, "living": {"height": 210}}},
    ),
]


@pytest.mark.parametrize(("shape", "given", "kept"), GIVEN)
def test_what_a_form_gives_is_kept(shape: Shape, given: dict[str, list[str]], kept: dict[str, Any]) -> None:
    assert parse(shape, given) == kept
    assert check(shape, kept) == kept


WRONG: list[tuple[Shape, dict[str, list[str]], str]] = [
    (TEXT, {}, "Write an answer first"),
    (TEXT, {"answer": ["eleven long"]}, "at most 10 letters"),
    (TEXT, {"answer": ["a\u0000b"]}, "on one line"),
    (TEXT, {"answer": ["a\nb"]}, "on one line"),
    (CHOICE, {}, "Choose an answer"),
    (CHOICE, {"answer": ["xl"]}, "one of the answers listed"),
    (CHOICE, {"answer": ["s", "m"]}, "Give one answer"),
    (SEVERAL, {"answer": ["s", "xl"]}, "from the answers listed"),
    (DATE, {"answer": ["2026-02-30"]}, "day, month and year"),
    (DATE, {"answer": ["20260228"]}, "day, month and year"),
    (NUMBER, {"answer": ["1.5"]}, "whole number"),
    (NUMBER, {"answer": ["٣"]}, "whole number"),
    (NUMBER, {"answer": ["9" * 5000]}, "whole number"),
    (NUMBER, {"answer": ["301"]}, "from -5 to 300"),
    (TABLE, {}, "one size at least"),
    (TABLE, {"answer-bed-width": ["10"]}, "from 20 to 600"),
    (TABLE, {"answer-bed-width": ["wide"]}, "whole number"),
]


@pytest.mark.parametrize(("shape", "given", "words"), WRONG)
def test_what_is_no_answer_is_said_in_words(shape: Shape, given: dict[str, list[str]], words: str) -> None:
    with pytest.raises(WrongAnswer, match=words):
        parse(shape, given)


FORGED: list[tuple[Shape, Any]] = [
    (TEXT, {"text": 5}), (TEXT, {"text": ""}), (TEXT, {"one": "s"}), (TEXT, {}), (CHOICE, {"one": ["s"]}), (SEVERAL, {"some": "s"}),
    (SEVERAL, {"some": []}), (DATE, {"day": 20260228}), (NUMBER, {"number": True}), (NUMBER, {"number": "5"}),
    (TABLE, {"sizes": {"attic": {"width": 90}}}), (TABLE, {"sizes": {"bed": {"depth": 90}}}), (TABLE, {"sizes": {"bed": {}}}),
    (TABLE, {"sizes": {"bed": {"width": "90"}}}), (TABLE, {"sizes": {}}), (TABLE, {"sizes": {"bed": 90}}),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "value"), FORGED)
def test_a_value_of_another_type_or_size_is_refused(shape: Shape, value: Any) -> None:
    with pytest.raises(WrongAnswer):
        check(shape, value)


def test_the_place_of_a_wrong_cell_is_told() -> None:
    with pytest.raises(WrongAnswer) as wrong:
        parse(TABLE, {"answer-bed-width": ["90"], "answer-living-height": ["5"]})
    assert wrong.value.place == "answer-living-height"


def test_every_kind_has_its_own_holder() -> None:
    assert set(HOLDS) == set(Kind)
    assert len(set(HOLDS.values())) == len(HOLDS)


WORDS = Words({"s": "Small", "l": "Large", "bed": "Bedroom"}, {"width": "width"}, "cm")


@pytest.mark.parametrize(
    ("value", "reads"),
    [
        ({"one": "s"}, "Small"),
        ({"one": "gone"}, "gone"),
        ({"some": ["s", "l"]}, "Small, Large"),
        ({"number": 160}, "160 cm"),
        ({"text": "oak"}, "oak"),
        ({"sizes": {"bed": {"width": 90}}}, "Bedroom: width 90 cm"),
    ],
)
def test_an_answer_reads_as_it_was_put(value: dict[str, Any], reads: str) -> None:
    assert told(value, WORDS) == reads


def test_a_date_reads_in_the_language() -> None:
    assert told({"day": "2026-11-02"}, WORDS) == "2 November 2026"
    with override("pl"):
        assert told({"day": "2026-11-02"}, WORDS) == "2 listopada 2026"
