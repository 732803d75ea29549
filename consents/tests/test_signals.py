"""Global Privacy Control: read exactly, recorded once, never undone by its absence (reconciliation of signal and stored choices)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from accounts.models import Customer
from consents import signals
from consents.decide import decide
from consents.states import Reason, Scope
from consents.tests.acting import allow, deny
from consents.tests.forms_of import SignedIn, browser_at, choices_form
from ledger.models import Entry

pytestmark = pytest.mark.django_db
GPC: dict[str, Any] = {"headers": {"Sec-GPC": "1"}}


@pytest.mark.parametrize(
    ("value", "sent"),
    [("1", True), (" 1 ", True), ("1,0", True), ("0,1", True), ("0", False), ("true", False), ("1;x", False), ("", False), ("11", False)],
)
def test_it_is_read_exactly(value: str, sent: bool) -> None:
    assert signals.gpc_sent(RequestFactory().get("/", HTTP_SEC_GPC=value)) is sent


def test_without_the_header_nothing_is_signalled() -> None:
    assert signals.gpc_sent(RequestFactory().get("/")) is False


def opt_outs(customer: Customer) -> list[Entry]:
    return list(Entry.objects.of(customer.subject).filter(kind="scope.changed").order_by("seq"))


def test_the_first_sight_is_recorded_once(anna: Customer, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    for _ in range(3):
        assert client.get("/choices/", **GPC).status_code == 200
    entries = opt_outs(anna)
    assert [entry.act["scope"] for entry in entries] == ["sale"]
    assert entries[0].actor == "signal:gpc"
    assert entries[0].act["how"] == "signal"


def test_its_absence_undoes_nothing(anna: Customer, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    client.get("/choices/", **GPC)
    page = client.get("/choices/")
    assert decide(anna, "ads").reason is Reason.SALE_STOPPED
    assert "Set by your browser’s privacy signal." in page.content.decode()
    assert len(opt_outs(anna)) == 1


def test_an_opt_out_by_click_stays_without_the_signal(anna: Customer, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    client.post("/privacy-choices/", {"scope": "sale"})
    client.get("/choices/")
    assert decide(anna, "ads").reason is Reason.SALE_STOPPED


def test_it_wins_over_a_yes_given_before(anna: Customer, signed_in: SignedIn) -> None:
    allow(anna, "ads")
    assert decide(anna, "ads").allowed
    signed_in(anna).get("/", **GPC)
    assert decide(anna, "ads").reason is Reason.SALE_STOPPED


def test_a_yes_after_the_conflict_was_shown_stands_in_two_steps(anna: Customer, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    form = choices_form(client.get("/choices/", **GPC), "ads")
    asked = client.post("/choices/ads/", form | {"decision": "allow"}, **GPC)
    assert asked.status_code == 200
    assert not decide(anna, "ads").allowed
    client.post("/choices/ads/", form | {"decision": "allow", "conflict": "seen"}, **GPC)
    assert decide(anna, "ads").reason is Reason.GRANTED
    client.get("/choices/", **GPC)
    assert decide(anna, "ads").reason is Reason.GRANTED
    assert decide(anna, "makers").reason is Reason.SALE_STOPPED


def test_first_party_choices_are_untouched(anna: Customer, signed_in: SignedIn) -> None:
    allow(anna, "recs")
    allow(anna, "news", "email")
    signed_in(anna).get("/", **GPC)
    assert decide(anna, "recs").allowed
    assert decide(anna, "news", "email").allowed


def test_signed_out_it_is_followed_and_stored_nowhere(anna: Customer) -> None:
    before = Entry.objects.count()
    page = browser_at(anna.brand).get("/privacy-choices/", **GPC)
    assert "Opt-out request honoured" in page.content.decode()
    assert Entry.objects.count() == before
    assert not page.cookies.get("privacy")


def test_three_browsers_and_a_call_show_the_same(anna: Customer, signed_in: SignedIn) -> None:
    signals.record(anna, signals.GPC)
    for _ in range(3):
        assert "Opt-out request honoured" in signed_in(anna).get("/privacy-choices/").content.decode()
    assert signals.record(anna, signals.GPC) is None


def test_pages_say_that_they_depend_on_it(anna: Customer, signed_in: SignedIn) -> None:
    assert "Sec-GPC" in signed_in(anna).get("/choices/")["Vary"]


def test_the_declaration_stands_only_where_the_brand_makes_it(anna: Customer) -> None:
    client = browser_at(anna.brand)
    answer = client.get("/.well-known/gpc.json")
    assert answer.json() == {"gpc": True, "lastUpdate": "2026-11-24"}
    anna.brand.gpc_since = None
    anna.brand.save(update_fields=["gpc_since"])
    assert client.get("/.well-known/gpc.json").status_code == 404


def test_a_no_pressed_by_hand_is_not_repeated_by_the_signal(anna: Customer, signed_in: SignedIn) -> None:
    deny(anna, "ads")
    signed_in(anna).get("/", **GPC)
    assert [entry.act["scope"] for entry in opt_outs(anna)] == [Scope.SALE]
    assert deny(anna, "ads").entry is None


def test_signed_out_each_page_about_it_says_so(anna: Customer) -> None:
    client = browser_at(anna.brand)
    choices = client.get("/choices/", **GPC).content.decode()
    assert "Your browser sends a “do not sell or share” signal" in choices
    assert "Opt-out request honoured, in this browser." in choices
    honoured = client.get("/privacy-choices/", **GPC).content.decode().split('id="sale"')[1].split("</article>")[0]
    assert "Set by your browser’s privacy signal." in honoured
    assert 'value="sale"' in honoured, "a press makes it count without the signal too"
    assert "signal" not in client.get("/choices/").content.decode()


def test_once_it_is_silent_the_page_does_not_say_that_it_is_sent(anna: Customer, signed_in: SignedIn) -> None:
    client = signed_in(anna)
    assert "Your browser sends" in client.get("/choices/", **GPC).content.decode()
    after = client.get("/choices/").content.decode()
    assert "Your browser sends" not in after
    assert "Set by your browser’s privacy signal." in after
