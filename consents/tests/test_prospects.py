"""Somebody who has not signed in: the same purposes, nothing kept until the address has answered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail

from accounts.models import Challenge, Customer
from brands.models import Brand
from consents.decide import decide
from consents.models import Choice
from consents.tests.acting import allow, deny
from consents.tests.forms_of import SignedIn, browser_at, choices_form
from jobs.actions import run_due
from ledger.models import Entry

pytestmark = pytest.mark.django_db


def ask(client: Any, purpose: str, address: str) -> None:
    form = choices_form(client.get("/choices/"), purpose)
    assert client.post(f"/choices/{purpose}/", form | {"decision": "allow"})["Location"] == "/choices/address/"
    assert client.post("/choices/address/", {"email": address}).url == "/choices/address/code/"


def code() -> str:
    run_due()
    found = re.search(r"\b(\d{6})\b", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_the_same_purposes_are_shown_and_none_is_pressed(linden: Brand, anna: Customer, signed_in: SignedIn) -> None:
    outside, inside = browser_at(linden).get("/choices/").content.decode(), signed_in(anna).get("/choices/").content.decode()
    articles = re.findall(r'<article class="choice[^"]*" id="([a-z-]+)"', outside)
    assert articles == re.findall(r'<article class="choice[^"]*" id="([a-z-]+)"', inside)
    assert 'aria-pressed="true"' not in outside


def test_a_yes_waits_for_the_address_and_keeps_nothing(linden: Brand) -> None:
    people, entries = Customer.objects.count(), Entry.objects.count()
    ask(browser_at(linden), "recs", "new@example.com")
    assert (Customer.objects.count(), Entry.objects.count(), Choice.objects.count()) == (people, entries, 0)
    assert Challenge.objects.get().purpose == "confirm"


def test_the_code_makes_it_stand_with_its_proof(linden: Brand) -> None:
    client = browser_at(linden)
    ask(client, "recs", "new@example.com")
    answer = client.post("/choices/address/code/", {"code": code()})
    assert answer.status_code == 303
    customer = Customer.objects.get(person__email="new@example.com")
    assert decide(customer, "recs").allowed
    act = Entry.objects.get(subject=customer.subject, kind="choice.decided").act
    assert act["how"] == "double_opt_in"
    assert act["shown"]
    assert "Saved" in client.get("/choices/").content.decode()


def test_a_wrong_code_keeps_nothing(linden: Brand) -> None:
    client = browser_at(linden)
    ask(client, "recs", "new@example.com")
    right = code()
    answer = client.post("/choices/address/code/", {"code": "000000" if right != "000000" else "111111"})
    assert answer.status_code == 422
    assert not Customer.objects.filter(person__email="new@example.com").exists()


def test_it_does_not_overrule_a_no_that_was_not_seen(anna: Customer) -> None:
    allow(anna, "recs")
    deny(anna, "recs")
    client = browser_at(anna.brand)
    ask(client, "recs", "anna@example.com")
    client.post("/choices/address/code/", {"code": code()})
    assert not decide(anna, "recs").allowed
    assert "Nothing was saved" in client.get("/choices/").content.decode()


def test_a_signed_out_no_says_that_nothing_was_switched_off(anna: Customer) -> None:
    allow(anna, "recs")
    client = browser_at(anna.brand)
    answer = client.post("/choices/recs/", {"decision": "deny"}, follow=True)
    assert "You are not signed in" in answer.content.decode()
    assert decide(anna, "recs").allowed


@pytest.mark.parametrize(("path", "decision", "status"), [("/choices/forged/", "allow", 404), ("/choices/recs/", "maybe", 400)])
def test_forged_values_are_refused(linden: Brand, path: str, decision: str, status: int) -> None:
    assert browser_at(linden).post(path, {"decision": decision}).status_code == status


def test_the_mail_says_what_the_code_is_for(linden: Brand) -> None:
    ask(browser_at(linden), "recs", "new@example.com")
    code()
    assert "confirm your address" in str(mail.outbox[-1].body)


def test_the_page_for_the_code_says_where_it_went(linden: Brand) -> None:
    client = browser_at(linden)
    ask(client, "recs", "new@example.com")
    page = client.get("/choices/address/code/").content.decode()
    assert "A six-digit code is on its way to new@example.com." in page
    assert "It works for 10 minutes, in this browser only." in page


GPC: dict[str, Any] = {"headers": {"Sec-GPC": "1"}}


def conflict_shown(client: Any, purpose: str, **more: Any) -> dict[str, str]:
    """What the form of the page that stands in the way would post."""
    form = choices_form(client.get("/choices/", **more), purpose)
    page = client.post(f"/choices/{purpose}/", form | {"decision": "allow"}, **more)
    assert page.status_code == 200
    assert "Nothing has been changed yet." in page.content.decode()
    return form | {"decision": "allow", "conflict": "seen"}


@pytest.mark.parametrize("by", ["signal", "press"])
def test_a_yes_against_this_browsers_own_opt_out_takes_two_steps_before_any_address(linden: Brand, by: str) -> None:
    client, more = browser_at(linden), GPC if by == "signal" else {}
    if by == "press":
        client.post("/privacy-choices/", {"scope": "sale"})
    again = conflict_shown(client, "ads", **more)
    assert client.post("/choices/ads/", again, **more)["Location"] == "/choices/address/"
    client.post("/choices/address/", {"email": "new@example.com"}, **more)
    client.post("/choices/address/code/", {"code": code()}, **more)
    customer = Customer.objects.get(person__email="new@example.com")
    client.get("/choices/", **more)
    assert decide(customer, "ads").allowed
    assert decide(customer, "makers").reason == "sale_stopped", "the opt-out stands for everything else"


def test_without_the_second_step_the_opt_out_wins(linden: Brand) -> None:
    """The signal comes only after the yes: it was never shown, so it is not overruled."""
    client = browser_at(linden)
    ask(client, "ads", "new@example.com")
    client.post("/choices/address/code/", {"code": code()}, **GPC)
    customer = Customer.objects.get(person__email="new@example.com")
    assert decide(customer, "ads").reason == "sale_stopped"
    assert "Nothing was saved" in client.get("/choices/", **GPC).content.decode()


def test_the_second_step_overrules_no_older_no_of_the_account(anna: Customer) -> None:
    deny(anna, "ads")
    client = browser_at(anna.brand)
    client.post("/choices/ads/", conflict_shown(client, "ads", **GPC), **GPC)
    client.post("/choices/address/", {"email": "anna@example.com"}, **GPC)
    client.post("/choices/address/code/", {"code": code()}, **GPC)
    assert not decide(anna, "ads").allowed


def test_what_is_not_passed_on_asks_nothing_more(linden: Brand) -> None:
    client = browser_at(linden)
    client.post("/privacy-choices/", {"scope": "sale"})
    form = choices_form(client.get("/choices/", **GPC), "recs")
    assert client.post("/choices/recs/", form | {"decision": "allow"}, **GPC)["Location"] == "/choices/address/"
