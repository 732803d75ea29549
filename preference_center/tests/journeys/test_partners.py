"""What a choice does at others, from outside: a running center, Chromium with scripts off. Anna turns off “Our ads on other sites”; two
partners hear of it, one of them confirms, and her pages say so. Sam at the desk sees who has not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from preference_center.tests.journeys.test_deletion_of_data import at_the_desk, come_in
from preference_center.tests.journeys.walking import OpenPage, press
from preference_center.tests.servers import Installation, Server, wait_for


@pytest.fixture
def center(installation: Callable[..., Installation]) -> Installation:
    here = installation(DEMO="1", DEBUG="1")
    here.prepare(played=True).up()
    return here


@pytest.fixture
def server(center: Installation) -> Server:
    return center.server


def events(center: Installation, key: str) -> list[dict[str, Any]]:
    """What a partner's own server has kept."""
    path = center.data / "demo" / f"{key}.events"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def history(page: Page, wanted: str) -> str:
    """The line of the newest choice, once it says what is waited for: a person loads the page again, too."""

    def look() -> str:
        page.goto("/history/?show=choices")
        lines = [line.inner_text() for line in page.locator("ol.ledger > li").all()]
        return next((line for line in lines if wanted in line), "")

    return str(wait_for(look, f"“{wanted}” in the history", 30))


def test_two_partners_hear_of_it_and_one_confirms(center: Installation, open_page: OpenPage) -> None:
    page = open_page("linden")
    come_in(page, center, "anna")
    page.goto("/choices/")
    press(page.locator("#ads button[value=allow]"))
    before = page.locator("#ads details", has_text="If you turn this off")
    before.locator("summary").click()
    shown = before.inner_text()
    assert "Adfield and Lumera stop receiving" in shown
    assert "Adfield and Lumera must delete it within 30 days." in shown
    wait_for(lambda: events(center, "adfield") and events(center, "lumera"), "the yes at both", 30)  # of one that is over nobody hears
    press(page.locator("#ads button[value=deny]"))
    assert "Adfield and Lumera are being told." in page.locator("main").inner_text()
    line = history(page, "confirmed by 1")
    assert "You stopped: Our ads on other sites" in line
    assert "Told 2 of 2, confirmed by 1, since " in line
    for key in ("adfield", "lumera"):
        (yes, no) = events(center, key)
        assert (yes["data"]["change"], no["data"]["change"]) == ("started", "stopped")
        assert no["data"]["delete_within_days"] == 30
    page.goto("/how-we-use-data/?by=company")
    rows = {row.locator("th").inner_text().splitlines()[0]: row.inner_text() for row in page.locator("tbody tr").all()}
    assert "Confirmed on " in rows["Adfield"]
    assert "not confirmed yet" in rows["Lumera"]
    assert "onfirmed" not in rows["Kasa Pay"]
    desk = open_page("linden")
    at_the_desk(desk, center)
    desk.goto("/desk/consents/passing/?how=waiting")
    waiting = [row.inner_text() for row in desk.locator("#result_list tbody tr").all()]
    assert len(waiting) == 1
    assert "Lumera" in waiting[0]
    assert "anna" not in desk.content().lower()
