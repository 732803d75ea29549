"""A deletion, from outside: a running center with a shop and a warehouse beside it, Chromium with scripts off. Anna shows her app, Sam at
the desk tells whom no program tells, and after three days she is gone from all three; Carol's is cancelled from her other address."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from playwright.sync_api import Page

from preference_center.demo.cast import member
from preference_center.tests.journeys.pages import number
from preference_center.tests.journeys.walking import SIX_DIGITS, OpenPage, ask_for_a_code, enter_code, press
from preference_center.tests.servers import ROOT, Installation, Server, drop_database, new_database, wait_for

ADD_AN_ADDRESS = """
from django.utils import timezone
from accounts.models import Contact, Customer
carol = Customer.objects.get(person__email="carol.novak@example.com")
Contact.objects.create(customer=carol, brand=carol.brand, channel="email", address="carol@work.example", canonical="carol@work.example",
    proven_at=timezone.now())
"""


@pytest.fixture
def warehouse() -> Iterator[str]:
    """A second PostgreSQL database; where the suite runs on SQLite, the demo's own."""
    url = new_database("warehouse") if settings.DATABASE_URL else ""
    yield url
    drop_database(url)


@pytest.fixture
def center(installation: Callable[..., Installation], warehouse: str) -> Installation:
    here = installation(DEMO="1", DEBUG="1", CONNECTED_DATABASES=json.dumps({"warehouse": warehouse} if warehouse else {}))
    here.prepare().up()
    here.manage("shell", "-c", ADD_AN_ADDRESS)
    return here


@pytest.fixture
def server(center: Installation) -> Server:
    return center.server


def shop(center: Installation, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(center.data / "demo" / "shop.sqlite3")) as connection:
        return connection.execute(sql).fetchall()


def stock(center: Installation, url: str, sql: str) -> list[tuple[Any, ...]]:
    if url:
        with psycopg.connect(url) as connection:
            return connection.execute(sql.encode()).fetchall()
    with closing(sqlite3.connect(center.data / "demo" / "warehouse.sqlite3")) as connection:
        return connection.execute(sql).fetchall()


def come_in(page: Page, center: Installation, key: str) -> None:
    """Several people share the mailbox of the demo: each has the code that was mailed to them."""
    address = member(key).email
    ask_for_a_code(page, address)
    codes = wait_for(lambda: [code for text in mails(center, address) for code in SIX_DIGITS.findall(text)], f"the code of {key}")
    enter_code(page, codes[-1])


def ask(page: Page, *, app: str = "") -> str:
    """The number of the request."""
    page.goto("/requests/")
    press(page.locator("a[href='/requests/delete/']"))
    stays = page.locator("section[aria-labelledby=stays]").inner_text()
    assert "31 December" in stays or "31 grudnia" in stays  # Carol reads Polish
    page.check("input[name=what][value=all]")
    press(page.locator("main .btns button"))
    if app:
        press(page.locator("main a[href^='/account/second-factor/']"))
        page.fill("input[name=token]", number(app))
        press(page.locator("main form:has(input[name=token]) button").first)
    press(page.locator("main .btn--danger"))
    return page.url.rstrip("/").rpartition("/")[2]


def mails(center: Installation, to: str) -> list[str]:
    read = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted((center.data / "mail").glob("*.eml"))]
    bodies = [(str(mail["To"]), mail.get_body(("plain",))) for mail in read]
    return [body.get_content() for address, body in bodies if address == to and body is not None]


def link(center: Installation, to: str, pattern: str) -> str:
    """The path of the newest link of its kind in a mail to that address."""

    def look() -> str:
        found = [match for text in mails(center, to) for match in re.findall(pattern, text)]
        return found[-1] if found else ""

    return str(wait_for(look, f"a mail to {to} with {pattern}"))


def at_the_desk(page: Page, center: Installation) -> None:
    come_in(page, center, "sam")
    page.goto("/desk/")
    page.fill("input[name=token]", number(member("sam").secret))
    press(page.locator("main form:has(input[name=token]) button").first)


def tell_the_others(page: Page, center: Installation, reference: str) -> int:
    """Sam has told whom no program tells; how many there were."""
    (pk,) = center.rows(f"SELECT id FROM requests_request WHERE number = '{reference}'")[0]
    page.goto(f"/desk/requests/request/{pk}/")
    press(page.locator("#content button[value=look]"))
    names = [option.get_attribute("value") or "" for option in page.locator("#act-item select[name=item] option").all()]
    waiting = [name for name in names if name not in {"", "Web shop", "Warehouse"}]
    for name in waiting:
        page.locator("#act-item summary").click()
        page.select_option("#act-item select[name=item]", name)
        page.select_option("#act-item select[name=outcome]", "done")
        page.fill("#act-item input[name=count]", "1")
        press(page.locator("#act-item button"))
    return len(waiting)


def tick(center: Installation, after: timedelta) -> None:
    center.manage("tick", "--at", (datetime.now(UTC) + after).isoformat())


def test_one_is_carried_out_in_three_places_and_one_is_cancelled_from_another_address(
    open_page: OpenPage, center: Installation, warehouse: str, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    anna, carol, sam, nobody = (open_page("linden", javascript=False) for _ in range(4))
    come_in(anna, center, "anna")
    reference = ask(anna, app=member("anna").secret)
    axe(anna)
    come_in(carol, center, "carol")
    cancelled = ask(carol)

    # Carol's other address, in a browser in which nobody is signed in.
    nobody.goto(link(center, "carol@work.example", r"(/requests/R-[\w-]+/keep/[\w-]+/)"))
    axe(nobody)
    press(nobody.locator("main form button"))
    assert "stays" in nobody.locator("main h1").inner_text()
    carol.goto(f"/requests/{cancelled}/")
    assert not carol.locator("form[action$='/withdraw/']").count()

    # Before its day nothing happens, even when everybody else was told.
    at_the_desk(sam, center)
    tick(center, timedelta(hours=71))
    assert shop(center, "SELECT name FROM customers WHERE id = 1") == [("Anna Kowalczyk",)]
    tick(center, timedelta(hours=72, minutes=2))
    wait_for(lambda: shop(center, "SELECT count(*) FROM orders WHERE customer_id = 1") == [(0,)], "the shop")
    assert tell_the_others(sam, center, reference) >= 2
    tick(center, timedelta(hours=72, minutes=4))
    tick(center, timedelta(days=8))

    gone = center.rows("SELECT count(*) FROM accounts_contact WHERE canonical = 'anna.kowalczyk@example.com'")
    assert gone == [(0,)]
    assert shop(center, "SELECT name, email, phone FROM customers WHERE id = 1") == [("–", None, None)]
    assert shop(center, "SELECT author, author_email FROM reviews WHERE id = 1") == [("a customer", None)]
    assert shop(center, "SELECT count(*) FROM invoices WHERE customer_id = 1") == [(2,)], "kept for the law"
    assert stock(center, warehouse, "SELECT count(*) FROM parcels") == [(2,)]
    assert stock(center, warehouse, "SELECT count(*) FROM returns") == [(0,)]
    assert stock(center, warehouse, "SELECT count(*) FROM warranties") == [(3,)]
    assert shop(center, "SELECT count(*) FROM orders WHERE customer_id <> 1") == [(4,)], "the others' stay"
    assert center.rows("SELECT count(*) FROM accounts_contact WHERE canonical = 'carol.novak@example.com'") == [(1,)]

    # What proves it, for whoever has the link of the last mail, verified without the center.
    nobody.goto(link(center, member("anna").email, r"(/requests/R-[\w-]+/follow/[\w-]+/)"))
    axe(nobody)
    said = nobody.locator("section[aria-labelledby=certificate]").inner_text()
    assert "Web shop" in said
    assert "until 31 December" in said
    for name, target in ((f"{reference}.json", tmp_path / "certificate.json"), ("consent-keys.json", tmp_path / "consent-keys.json")):
        with nobody.expect_download() as download:
            nobody.locator(f"a[download='{name}']").click()
        download.value.save_as(target)
    verified = subprocess.run(
        [sys.executable, "-m", "ledger.verify", str(tmp_path / "certificate.json")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert verified.returncode == 0, verified.stdout
    assert "erasure.certified" in verified.stdout
    assert "everything fits" in center.manage("verify_ledger").stdout

    anna.goto("/choices/")
    assert not anna.locator("form[action='/sign-out/']").count(), "nobody is signed in any more"
