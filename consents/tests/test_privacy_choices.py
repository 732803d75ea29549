"""Opting out without an account: no identity, no mail, confirmed on every visit, merged on sign-in."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import retire
from consents.decide import decide
from consents.models import SignedOutOptOut
from consents.states import Reason
from consents.tests.acting import allow
from consents.tests.forms_of import SignedIn, browser_at
from ledger.models import Entry

pytestmark = pytest.mark.django_db
SCOPES = ("marketing", "sale", "sensitive")


@pytest.mark.parametrize("scope", SCOPES)
def test_it_needs_one_press_and_is_confirmed_on_every_visit(linden: Brand, scope: str) -> None:
    client = browser_at(linden)
    assert "Opt-out request honoured" not in client.get("/privacy-choices/").content.decode()
    answer = client.post("/privacy-choices/", {"scope": scope})
    assert answer.status_code == 303
    for _ in range(2):
        assert client.get("/privacy-choices/").content.decode().count("Opt-out request honoured") == 1
    assert not Entry.objects.filter(kind="scope.changed").exists()
    assert SignedOutOptOut.objects.get().count == 1


def test_twice_counts_once(linden: Brand) -> None:
    client = browser_at(linden)
    for _ in range(2):
        client.post("/privacy-choices/", {"scope": "sale"})
    assert SignedOutOptOut.objects.get().count == 1


def test_a_forged_scope_or_cookie_does_nothing(linden: Brand) -> None:
    client = browser_at(linden)
    assert client.post("/privacy-choices/", {"scope": "everything"}).status_code == 400
    client.cookies["privacy"] = "eyJzYWxlIjoiMjAyNi0xMS0yNCJ9:forged"
    assert "Opt-out request honoured" not in client.get("/privacy-choices/").content.decode()


def test_a_cookie_of_another_brand_does_not_count(linden: Brand, kingfisher: Brand) -> None:
    client = browser_at(linden)
    client.post("/privacy-choices/", {"scope": "sale"})
    other = browser_at(kingfisher)
    other.cookies = client.cookies
    assert "Opt-out request honoured" not in other.get("/privacy-choices/").content.decode()


def test_it_becomes_an_entry_on_sign_in_and_wins(anna: Customer, signed_in: SignedIn) -> None:
    allow(anna, "ads")
    visitor = browser_at(anna.brand)
    visitor.post("/privacy-choices/", {"scope": "sale"})
    client = signed_in(anna)
    client.cookies["privacy"] = visitor.cookies["privacy"].value
    answer = client.get("/choices/")
    assert decide(anna, "ads").reason is Reason.SALE_STOPPED
    assert answer.cookies["privacy"].value == ""
    entry = Entry.objects.get(subject=anna.subject, kind="scope.changed")
    assert (entry.act["where"], entry.act["how"]) == ("privacy_choices", "button")


def test_signed_in_it_is_an_entry_at_once(anna: Customer, signed_in: SignedIn) -> None:
    client: Client = signed_in(anna)
    client.post("/privacy-choices/", {"scope": "marketing"})
    client.post("/privacy-choices/", {"scope": "marketing"})
    assert Entry.objects.filter(subject=anna.subject, kind="scope.changed").count() == 1
    assert decide(anna, "news", "email").reason is Reason.MARKETING_STOPPED


def test_looking_changes_nothing(anna: Customer, signed_in: SignedIn) -> None:
    before = Entry.objects.filter(kind="scope.changed").count()
    signed_in(anna).get("/privacy-choices/?scope=sale")
    assert Entry.objects.filter(kind="scope.changed").count() == before


@pytest.mark.parametrize("path", ["/choices/", "/policy/", "/no-such-page/"])
def test_the_foot_of_every_page_leads_there(linden: Brand, path: str) -> None:
    """In the words and with the icon that the CCPA regulations ask of whoever sells or shares."""
    foot = browser_at(linden).get(path).content.decode().split('<footer class="site-footer">')[1]
    assert '<a href="/privacy-choices/">Your Privacy Choices<svg' in foot
    assert '<a href="/privacy-choices/#marketing">Stop all marketing</a>' in foot


def test_who_neither_sells_nor_shares_has_no_such_link(linden: Brand) -> None:
    for purpose in linden.purposes.filter(key__in=["ads", "makers"]):
        retire(purpose, by="system:tests")
    linden.refresh_from_db()
    foot = browser_at(linden).get("/choices/").content.decode().split('<footer class="site-footer">')[1]
    assert "Your Privacy Choices" not in foot
    assert "Stop all marketing" in foot
