from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import outline
from catalogue.policy_content import ClauseContent
from catalogue.problems import Refused
from catalogue.tests.saying_policies import EN

SHEET = """## Who we are {#who}
We are a shop.

### Our officer {#officer}

Write to *Ola*.

## How long {#kept}
We keep orders for **36 months**.

- Then we delete them.
"""


def test_a_sheet_is_read_into_clauses():
    assert outline.read(SHEET) == EN.clauses


def test_line_ends_of_a_browser_change_nothing():
    assert outline.read(SHEET.replace("\n", "\r\n")) == EN.clauses


@pytest.mark.parametrize(
    ("sheet", "code", "place"),
    [
        ("Text first.\n## Who {#who}\nWe.", "text_before_clauses", "line 1"),
        ("## Who\nWe.", "heading_unclear", "line 1"),
        ("## Who {#who}\nWe.\n\n# Big {#big}\nBig.", "heading_unclear", "line 4"),
        ("## Who {#who}\nWe.\n#### Deep {#deep}\nDeep.", "tree_broken", "line 3"),
        ("### Below {#below}\nWhat?", "tree_broken", "line 1"),
    ],
)
def test_a_line_out_of_place_is_named(sheet, code, place):
    with pytest.raises(Refused) as refused:
        outline.read(sheet, "en")
    assert [(problem.code, problem.language, problem.field) for problem in refused.value.problems] == [(code, "en", place)]


def test_every_line_out_of_place_is_named_at_once():
    with pytest.raises(Refused) as refused:
        outline.read("Hello.\n## Who\n## When")
    assert [problem.field for problem in refused.value.problems] == ["line 1", "line 2", "line 3"]


WORD = st.text(st.sampled_from("abc xyz-ąę.,*[]()"), min_size=1, max_size=20).map(str.strip).filter(bool)


@st.composite
def trees(draw: st.DrawFn) -> tuple[ClauseContent, ...]:
    path: list[str] = []
    clauses = []
    for number in range(draw(st.integers(0, 8))):
        path = path[: draw(st.integers(0, min(2, len(path))))]
        clauses.append(ClauseContent(f"a{number}", draw(WORD), draw(WORD), path[-1] if path else ""))
        path.append(f"a{number}")
    return tuple(clauses)


@given(trees())
def test_what_is_written_is_read_back(clauses):
    assert outline.read(outline.write(clauses)) == clauses
