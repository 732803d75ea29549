"""What a page costs does not grow with the catalogue nor with the record: design.md 17."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import draft_purpose, publish
from catalogue.content import Content
from consents.tests.acting import allow, deny
from consents.tests.chain import sign_ins
from consents.tests.reading import read

MOST_QUERIES = 12
PAGES = ["/", "/choices/", "/history/", "/history/?show=choices", "/history/?before=9"]


def queries(client: Client, path: str) -> int:
    client.get(path)  # what a process keeps in memory is there from here on
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def fifty_four_more(brand: Brand) -> None:
    newest = brand.purposes.get(key="insight").newest
    assert newest is not None
    for number in range(54):
        publish(draft_purpose(brand, key=f"more-{number}", content=Content.of(newest), order=20 + number), by="system:tests")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stays_within_its_queries(anna: Customer, browser: Client, path: str) -> None:
    allow(anna, "news", "email")
    deny(anna, "ads")
    assert queries(browser, path) <= MOST_QUERIES


def test_sixty_purposes_cost_what_six_do(linden: Brand, anna: Customer, browser: Client) -> None:
    allow(anna, "news", "email")
    before = {path: queries(browser, path) for path in PAGES}
    fifty_four_more(linden)
    anna.brand.refresh_from_db()
    for number in range(0, 54, 3):
        allow(anna, f"more-{number}")
    assert len(read(browser.get("/choices/")).decisions) == 8 + 54
    assert {path: queries(browser, path) for path in PAGES} == before


def test_ten_thousand_entries_cost_what_ten_do(anna: Customer, browser: Client) -> None:
    allow(anna, "news", "email")
    now = timezone.now()
    sign_ins(anna, 40, until=now - timedelta(days=500))
    before = {path: queries(browser, path) for path in PAGES}
    sign_ins(anna, 10_000, until=now)
    assert {path: queries(browser, path) for path in PAGES} == before


def test_a_receipt_costs_the_same_in_a_long_record(anna: Customer, browser: Client) -> None:
    entry = allow(anna, "news", "email").entry
    assert entry is not None
    path = f"/history/{entry.public_id}/"
    before = queries(browser, path)
    sign_ins(anna, 2000, until=timezone.now() + timedelta(days=1))
    assert queries(browser, path) == before <= MOST_QUERIES


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_a_decision_stays_within_its_queries(anna: Customer, browser: Client, decision: str) -> None:
    form = read(browser.get("/choices/")).form("/choices/recs/")
    with CaptureQueriesContext(connection) as captured:
        assert browser.post(form.action, form.post(decision)).status_code == 303
    asked = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= MOST_QUERIES


# ── Bytes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def zipped(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def content_of(client: Client, url: str) -> bytes:
    if url.startswith(settings.STATIC_URL):
        found = finders.find(url.removeprefix(settings.STATIC_URL))
        assert isinstance(found, str)
        return Path(found).read_bytes()
    response: Any = client.get(url)
    assert response.status_code == 200, url
    return bytes(response.content)


@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_first_view_of_the_choices_is_small(anna: Customer, browser: Client, language: str) -> None:
    Customer.objects.filter(pk=anna.pk).update(language=language)
    page = browser.get("/choices/").content
    styles = re.findall(rb'<link rel="stylesheet" href="([^"]+)"', page)
    scripts = re.findall(rb'<script[^>]* src="([^"]+)"', page)
    assert len(styles) == 2
    first_view = sum(zipped(each) for each in (page, *(content_of(browser, url.decode()) for url in styles)))
    assert first_view <= 50_000
    assert sum(zipped(content_of(browser, url.decode())) for url in scripts) <= 10_000
    assert b"@import" not in b"".join(content_of(browser, url.decode()) for url in styles), "what is imported would not be counted"


def test_all_the_scripts_there_are_are_small() -> None:
    scripts = (Path(settings.BASE_DIR) / "static" / "js").glob("**/*.js")
    assert 0 < sum(zipped(path.read_bytes()) for path in scripts) <= 10_000


def test_no_page_asks_anybody_else_for_anything(anna: Customer, browser: Client) -> None:
    entry = allow(anna, "recs").entry
    assert entry is not None
    for path in (*PAGES, f"/history/{entry.public_id}/"):
        page = browser.get(path).content.decode()
        assert not re.findall(r'(?:src|srcset)="(?:https?:)?//', page), path
        assert not re.findall(r'<(?:link|form|iframe|object|embed)[^>]+(?:href|action|data)="(?:https?:)?//', page), path
        assert not re.findall(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:|data:", page), path
