"""Questions that earn their place, from outside: a running center with its demo shop, Chromium with scripts off. A new customer is asked
nothing at sign-in; after an order one thing, whose use the next page shows; to the next question they say “don't ask again”, for good."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from preference_center.tests.journeys.walking import SIX_DIGITS, answer, ask_for_a_code, enter_code, press
from preference_center.tests.servers import Installation, Server, wait_for

EWA = "ewa.nowa@example.com"  # nobody of the demo
BED = "160\u00a0×\u00a0200"
SOON = 60  # seconds after which a use must be seen


@pytest.fixture
def center(installation: Callable[..., Installation]) -> Installation:
    here = installation(DEMO="1", DEBUG="1")
    here.environment["PORT"] = str(here.port)
    here.prepare(played=True).up(workers=2)
    return here


@pytest.fixture
def server(center: Installation) -> Server:
    return center.server


def newest_code(page: Page) -> str:
    """Read in the demo's mailbox, in whatever language it came, once the worker has sent it."""

    def look() -> str:
        page.goto("/demo/mailbox/")
        mail = page.locator("main .rows li", has_text=EWA).first
        if not mail.count():
            return ""
        press(mail.locator("a").first)
        found = SIX_DIGITS.search(page.locator("main").inner_text())
        return found[1] if found else ""

    return str(wait_for(look, "the code in the mailbox"))


def come_in(page: Page, language: str) -> None:
    ask_for_a_code(page, EWA)
    code = newest_code(page)
    page.goto("/sign-in/code/")
    enter_code(page, code)
    page.goto("/account/")
    if (switch := page.locator(f"header button[value={language}]")).count():
        press(switch)


def order(page: Page, item: str) -> None:
    page.goto("/demo/shop/")
    press(page.locator(f"button[value={item}]"))
    assert not page.locator(".pc-prompt").count(), "on the way to paying nothing is asked"
    press(page.locator("main form button.btn--primary"))


def a_week_later(center: Installation, brand: str = "linden") -> None:
    """The clock of the budget, for all who were asked: the rows say so, and nothing else is touched."""
    assert brand
    back = "interval '8 days'" if center.database_url else ""
    if center.database_url:
        statements = [
            f"UPDATE profiles_asked SET last_at = last_at - {back}, said_no_at = said_no_at - {back}",
            f"UPDATE profiles_ask SET shown_at = shown_at - {back}, acted_at = acted_at - {back}, session = md5(session)",
            f"UPDATE consents_choice SET recorded_at = recorded_at - {back}",
        ]
    else:
        statements = [
            "UPDATE profiles_asked SET last_at = datetime(last_at, '-8 days'), said_no_at = datetime(said_no_at, '-8 days')",
            "UPDATE profiles_ask SET shown_at = datetime(shown_at, '-8 days'), acted_at = datetime(acted_at, '-8 days'),"
            " session = substr(session, 2) || 'x'",
            "UPDATE consents_choice SET recorded_at = datetime(recorded_at, '-8 days')",
        ]
    center.change(statements)


@pytest.mark.parametrize("language", ["en", pytest.param("pl", marks=pytest.mark.long)])
def test_a_question_a_use_and_a_refusal(center: Installation, open_page: Any, axe: Callable[[Page], None], language: str) -> None:
    page = open_page("linden", width=320, language=language)
    words = WORDS[language]
    come_in(page, language)
    page.goto("/")
    assert not page.locator(".prompt").count(), "nothing at sign-in"
    page.goto("/choices/")
    press(answer(page, "/choices/recs/", "allow"))
    page.goto("/")
    assert not page.locator(".prompt").count(), "a choice was made, and no question waits for that"

    order(page, "mist")
    card = page.locator(".pc-prompt")
    assert card.count() == 1
    assert words["bed"] in card.inner_text()
    buttons = card.locator("button")
    assert [buttons.nth(number).inner_text() for number in range(3)] == words["buttons"]
    assert not card.locator("input:checked").count()
    axe(page)
    press(buttons.first)  # without an answer: said plainly, on the center's own page
    assert words["choose"] in page.locator("main").inner_text()
    axe(page)
    page.get_by_label("160 × 200").check()
    press(page.locator("main button[value=save]"))
    axe(page)
    press(page.get_by_role("link", name=words["back"]))
    assert words["saved"] in page.locator(".pc-prompt").inner_text()
    axe(page)

    page.goto("/demo/shop/")
    assert words["because"] in page.locator("main").inner_text()
    assert BED in page.locator("main").inner_text()
    used = time.monotonic()
    axe(page)
    page.goto("/what-you-told-us/bed-size/")
    assert "Linden & Loom shop" in page.locator("main").inner_text()
    assert time.monotonic() - used < SOON
    axe(page)

    a_week_later(center)
    happened = wait_for(lambda: center.rows("SELECT 1 FROM profiles_happening WHERE event = 'answer.used'"), "the use as an event")
    assert happened
    page.goto("/demo/shop/order/mist/")
    card = page.locator(".pc-prompt")
    assert words["rooms"] in card.inner_text(), "the next stage is open: what was told was used"
    press(card.locator("button[value=never]"))
    assert words["never"] in page.locator(".pc-prompt").inner_text()
    axe(page)
    for item in ("moss", "clay"):
        a_week_later(center)
        order(page, item)
        assert words["rooms"] not in page.locator("main").inner_text()
    page.goto("/what-you-told-us/")
    refused = page.locator("section", has=page.locator("#refused"))
    expect(refused).to_contain_text(words["rooms"])
    axe(page)
    page.goto("/history/?show=answers")
    assert page.locator("main li").count() >= 4
    axe(page)


WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "bed": "Which bed are these for?", "buttons": ["Save bed size", "Not now", "Don’t ask again"], "choose": "Choose an answer",
        "back": "Back to where you were", "saved": "Saved", "because": "Because you told us", "rooms": "Which rooms are you furnishing?",
        "never": "We won’t ask you this again",
    },
    "pl": {
        "bed": "Do jakiego łóżka?", "buttons": ["Zapisz rozmiar", "Nie teraz", "Nie pytaj więcej"], "choose": "Wybierz odpowiedź",
        "back": "Wróć na poprzednią stronę", "saved": "Zapisano", "because": "Bo wiemy od Ciebie", "rooms": "Które pokoje urządzasz?",
        "never": "Nie zapytamy o to ponownie",
    },
}  # fmt: skip
