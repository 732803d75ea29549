"""From any page of the center, and from a mail, taking back needs no more clicks than giving. `make bench` prints the whole table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import Customer
from brands.models import Brand
from consents.parity import WAYS
from preference_center.tests.cast import play_the_story
from preference_center.tests.journeys.clicking import STARTS, Cost, Measuring, Pair, controls
from preference_center.tests.journeys.walking import ComeIn, OpenPage


@pytest.fixture
def measuring(request: Any, the_law: None, open_page: OpenPage, come_in: ComeIn, mail_folder: Path, work: Callable[[], int]) -> Measuring:
    play_the_story()
    brand = Brand.objects.get(key=request.param)

    def page_of(customer: Customer | None) -> Page:
        return come_in(customer) if customer else open_page(brand.key)

    return Measuring(brand, page_of, mail_folder, work)


both_brands = pytest.mark.parametrize("measuring", ["linden", "kingfisher"], indirect=True)


def unfair(pairs: list[Pair]) -> list[Pair]:
    return [pair for pair in pairs if not pair.fair]


@pytest.mark.parametrize(
    ("measuring", "inside"), [("linden", True), pytest.param("kingfisher", False, marks=pytest.mark.long)], indirect=["measuring"]
)
def test_from_every_start_once(measuring: Measuring, inside: bool):
    """Each start with one control or more, each control from one start or more; signed in at one brand, signed out at the other."""
    every = [control for control in controls(measuring.brand) if inside or control.basis == "consent"]
    starts = [start for start in STARTS if start.signed_in is inside]
    assert len(starts) >= len(every) >= 3
    pairs = [measuring.both(start, every[number % len(every)]) for number, start in enumerate(starts)]
    assert unfair(pairs) == []
    costs = {pair.start: (pair.giving, pair.taking_back) for pair in pairs}
    if inside:
        assert costs["choices"] == (Cost(1), Cost(1))
    else:
        assert costs["a link in a mail"][1] == Cost(1)
    told = {way.key: (way.give, way.take_back) for way in WAYS}
    assert {key: cost for key, cost in costs.items() if (cost[0].clicks, cost[1].clicks) > told[key]} == {}, (
        "the desk tells less than it costs"
    )


@pytest.mark.long
@both_brands
def test_what_the_desk_tells_of_the_presses_is_what_a_browser_counts(measuring: Measuring):
    """The dearest use from each start; a legitimate interest is counted signed in only."""
    for way, start in zip(WAYS, STARTS, strict=True):
        assert way.key == start.name
        pairs = [measuring.both(start, each) for each in controls(measuring.brand) if start.signed_in or each.basis == "consent"]
        assert (max(pair.giving.clicks for pair in pairs), max(pair.taking_back.clicks for pair in pairs)) == (way.give, way.take_back)


def test_every_start_is_told_of_at_the_desk():
    assert [way.key for way in WAYS] == [start.name for start in STARTS]
    assert all(way.take_back <= way.give for way in WAYS)


@pytest.mark.long
@both_brands
def test_from_every_start_for_every_control(measuring: Measuring):
    every = controls(measuring.brand)
    pairs = [measuring.both(start, each) for start in STARTS for each in every if start.signed_in or each.basis == "consent"]
    assert len(pairs) > 40
    assert unfair(pairs) == []
