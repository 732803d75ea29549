"""Every component in a real browser: readable by WCAG, at every width, in both brands, by day and by night."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from brands.models import Brand

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}


@pytest.fixture
def address(live_server: Any, settings: Any, linden: Brand, kingfisher: Brand) -> str:
    settings.DEBUG = True
    return f"http://{{}}.localhost:{live_server.url.rpartition(':')[2]}/styleguide/"


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    return page


def refusals(page: Page) -> list[str]:
    """What the browser refuses while the page loads: styles, scripts, pictures that the policy does not allow."""
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    return refused


@pytest.mark.parametrize("brand", ["linden", "kingfisher"])
def test_nothing_stands_in_anybodys_way(browser: Browser, address: str, brand: str):
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            refused = refusals(page)
            found = Axe().run(opened(page, address.format(brand)), options=RULES).response["violations"]
            page.close()
            assert not found, (scheme, width, [(rule["id"], rule["nodes"][0]["target"]) for rule in found])
            assert not refused


def test_it_fits_a_narrow_page_and_large_text(browser: Browser, address: str):
    for width, text in ((320, 16), (640, 32)):
        page = opened(browser.new_page(viewport={"width": width, "height": 700}), address.format("linden"))
        page.evaluate(f"document.documentElement.style.setProperty('font-size', '{text * 1.0625}px')")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


def test_the_two_answers_weigh_the_same(browser: Browser, address: str):
    look = """group => [...group.querySelectorAll('button')].map(button => {
        const style = getComputedStyle(button), box = button.getBoundingClientRect()
        return [Math.round(box.width), box.height, style.fontWeight, style.fontSize, style.color, style.backgroundColor,
                style.borderTopColor, style.borderTopWidth].join()
    })"""
    for brand in ("linden", "kingfisher"):
        page = opened(browser.new_page(viewport={"width": 1280, "height": 900}), address.format(brand))
        allow, deny = page.locator(".decide").first.evaluate(look)
        assert allow.split(",", 1)[1] == deny.split(",", 1)[1]
        assert abs(int(allow.split(",")[0]) - int(deny.split(",")[0])) <= 1
        page.close()


def test_what_is_pressed_stays_visible_in_forced_colours(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, forced_colors="active")
    opened(page, address.format("linden"))
    colour = "button => getComputedStyle(button).backgroundColor"
    pressed = page.locator(".decide__btn[aria-pressed=true]").first.evaluate(colour)
    assert pressed != page.locator(".decide__btn[aria-pressed=false]").first.evaluate(colour)
    page.close()


def test_on_paper_the_explanations_are_open_and_the_chosen_answer_alone_is_shown(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.goto(address.format("linden"))
    page.emulate_media(media="print")
    assert page.locator("details .facts").first.is_visible()
    assert not page.locator(".decide__btn[aria-pressed=false]").first.is_visible()
    assert page.locator(".decide__btn[aria-pressed=true]").first.is_visible()
    assert not page.locator(".btn").first.is_visible()
    page.close()
