from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.diff import clauses, paragraphs
from catalogue.diff_words import COSTLY, after, before, words


def said(row):
    """[-gone-] and {+new+}, the rest as it is."""
    marks = {"same": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}
    return "".join(marks[segment.kind].format(segment.text) for segment in row)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Kept for 36 months.", "Kept for 24 months.", "Kept for [-36-]{+24+} months."),
        ("To Skrzynka.", "To Skrzynka or Kurier Północ.", "To Skrzynka{+ or Kurier Północ+}."),
        ("One two three.", "One three.", "One [-two -]three."),
        ("We keep it, sell it.", "We hold it; use it.", "We [-keep-]{+hold+} it[-, sell-]{+; use+} it."),
        ("Same.", "Same.", "Same."),
        ("", "New.", "{+New.+}"),
        ("Gone.", "", "[-Gone.-]"),
        ("don’t ask", "don’t ever ask", "don’t {+ever +}ask"),
        ("a  b", "a b", "a[-  -]{+ +}b"),
    ],
)
def test_a_change_is_shown_in_words(old, new, shown):
    assert said(words(old, new)) == shown


def test_a_comma_between_two_changes_belongs_to_them():
    assert said(words("red, green", "blue, white")) == "[-red, green-]{+blue, white+}"


def test_a_word_that_moved_does_not_tear_the_rest_apart():
    assert said(words("Once we keep orders for two years.", "We keep orders for two years once.")).count("[-") <= 2


TEXTS = st.text(st.sampled_from("ab ,.’é1\u00a0\n-"), max_size=60) | st.text(max_size=40)
LISTS = st.lists(TEXTS.filter(bool), max_size=8)


@given(TEXTS, TEXTS)
def test_nothing_is_lost_in_a_paragraph(old, new):
    row = words(old, new)
    assert (before(row), after(row)) == (old, new)
    assert all(segment.text for segment in row)


@given(LISTS, LISTS)
def test_nothing_is_lost_in_a_text(old, new):
    rows = list(paragraphs(old, new))
    assert [before(row) for row in rows if before(row)] == old
    assert [after(row) for row in rows if after(row)] == new


@given(LISTS)
def test_a_text_is_the_same_as_itself(text):
    assert [[segment.kind for segment in row] for row in paragraphs(text, text)] == [["same"]] * len(text)


def test_a_reworded_paragraph_is_one_row_among_others_that_come_and_go():
    old = ["We keep orders for two years.", "We never sell anything."]
    new = ["Nobody else reads this at all.", "We keep orders for one year.", "Ask Ola."]
    assert [said(row) for row in paragraphs(old, new)] == [
        "{+Nobody else reads this at all.+}",
        "We keep orders for [-two years-]{+one year+}.",
        "[-We never sell anything.-]",
        "{+Ask Ola.+}",
    ]


def test_many_paragraphs_are_paired_as_they_stand():
    old = [f"Clause number {n} holds for customer {n}." for n in range(30)]
    new = [f"Clause number {n} holds for every customer {n}." for n in range(30)]
    assert [said(row) for row in paragraphs(old, new)][7] == "Clause number 7 holds for {+every +}customer 7."


def test_what_would_cost_too_much_is_gone_and_new_as_a_whole():
    old, new = "a b " * COSTLY, "b a c " * COSTLY
    row = words(old, new)
    assert (before(row), after(row)) == (old, new)
    assert len(row) <= 4


@dataclass(frozen=True)
class Piece:
    anchor: str
    heading: str = "Heading"
    paragraphs: tuple[str, ...] = ("Text.",)


def told(old, new):
    return [(clause.anchor, each.kind) for each in clauses(old, new) for clause in [each.new or each.old] if clause]


def test_clauses_are_matched_by_their_anchors():
    old = [Piece("who"), Piece("paper"), Piece("kept"), Piece("rights")]
    new = [Piece("who"), Piece("kept", paragraphs=("More text.",)), Piece("machines"), Piece("rights", heading="Your rights")]
    assert told(old, new) == [("who", "same"), ("paper", "gone"), ("kept", "changed"), ("machines", "new"), ("rights", "changed")]


def test_what_goes_at_the_top_stands_at_the_top():
    assert told([Piece("paper"), Piece("who")], [Piece("who")]) == [("paper", "gone"), ("who", "same")]


def test_a_clause_that_only_moved_reads_the_same():
    assert told([Piece("who"), Piece("kept")], [Piece("kept"), Piece("who")]) == [("kept", "same"), ("who", "same")]
