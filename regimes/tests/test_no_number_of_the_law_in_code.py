"""Days, months and ages of the law stand in the law data, and nowhere in the code that works with them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = {30, 45, 90, 13, 16}
APPS = ("regimes", "consents", "catalogue", "accounts")
# Tables of readings, each line with its source, which a lawyer reviews like the data.
REVIEWED = {"regimes/minors.py", "regimes/readings.py"}
# The same figures where they are not the law's. A new one has to be written here with its reason.
OTHER_MEANINGS = {
    ("accounts/codes.py", 30): "days a browser is remembered, for the sake of its open sign-in",
    ("accounts/links.py", 16): "bytes of a signature",
    ("accounts/models/people.py", 16): "bytes of a random reference, characters of a language or of a kind of evidence",
    ("catalogue/models/policies.py", 13): "characters of a column",
    ("catalogue/proposals.py", 30): "days of a month, where a sentence of a policy is compared with another",
    ("consents/forms.py", 16): "bytes of a random key",
    ("consents/history.py", 30): "rows on one page",
    ("consents/models/choices.py", 16): "characters of a column",
    ("consents/rows.py", 13): "columns of a row",
    ("consents/views/links.py", 30): "days of a break that the person chooses",
    ("consents/views/links.py", 90): "days of a break that the person chooses",
}


def workflow_code() -> Iterator[Path]:
    for app in APPS:
        yield from (path for path in sorted((ROOT / app).rglob("*.py")) if not {"tests", "migrations"} & set(path.parts))


def numbers_in(text: str) -> set[object]:
    constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return {value for value in constants if type(value) in (int, float) and value in NUMBERS}


@pytest.mark.parametrize("text", ["due = day + timedelta(days=30)", "if age < 16: pass", "def f(days=45): ...", "x = {'y': [13.0]}", "-90"])
def test_it_finds_a_number_of_the_law(text):
    assert numbers_in(text)


@pytest.mark.parametrize("text", ["x = 'within 30 days'  # 45", "at = date(2026, 11, 24)", "page_13 = 130"])
def test_it_finds_nothing_where_there_is_none(text):
    assert not numbers_in(text)


def test_no_number_of_the_law_stands_in_workflow_code():
    found = {(path.relative_to(ROOT).as_posix(), number) for path in workflow_code() for number in numbers_in(path.read_text())}
    assert len({name for name, _number in found}) > 1
    assert {each for each in found if each[0] not in REVIEWED} - OTHER_MEANINGS.keys() == set()
