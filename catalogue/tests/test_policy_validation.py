from __future__ import annotations

from dataclasses import replace

import pytest

from catalogue.policy_content import ClauseContent, PolicyContent, numbered
from catalogue.policy_validation import problems
from catalogue.tests.saying_policies import EN, KEPT, OFFICER, PL, POLICY, WHO, saying, telling, without


def found(brand, content, newest=None):
    return [(problem.code, problem.language, problem.field) for problem in problems(brand, content, newest)]


def in_english(*clauses, **more):
    return PolicyContent({"en": replace(EN, **{"clauses": clauses or EN.clauses} | more)})


def test_a_whole_policy_has_no_problem(brand):
    assert found(brand, POLICY) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (PolicyContent({"en": EN}), ("language_missing", "pl", "")),
        (PolicyContent({"en": EN, "pl": PL, "de": EN}), ("language_unknown", "de", "")),
        (replace(POLICY, texts={"en": EN, "pl": replace(PL, title="")}), ("text_missing", "pl", "title")),
        (replace(POLICY, texts={"en": EN, "pl": replace(PL, summary=" ")}), ("text_missing", "pl", "summary")),
        (saying(language="pl", kept={"heading": ""}), ("text_missing", "pl", "kept")),
        (saying(language="en", officer={"body": ""}), ("text_missing", "en", "officer")),
        (without(POLICY, "officer", "pl"), ("clause_missing", "pl", "officer")),
        (without(POLICY, "officer", "en"), ("clause_extra", "pl", "officer")),
        (saying(language="pl", officer={"parent": ""}), ("trees_differ", "pl", "officer")),
        (saying(language="en", kept={"body": "We keep it!"}), ("exclamation", "en", "kept")),
        (saying(language="pl", kept={"body": "| Czas |\n| --- |\n| Czy na pewno |"}), ("pressure", "pl", "kept")),
        (saying(language="en", kept={"body": "Our partners get it."}), ("recipients_nameless", "en", "kept")),
        (saying(language="en", who={"heading": "Dear partners"}), ("recipients_nameless", "en", "who")),
    ],
)
def test_each_fault_is_named_with_its_place(brand, content, problem):
    assert found(brand, content) == [problem]


def test_neither_language_there_is_told_twice_and_nothing_is_compared(brand):
    assert [code for code, *_place in found(brand, PolicyContent())] == ["language_missing", "language_missing"]


def test_a_policy_without_clauses_is_none(brand):
    empty = PolicyContent({"en": replace(EN, clauses=()), "pl": replace(PL, clauses=())})
    assert found(brand, empty) == [("clauses_missing", "en", ""), ("clauses_missing", "pl", "")]


def test_people_may_do_things_in_a_policy(brand):
    assert found(brand, saying(language="en", kept={"body": "You may object."})) == []


@pytest.fixture
def english(brand):
    brand.languages = ["en"]
    return brand


@pytest.mark.parametrize(
    ("clauses", "places"),
    [
        ((WHO, KEPT, OFFICER), ["officer"]),  # away from its parent
        ((OFFICER, WHO, KEPT), ["officer"]),  # before it
        ((WHO, replace(OFFICER, parent="nobody"), KEPT), ["officer"]),
        ((WHO, replace(KEPT, parent="officer"), OFFICER), ["kept"]),
        ((replace(WHO, parent="kept"), OFFICER, replace(KEPT, parent="who")), ["who", "officer", "kept"]),  # in a circle
    ],
)
def test_a_broken_tree_names_each_place(english, clauses, places):
    assert found(english, in_english(*clauses)) == [("tree_broken", "en", place) for place in places]


def test_clauses_lie_three_levels_deep_at_most(english):
    levels = [ClauseContent(f"c{depth}", "Deep", "Deep.", f"c{depth - 1}" if depth else "") for depth in range(5)]
    assert found(english, in_english(*levels)) == [("too_deep", "en", "c3"), ("too_deep", "en", "c4")]


def test_clauses_are_numbered_by_the_tree():
    below = replace(OFFICER, anchor="deputy")
    deeper = ClauseContent("hours", "Hours", "Always.", "deputy")
    numbers = [number for _clause, number in numbered((WHO, OFFICER, below, deeper, KEPT))]
    assert numbers == ["1", "1.1", "1.2", "1.2.1", "2"]


def test_an_anchor_holds_for_ever(brand):
    renamed = telling(saying(kept={"anchor": "keeping"}), POLICY)
    assert found(brand, renamed, POLICY) == [("anchor_gone", "", "kept")]
    assert found(brand, replace(renamed, removed=("kept",)), POLICY) == []


@pytest.mark.parametrize("anchor", ["kept", "never-there"])
def test_only_what_goes_is_named_as_removed(brand, anchor):
    reworded = telling(saying(who={"body": "A shop."}), POLICY)
    assert found(brand, replace(reworded, removed=(anchor,)), POLICY) == [("removed_wrongly", "", anchor)]


def test_nothing_changed_is_no_version(brand):
    assert found(brand, POLICY, POLICY) == [("nothing_changed", "", "")]
