"""Every page is readable: by the rules of axe, on a narrow screen, with large text, without a third party, without a script, in Polish."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from brands.models import Brand
from preference_center.tests.journeys.conftest import COMBINATIONS, Watch, combination_of
from preference_center.tests.journeys.english import left_in_english
from preference_center.tests.journeys.pages import NO_PAGE, PLACES, MakeWorld, names, opened, places_at
from preference_center.tests.journeys.places import Place, World
from preference_center.tests.journeys.urls import urlpatterns
from preference_center.tests.journeys.walking import WCAG, OpenPage, Violations
from preference_center.tests.servers import Server

Combination = tuple[str, bool, int]
NAMES = [f"{brand}-{'dark' if dark else 'light'}-{width}" for brand, dark, width in COMBINATIONS]

# What makes somebody scroll sideways; and what is cut off, save what is hidden from the eye on purpose.
TOO_WIDE = "document.scrollingElement.scrollWidth - innerWidth"
CUT_OFF = """[...document.querySelectorAll('body *')].filter(one => {
    const style = getComputedStyle(one)
    const cuts = [style.overflowX, style.overflowY].some(way => way === 'hidden' || way === 'clip')
    return cuts && style.position !== 'absolute' && one.getClientRects().length && one.textContent.trim()
        && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
}).map(one => one.outerHTML.slice(0, 120))"""
DOUBLE = "document.documentElement.style.fontSize = 2 * parseFloat(getComputedStyle(document.documentElement).fontSize) + 'px'"


@pytest.fixture
def look(open_page: OpenPage, server: Server, watch: Watch, violations: Violations) -> Any:
    """`look(place, world, combination, language)` says what is wrong with the page there."""

    def look_at(place: Place, world: World, combination: Combination, language: str) -> Iterator[str]:
        _, dark, width = combination
        with opened(place, world, open_page, server, dark=dark, width=width, language=language) as page:
            if language == "pl" and not place.english:
                yield from (f"left in English: {words}" for words in left_in_english(page))
            yield from violations(page, WCAG if place.mail else (*WCAG, "best-practice"))
            yield from squeezed(page)
            if not place.mail and place.who != "staff":
                yield from heavy(page)
        while watch.faults:
            yield watch.faults.pop()

    return look_at


def squeezed(page: Page) -> Iterator[str]:
    for width, zoomed in ((320, False), (1280, True)):
        page.set_viewport_size({"width": width, "height": 800})
        if zoomed:
            page.evaluate(DOUBLE)
        where = "at twice the text size" if zoomed else f"at {width} px"
        if (over := page.evaluate(TOO_WIDE)) > 0:
            yield f"{where} it is {over} px too wide"
        yield from (f"{where} it is cut off: {html}" for html in page.evaluate(CUT_OFF))


STYLES = "[...document.styleSheets].map(sheet => [...sheet.cssRules].map(rule => rule.cssText).join(''))"
HEAVIEST = 50_000  # bytes of a page with its style sheets, zipped


def heavy(page: Page) -> Iterator[str]:
    parts = [page.content(), *page.evaluate(STYLES)]
    if (weight := sum(len(gzip.compress(part.encode())) for part in parts)) > HEAVIEST:
        yield f"it weighs {weight} bytes"


def report(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{name}: {fault}" for name, faults in found.items() for fault in faults)


def test_every_address_is_a_page_here_or_says_why_not():
    there = {name for name in names(urlpatterns) if not name.startswith("api:")}  # those answer programs, all of them
    seen = {place.url for place in PLACES if place.url and not place.url.startswith("desk:")}
    assert not seen & NO_PAGE.keys()
    assert seen | NO_PAGE.keys() == there, "list a new address among the pages (or say why it shows none), and take an old one out"


# Looking at a page takes seconds: in every run each brand at one of the widths, the nights and all pages in the long.
OFTEN = {("linden", False, 1280), ("kingfisher", False, 390)}
BY_DAY = [
    pytest.param(each, id=name, marks=[] if each in OFTEN else [pytest.mark.long]) for each, name in zip(COMBINATIONS, NAMES, strict=True)
]


@pytest.mark.parametrize("combination", BY_DAY)
def test_each_page_once(look, make_world: MakeWorld, request: Any, combination: Combination):
    """Each page falls to one of the eight combinations, by its name. In Polish, whose words are the longer ones."""
    mine = [place for place in PLACES if combination_of(place.name, place.brand) == combination]
    assert mine, "nobody looks at this combination: rename a page"
    brand: Brand = request.getfixturevalue(combination[0])
    world = make_world(brand, language="pl")
    found = {place.name: list(look(place, world, combination, "pl")) for place in mine}
    assert not report(found), report(found)


@pytest.mark.long
@pytest.mark.parametrize("combination", COMBINATIONS, ids=NAMES)
def test_every_page(look, make_world: MakeWorld, request: Any, capsys: Any, combination: Combination):
    world = make_world(request.getfixturevalue(combination[0]))
    found = {place.name: list(look(place, world, combination, "en")) for place in places_at(world.brand)}
    with capsys.disabled():
        sys.stdout.write(f"\n{NAMES[COMBINATIONS.index(combination)]}: {len(found)} pages, {sum(map(len, found.values()))} faults\n")
    assert not report(found), report(found)


# ── By keyboard ─────────────────────────────────────────────────────────────────────────────────────────────────────

CONTROLS = """[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .map((one, place) => { one.dataset.place = place; return place })"""
FOCUSED = """(() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect()
    return {place: +one.dataset.place, skip: one.matches('.skip'), main: !!one.closest('main'), top: box.top + scrollY,
            left: box.left, seen: box.width > 0 && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight + 1,
            outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth), words: one.textContent.trim().slice(0, 60)}
})()"""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_choices_by_keyboard_alone(come_in, anna, width):
    page = come_in(anna, width=width)
    page.goto("/choices/")
    places = page.evaluate(CONTROLS)
    reached = []
    for _ in places:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert reached[0]["skip"], "the first stop is the way past the navigation"
    assert [each["place"] for each in reached] == places
    for each in reached:
        assert each["outline"] >= 2, f"no ring around {each}"
        assert each["seen"], f"out of sight: {each}"
    main = [each for each in reached if each["main"]]
    for before, after in zip(main, main[1:], strict=False):
        # Down the page; up again only to the column on the right.
        assert after["top"] >= before["top"] - 2 or after["left"] > before["left"], f"after {before} the eye jumps back to {after}"


def test_an_answer_by_keyboard(come_in, anna):
    page = come_in(anna)
    page.goto("/choices/")
    page.locator("form[action='/choices/ads/'] button[value=deny]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/choices/#ads")
    assert anna.choices.get(purpose="ads").state == "refused"
