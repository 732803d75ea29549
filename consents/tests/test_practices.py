"""/how-we-use-data/: what the register says, seen four ways; signed in, with how each use stands for the reader."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client

from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import declare, draft_purpose, publish
from catalogue.content import Content
from catalogue.models import Recipient
from consents import practices
from consents.tests.acting import allow
from consents.tests.catalogue_of_all_grounds import TEXT, USE
from consents.tests.reading import Page
from ledger.models import Entry

VIEWS = ("?", "?by=company", "?by=data", "?by=source")


def text(client: Client, query: str = "") -> str:
    answer = client.get(f"/how-we-use-data/{query}")
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.content.decode()))).replace(" ", " ")


@pytest.mark.parametrize("view", VIEWS)
def test_it_is_open_to_everybody(visitor: Client, view: str) -> None:
    said = text(visitor, view)
    assert "We sell data to no one. We pass some on to: Adfield, Atelier Halm, Len Nadrzeczny, Lumera, Tkalnia Brzozowa." in said
    assert "(off)" not in said


def test_from_each_use_a_stranger_comes_to_its_choice(visitor: Client) -> None:
    page, choices = visitor.get("/how-we-use-data/").content.decode(), visitor.get("/choices/").content.decode()
    uses = re.findall(r'<article class="flow" id="([a-z-]+)">', page)
    assert re.findall(r'<a href="/choices/#([a-z-]+)">', page) == uses
    assert all(f'id="{use}"' in choices for use in uses)


def test_another_view_does_not_exist(visitor: Client) -> None:
    assert visitor.get("/how-we-use-data/?by=colour").status_code == 404


def test_what_is_not_allowed_is_an_empty_path(anna: Customer, browser: Client) -> None:
    allow(anna, "recs")
    page = browser.get("/how-we-use-data/").content.decode()
    assert '<article class="flow" id="recs">' in page
    assert '<article class="flow flow--off" id="ads">' in page


def test_a_company_stands_there_with_what_it_gets_now(anna: Customer, browser: Client, visitor: Client) -> None:
    row = re.compile(r"Adfield Decides together with us (.*?) Ireland, United States")
    outside, before = row.search(text(visitor, "?by=company")), row.search(text(browser, "?by=company"))
    assert outside
    assert outside[1] == "Shows our ads Scrambled email address Products you viewed"
    assert before
    assert before[1] == "Shows our ads Nothing while you don’t allow it"
    allow(anna, "ads")
    after = row.search(text(browser, "?by=company"))
    assert after
    assert after[1] == outside[1]


def test_each_use_of_a_kind_of_data_says_how_long_it_is_kept_for_it(anna: Customer, browser: Client) -> None:
    allow(anna, "recs")
    orders = next(kind for kind in practices.kinds_of_data(practices.practices(anna.brand, anna)) if kind.name == "What you ordered")
    assert [(use.title, use.happens, use.kept) for use in orders.uses] == [
        ("Suggestions that match your home", True, ["2 years after we got it"]),
        ("Delivering your orders", True, ["2 years after we got it"]),
        ("Invoices", True, ["5 years after the end of that year"]),
        ("Stopping fraud", True, ["1 year after we got it"]),
    ]
    said = text(browser, "?by=data")
    assert "Suggestions that match your home Kept: 2 years after we got it" in said
    assert "Learning how the shop is used (off) Kept: 14 months after we got it" in said


def test_where_it_comes_from_lists_each_use_once(linden: Brand) -> None:
    for kind in practices.sources(practices.practices(linden, None)):
        titles = [use.title for use in kind.uses]
        assert titles == list(dict.fromkeys(titles))


def test_a_press_on_the_map_is_answered_there_and_recorded_as_that(anna: Customer, browser: Client) -> None:
    page = Page(browser.get("/how-we-use-data/").content.decode())
    form = next(form for form in page.forms if form.action == "/choices/recs/")
    answer = browser.post(form.action, form.fields | {"decision": "allow"})
    assert answer["Location"] == "/how-we-use-data/#recs"
    assert Entry.objects.of(anna.subject).get(kind="choice.decided").act["where"] == "map"
    assert "Saved. You allow: " in text(browser)


def sell(brand: Brand, basis: str) -> None:
    declare(brand, Recipient, "broker", name="Broker Ltd", country="US", role="controller", third_party=True, what_for={"en": "Resells"})
    use = replace(USE, recipient="broker", role="controller", sold=True)
    text = replace(TEXT, sentence="We sell it to Broker Ltd.", recipients="Broker Ltd", sold="Yes, to Broker Ltd")
    classes = ("sale_or_disclosure_to_third_party_for_own_marketing",)
    content = Content(basis=basis, classes=classes, texts={"en": text}, uses=(use,))
    publish(draft_purpose(brand, key="resale", content=content), by="system:tests")
    brand.refresh_from_db()


@pytest.mark.parametrize(("basis", "words"), [("consent", "Only where you allow it."), ("opt_out", "Unless you say no.")])
def test_it_says_whether_selling_waits_for_a_yes(golden: Brand, basis: str, words: str) -> None:
    sell(golden, basis)
    assert f"We sell data to: Broker Ltd. {words}" in text(Client(headers={"host": golden.host}))
