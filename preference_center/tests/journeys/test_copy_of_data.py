"""A copy, from outside: a running center, Chromium with scripts off. Anna shows her app and has it at once; Carol has her mailbox alone,
waits a day, and is told meanwhile how to stop it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from preference_center.demo.cast import member
from preference_center.tests.journeys.pages import number
from preference_center.tests.journeys.test_deletion_of_data import come_in
from preference_center.tests.journeys.walking import OpenPage, press
from preference_center.tests.servers import Installation, Server, running, wait_for


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Installation]:
    """One for both: each is somebody else's, and the clock goes on by a day for whoever waits."""
    with running(tmp_path_factory.mktemp("copies"), DEMO="1", DEBUG="1") as here:
        here.prepare(played=True).up()
        yield here


@pytest.fixture
def server(center: Installation) -> Server:
    return center.server


def to_the_check(page: Page) -> None:
    page.goto("/requests/")
    press(page.locator("a[href='/requests/copy/']"))
    press(page.locator("main .btns button"))


def send(page: Page) -> str:
    """The address of the page of the request."""
    press(page.locator("main .btns button"))
    return page.url


def fetch(page: Page, folder: Path) -> zipfile.ZipFile:
    with page.expect_download() as download:
        page.locator("section[aria-labelledby=get] form button").click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return zipfile.ZipFile(target)


def test_with_two_factors_at_once(open_page: OpenPage, center: Installation, axe: Callable[[Page], None], tmp_path: Path) -> None:
    page = open_page("linden", javascript=False)
    come_in(page, center, "anna")
    to_the_check(page)
    press(page.locator("main a[href^='/account/second-factor/']"))
    page.fill("input[name=token]", number(member("anna").secret))
    press(page.locator("main form:has(input[name=token]) button").first)
    one = send(page)

    def is_ready() -> bool:
        page.goto(one)
        return bool(page.locator("#get").count())

    wait_for(is_ready, "the copy")
    axe(page)
    archive = fetch(page, tmp_path)
    assert archive.testzip() is None
    assert member("anna").email in archive.read("csv/accounts.Contact.csv").decode()
    page.goto("/history/?show=requests")
    assert page.locator("main .ledger").inner_text().count("R-") >= 3


def test_with_a_mailbox_alone_after_a_day(open_page: OpenPage, center: Installation, tmp_path: Path) -> None:
    page = open_page("linden", javascript=False)
    come_in(page, center, "carol")
    to_the_check(page)
    assert "24" in page.locator("main").inner_text()
    one = send(page)
    name = one.rstrip("/").rpartition("/")[2]
    assert not page.locator("#get").count()
    wait_for(lambda: any(f"/requests/{name}/not-me/" in mail for mail in mails(center)), "the mail that can stop it")
    center.manage("tick")
    page.goto(one)
    assert not page.locator("#get").count(), "its time has not come"
    center.manage("tick", "--at", (datetime.now(UTC) + timedelta(hours=24, minutes=1)).isoformat())
    page.goto(one)
    assert page.locator("#get").count()
    archive = fetch(page, tmp_path)
    assert member("carol").email in archive.read("csv/accounts.Contact.csv").decode()
    assert member("anna").email not in "".join(archive.read(each).decode() for each in archive.namelist())


def mails(center: Installation) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in (center.data / "mail").glob("*.eml")]
