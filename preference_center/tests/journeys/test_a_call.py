"""An agent takes a call, from outside: a running center, Chromium with scripts off. Sam finds Anna, records what she takes back, opens the
deletion that she asked for yesterday, and sees when it is due. Her own page shows all three, with his name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from preference_center.demo.cast import member
from preference_center.tests.journeys.test_deletion_of_data import at_the_desk, come_in, mails
from preference_center.tests.journeys.walking import OpenPage, press, pressed
from preference_center.tests.servers import Installation, Server, wait_for


@pytest.fixture
def center(installation: Callable[..., Installation]) -> Installation:
    here = installation(DEMO="1", DEBUG="1")
    here.prepare(played=True).up()
    return here


@pytest.fixture
def server(center: Installation) -> Server:
    return center.server


ANNA = member("anna").email


def act(page: Page, name: str) -> None:
    """Unfolds one of the acts, where it is not."""
    if page.locator(f"#act-{name}").get_attribute("open") is None:
        page.locator(f"#act-{name} summary").click()


def test_sam_helps_anna_on_the_phone_and_she_reads_who_did_what(
    center: Installation, open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    sam, anna = open_page("linden"), open_page("linden")
    at_the_desk(sam, center)
    axe(sam)
    sam.fill("#home-typed", ANNA.upper())
    press(sam.locator("#content form button").first)
    axe(sam)
    press(sam.locator("#content table a").first)
    axe(sam)
    sam.select_option("select[name=reason]", "called")
    press(sam.locator("#content form button"))
    axe(sam)
    act(sam, "no")
    sam.check("#act-no input[value='news/email']")
    press(sam.locator("#act-no button"))
    assert "1 no was recorded." in sam.locator(".messagelist").inner_text()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    act(sam, "open")
    sam.select_option("#act-open select[name=kind]", "delete")
    sam.select_option("#act-open select[name=via]", "phone")
    sam.fill("#act-open input[name=received_on]", yesterday)
    sam.fill("#act-open textarea", "Please delete me.")
    press(sam.locator("#act-open button"))
    number = sam.locator(".messagelist").inner_text().split("Noted: ")[1].split(".")[0]
    row = sam.locator("#part-asked tbody tr", has_text=number)
    (due,) = center.rows(f"SELECT due FROM requests_request WHERE number = '{number}'")[0]
    assert timezone.localdate() + timedelta(days=26) < due <= timezone.localdate() + timedelta(days=32)
    assert f"{due.day} " in row.inner_text()
    axe(sam)

    come_in(anna, center, "anna")
    anna.goto("/history/")
    history = anna.locator("main").inner_text()
    for said in ("We looked at your data", "You stopped: News and offers, Email"):
        line = anna.locator("ol.ledger > li", has_text=said).first.inner_text()
        assert "Our colleague Sam" in line, history
    asked = anna.locator("ol.ledger > li", has_text=number).first.inner_text()
    assert "Our colleague Sam" in asked, history
    axe(anna)
    anna.goto("/choices/")
    assert pressed(anna, "/choices/news/email/") == "deny"
    anna.goto("/requests/")
    assert number in anna.locator("main").inner_text()
    told = wait_for(lambda: [text for text in mails(center, ANNA) if "wrote this down in your name" in text], "the mail about the call")
    assert "Our colleague Sam" in told[0]
