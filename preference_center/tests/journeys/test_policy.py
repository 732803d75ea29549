"""The policy in a browser with scripts off: read, compared, printed, on a narrow screen, in both brands and languages."""

from __future__ import annotations

from pathlib import Path

import pytest

import catalogue
from catalogue.actions import load_policy
from preference_center.tests.journeys.walking import press

PACKS = Path(catalogue.__file__).parent / "packs"
POLICIES = {"linden": "policy-shop.yaml", "kingfisher": "policy-club.yaml"}


@pytest.fixture
def policies(request, transactional_db):
    for key, pack in POLICIES.items():
        load_policy(request.getfixturevalue(key), PACKS / pack, by="system:tests")


@pytest.mark.parametrize("path", ["/policy/", "/policy/2/", "/policy/1...2/"])
@pytest.mark.parametrize(("brand", "language", "dark"), [("linden", "pl", False), ("kingfisher", "en", True)])
def test_it_is_read_and_compared_without_a_barrier(open_page, axe, policies, brand, language, dark, path):
    page = open_page(brand, language=language, dark=dark, width=320)
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == language
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_from_the_footer_to_what_changes_and_back(open_page, policies):
    page = open_page("linden")
    page.goto("/how-we-use-data/")
    press(page.get_by_role("link", name="Privacy policy"))
    press(page.get_by_role("link", name="2.3 When you look around"))
    assert page.url.endswith("/policy/#visits")
    press(page.get_by_role("link", name="Put both side by side"))
    logs = page.locator("article#server-records")
    assert logs.locator("del").inner_text().split() == ["(goes:", "30", ")"]
    assert logs.locator("ins").inner_text().split() == ["(new:", "14", ")"]
    assert not page.locator("details").first.evaluate("one => one.open")
    press(page.get_by_role("link", name="The policy in force"))
    assert page.url.endswith("/policy/")


def test_on_paper_what_is_folded_lies_open(open_page, policies):
    page = open_page("linden")
    page.goto("/policy/1...2/")
    folded = page.get_by_role("heading", name="1 Who is responsible")
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()


def test_on_paper_the_policy_stands_alone(open_page, policies):
    page = open_page("linden")
    page.goto("/policy/")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="1 Who is responsible").is_visible()
    assert not page.get_by_role("heading", name="All versions").is_visible()
