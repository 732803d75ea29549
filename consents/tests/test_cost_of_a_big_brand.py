"""The public pages cost a brand with 60 purposes, 200 recipients and 20 policy versions what they cost a small one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import catalogue
from accounts.actions import join
from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import load_policy
from catalogue.published import forget, published
from consents.tests.a_big_brand import BY, PURPOSES, RECIPIENTS, VERSIONS, found_a_big_brand
from consents.tests.acting import allow, deny, signed_in
from consents.tests.test_cost import content_of, zipped

MOST_QUERIES, HEAVIEST = 12, 50_000
MAP = ["/how-we-use-data/", *(f"/how-we-use-data/?by={view}" for view in ("company", "data", "source"))]
FILES = ["/how-we-use-data.csv", "/how-we-use-data.jsonld"]
POLICY = ["/policy/", "/policy/2/", "/policy/1...2/", "/policy/2.json"]
OF_BIG = ["/policy/20/", "/policy/1...20/", "/policy/20.json"]


@pytest.fixture(scope="module")
def founded(world: None, django_db_blocker: Any) -> None:
    """Publishing so much takes seconds: once for the module, inside its transaction."""
    with django_db_blocker.unblock():
        linden = Brand.objects.get(key="linden")
        load_policy(linden, Path(catalogue.__file__).parent / "packs" / "policy-shop.yaml", by=BY)
        big = found_a_big_brand()
        for brand in (linden, big):
            brand.refresh_from_db()
            olga = join(brand=brand, address="olga@example.com", language="pl")
            allow(olga, "recs")
            deny(olga, "ads")
        for number in range(0, PURPOSES - len(published(linden)), 2):
            allow(olga, f"more-{number}")
        forget(linden)
        forget(big)


@pytest.fixture
def big(founded: None, db: None) -> Iterator[Brand]:
    brand = Brand.objects.get(key="big")
    yield brand
    forget(brand)


def browser_of(brand: Brand, known: bool) -> Client:
    if known:
        return signed_in(Customer.objects.select_related("person", "brand").get(brand=brand, person__email="olga@example.com"))
    return Client(headers={"host": brand.host, "accept-language": "pl"})


def read(browser: Client, path: str) -> bytes:
    answer: Any = browser.get(path)
    assert answer.status_code == 200, path
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def queries(browser: Client, path: str) -> int:
    read(browser, path)  # what a process keeps in memory is there from here on
    with CaptureQueriesContext(connection) as captured:
        read(browser, path)
    return len(captured)


def weight(browser: Client, path: str) -> int:
    page = read(browser, path)
    styles = re.findall(rb'<link rel="stylesheet" href="([^"]+)"', page)
    return sum(map(zipped, (page, *(content_of(browser, url.decode()) for url in styles))))


def test_it_is_big(big: Brand) -> None:
    assert len(published(big)) == PURPOSES
    assert big.recipients.count() == RECIPIENTS
    assert f"/policy/{VERSIONS}/" in read(browser_of(big, known=False), "/policy/").decode()


@pytest.mark.parametrize("known", [False, True], ids=["signed out", "signed in"])
def test_it_asks_the_database_no_more_than_a_small_brand(big: Brand, known: bool) -> None:
    small = browser_of(Brand.objects.get(key="linden"), known)
    large = browser_of(big, known)
    paths = [*MAP, *FILES, *POLICY]
    asked = {path: queries(large, path) for path in paths}
    assert asked == {path: queries(small, path) for path in paths}
    assert max(asked.values()) <= MOST_QUERIES
    assert {path: queries(large, path) for path in OF_BIG} == {path: asked[like] for path, like in zip(OF_BIG, POLICY[1:], strict=True)}


@pytest.mark.parametrize("known", [False, True], ids=["signed out", "signed in"])
@pytest.mark.parametrize("path", [*MAP, "/policy/", "/policy/20/", "/policy/1...20/", "/policy/19...20/"])
def test_a_page_of_it_is_light(big: Brand, known: bool, path: str) -> None:
    assert weight(browser_of(big, known), path) <= HEAVIEST
