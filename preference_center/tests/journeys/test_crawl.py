"""Looking changes nothing and leads nowhere: every address of the center by HEAD and GET, at both brands, signed in and out."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import Customer
from brands import tokens
from brands.models import Brand
from preference_center.tests.cast import SignedIn, browser_at
from preference_center.tests.journeys.crawling import Crawl, fetched_elsewhere, rows_of_the_domain
from preference_center.tests.journeys.pages import name_of
from preference_center.tests.journeys.played import Played, a_brand, both_brands
from preference_center.tests.journeys.walking import OpenPage, carry
from preference_center.tests.servers import ROOT, Server

# A link that somebody is offered answers 200, or leads on with one of these.
REDIRECTS = {
    "/.well-known/change-password": "where password managers send people: there is no password, so the account",
    "/account/": "to the sign-in, and back",
    "/account/authenticator/": "to the confirmation that it is still you",
    "/choices/address/": "nothing waits for an address here",
    "/choices/address/code/": "nothing waits for a code here",
    "/history/": "to the sign-in, and back",
    "/": "to the sign-in, and back",
    "/sign-in/": "signed in already",
    "/sign-in/code/": "no code was asked for",
}
REDIRECTS_BY_NAME = {"guardians:invitation": "whoever has sent it decides already: to the family"}


def leads_on(path: str) -> bool:
    return path.partition("?")[0] in REDIRECTS or name_of(path) in REDIRECTS_BY_NAME


UNTENDED = ("/healthz/", 503)  # says so, rightly, where nothing has worked since the story was played some minutes ago: test_health.py


def clients(played: Played, signed_in: SignedIn) -> dict[str, Client]:
    return {"signed out": browser_at(played.brand), "signed in": signed_in(played.customer)}


@a_brand
def test_looking_changes_no_row_and_asks_no_other_host(played: Played, signed_in: SignedIn, capsys: Any):
    visitors = clients(played, signed_in)
    visitors["signed in"].get(f"/changes/{played.day}/")  # that it was seen is noted once
    before = rows_of_the_domain()
    said = []
    for who, client in visitors.items():
        crawl = Crawl(client, played.brand.host).start(*played.addresses)
        said.append(f"{who}: {len(crawl.reached)} addresses, {crawl.requests} requests")
        assert len(crawl.reached) > 50
        assert {path: found for path, seen in crawl.reached.items() if (found := fetched_elsewhere(seen.html))} == {}
        assert [path for path, seen in crawl.reached.items() if seen.status >= 500 and (path, seen.status) != UNTENDED] == []
        assert [path for path, seen in crawl.reached.items() if seen.head != seen.status] == []
    after = rows_of_the_domain()
    assert before.changed(after) == []
    with capsys.disabled():
        sys.stdout.write(f"\n{played.brand.key}: {'; '.join(said)}; {len(before.tables)} tables, {before.count} rows, none changed\n")


@a_brand
def test_no_link_is_dead(played: Played, signed_in: SignedIn):
    for who, client in clients(played, signed_in).items():
        start = "/" if who == "signed in" else "/choices/"
        crawl = Crawl(client, played.brand.host).start(start, "/demo/mailbox/")
        assert len(crawl.reached) > 20
        wrong = {
            f"{path}, on {crawl.found_on.get(path, 'no page')}": seen.status
            for path, seen in crawl.reached.items()
            if seen.status != 200 and not (seen.status in {301, 302, 303} and leads_on(path))
        }
        assert wrong == {}, who
        assert crawl.files
        assert [file for file in crawl.files if not finders.find(file)] == []


STYLE_OF_OTHERS = re.compile(r"@import|url\(\s*[\"']?(?:[a-z]+:)?//", re.IGNORECASE)


def test_no_style_sheet_calls_another_host(linden: Brand, kingfisher: Brand):
    sheets = [path.read_text(encoding="utf-8") for path in (ROOT / "static").rglob("*.css")]
    sheets += [tokens.stylesheet(brand.theme.values()) for brand in (linden, kingfisher)]
    assert len(sheets) > 4
    assert [sheet[:60] for sheet in sheets if STYLE_OF_OTHERS.search(sheet)] == []


@pytest.mark.long
@both_brands
def test_no_address_calls_another_host_while_its_scripts_run(
    played: Played, signed_in: SignedIn, open_page: OpenPage, server: Server, capsys: Any
):
    """The browser itself watches (conftest.py); test_looking_changes_no_row_and_asks_no_other_host reads what the pages hold."""
    opened = 0
    for who, client in clients(played, signed_in).items():
        crawl = Crawl(client, played.brand.host).start(*played.addresses)
        page = open_page(played.brand.key, javascript=True)
        if who == "signed in":
            carry(client, page, server.url(played.brand.key))
        for path in (path for path, seen in crawl.reached.items() if seen.html):
            page.goto(path)
            opened += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{played.brand.key}: {opened} pages opened with scripts on, no third party asked\n")
    assert opened > 50


@both_brands
def test_the_fingerprint_sees_one_changed_row(played: Played):
    before = rows_of_the_domain()
    assert len(before.tables) > 40
    assert before.changed(rows_of_the_domain()) == []
    Customer.objects.filter(pk=played.customer.pk).update(region="X")
    assert before.changed(rows_of_the_domain()) == [Customer._meta.db_table]
