"""Polish for whom it is meant, and all of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format
from playwright.sync_api import Page

from accounts.models import Customer
from ledger.models import Entry
from preference_center.tests.journeys.english import left_in_english, strings
from preference_center.tests.journeys.pages import MakeWorld, opened, places_at
from preference_center.tests.journeys.walking import press, sign_in


@pytest.mark.long
@pytest.mark.parametrize("brand", ["linden", "kingfisher"])
def test_no_english_is_left_on_polish_pages(open_page, server, make_world: MakeWorld, request: Any, brand: str):
    """Every page at both brands; test_pages_axe.py reads each page once."""
    world = make_world(request.getfixturevalue(brand), language="pl")
    found: dict[str, list[str]] = {}
    for place in places_at(world.brand):
        with opened(place, world, open_page, server, language="pl-PL") as page:
            found[place.name] = [] if place.english else left_in_english(page)
    assert not any(found.values()), "\n".join(f"{name}: {each}" for name, all_of_it in found.items() for each in all_of_it)


def test_the_search_for_english_finds_it(open_page, linden):
    assert len(strings()[0]) > 400
    page = open_page("linden", language="en")
    page.goto("/sign-in/")
    found = left_in_english(page)
    assert "See and decide what we do with your data" in found
    assert len(found) > 5


def language(page: Page) -> str:
    return str(page.locator("html").get_attribute("lang"))


def switch(page: Page, code: str) -> None:
    press(page.locator(f"form[action='/account/language/'] button[value={code}]"))


def test_a_polish_browser_gets_polish_and_the_switch_keeps_the_page(open_page, come_in, anna):
    stranger = open_page("linden", language="pl-PL")
    stranger.goto("/sign-in/?next=/history/")
    assert language(stranger) == "pl"
    switch(stranger, "en")
    assert stranger.url.endswith("/sign-in/?next=/history/")
    assert language(stranger) == "en"
    stranger.goto("/contact/")
    assert language(stranger) == "en"

    page = come_in(anna)
    page.goto("/history/?show=choices")
    assert language(page) == "en"
    switch(page, "pl")
    assert page.url.endswith("/history/?show=choices")
    assert language(page) == "pl"


def test_a_german_browser_gets_the_language_of_the_brand(open_page, linden):
    page = open_page("linden", language="de-DE")
    page.goto("/sign-in/")
    assert language(page) == linden.default_language


def test_a_persons_language_wins_at_their_next_sign_in(open_page, anna, mail_folder, work):
    at_home = open_page("linden", language="en-GB")
    sign_in(at_home, "anna.kowalczyk@example.com", mail_folder, work)
    switch(at_home, "pl")
    anna.refresh_from_db()
    assert anna.language == "pl"

    elsewhere = open_page("linden", language="en-GB")
    elsewhere.goto("/")
    assert language(elsewhere) == "en"  # nobody is signed in: the browser's
    sign_in(elsewhere, "anna.kowalczyk@example.com", mail_folder, work)
    assert language(elsewhere) == "pl"
    assert Customer.objects.count() == 1


def test_polish_dates_bend_the_month(come_in, anna):
    """24 listopada, never 24 Listopad."""
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    joined = timezone.localtime(Entry.objects.of(anna.subject).order_by("seq")[0].recorded_at)
    with translation.override("pl"):
        bent, unbent = (date_format(joined, form) for form in ("j E", "j F"))
    assert bent != unbent
    page = come_in(anna)
    for path in ("/", "/account/"):
        page.goto(path)
        words = page.locator("main").inner_text()
        assert bent in words, path
        assert unbent not in words, path
