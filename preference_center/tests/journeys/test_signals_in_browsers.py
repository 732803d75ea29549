"""Every row of the table that reconciles Global Privacy Control with what stands in the record, walked in a browser with scripts off.

Minors come with families, financial incentives are not offered. (11 CCR 7025(c); 4 CCR 904-3 Rule 5.09.)
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import Customer
from consents import signals
from consents.decide import decide
from consents.states import Reason
from consents.tests.acting import allow
from ledger.models import Entry
from preference_center.tests.journeys.walking import answer, ask_for_a_code, enter_code, newest_code, press, pressed

GPC: dict[str, Any] = {"extra_http_headers": {"Sec-GPC": "1"}}
ADS, RECS, NEWS = "/choices/ads/", "/choices/recs/", "/choices/news/email/"
HONOURED = "Opt-out request honoured"


@pytest.fixture
def phone(come_in, anna) -> Page:
    """Anna's browser that sends the signal."""
    return come_in(anna, **GPC)


def stopped(customer: Customer) -> list[Entry]:
    return list(Entry.objects.of(customer.subject).filter(kind="scope.changed"))


def shown(page: Page) -> str:
    page.goto("/privacy-choices/")
    return page.locator("main").inner_text()


def state_of(page: Page, action: str) -> str:
    page.goto("/choices/")
    return pressed(page, action)


def test_nothing_said_yet_and_the_signal_comes(phone, come_in, anna):
    """Recorded for the person: every other browser of theirs shows it."""
    assert HONOURED in shown(phone)
    assert state_of(phone, ADS) == "deny"
    (entry,) = stopped(anna)
    assert (entry.actor, entry.act["scope"], entry.act["how"]) == ("signal:gpc", "sale", "signal")
    laptop = come_in(anna)
    assert HONOURED in shown(laptop)
    assert state_of(laptop, ADS) == "deny"


def test_an_opt_out_by_a_press_and_no_signal(come_in, anna):
    page = come_in(anna)
    page.goto("/privacy-choices/")
    press(page.locator("button[value=sale]"))
    for _ in "12":
        assert state_of(page, ADS) == "deny"
        assert HONOURED in shown(page)
    assert len(stopped(anna)) == 1
    assert decide(anna, "ads").reason is Reason.SALE_STOPPED


def test_an_opt_out_by_an_earlier_signal_and_none_now(phone, come_in, anna):
    phone.goto("/")
    tablet = come_in(anna)
    for path in ("/", "/choices/", "/how-we-use-data/", "/privacy-choices/"):
        tablet.goto(path)
    assert HONOURED in shown(tablet)
    assert decide(anna, "ads").reason is Reason.SALE_STOPPED
    assert len(stopped(anna)) == 1


def test_a_yes_given_before_the_signal(phone, anna):
    """The signal wins, and says so beside the use; it is told, not popped up."""
    allow(anna, "ads")
    assert state_of(phone, ADS) == "deny"
    assert "do not sell or share" in phone.locator("main").inner_text().lower()
    assert phone.locator("dialog, [role=dialog], [role=alertdialog]").count() == 0
    assert decide(anna, "ads").reason is Reason.SALE_STOPPED


def test_a_yes_after_the_conflict_was_shown(phone, anna):
    """Two steps. Then it stands for that use alone, with the signal still there, and the page says how it stands."""
    phone.goto("/choices/")
    press(answer(phone, ADS, "allow"))
    assert not decide(anna, "ads").allowed
    press(answer(phone, ADS, "allow"))
    assert state_of(phone, ADS) == "allow"
    assert decide(anna, "ads").reason is Reason.GRANTED
    assert decide(anna, "makers").reason is Reason.SALE_STOPPED
    assert HONOURED in shown(phone)
    assert len(stopped(anna)) == 1


def test_an_opt_out_before_signing_in(open_page, anna, mail_folder, work):
    """Merged into the account by the request that signs in; it wins over the older yes."""
    allow(anna, "ads")
    page = open_page()
    page.goto("/privacy-choices/")
    press(page.locator("button[value=sale]"))
    assert HONOURED in shown(page)
    address = anna.person.email
    ask_for_a_code(page, address)
    work()
    enter_code(page, newest_code(mail_folder, address))
    assert state_of(page, ADS) == "deny"
    assert HONOURED in shown(page)
    assert decide(anna, "ads").reason is Reason.SALE_STOPPED
    assert "privacy" not in {cookie["name"] for cookie in page.context.cookies()}


def test_consent_to_what_stays_in_the_shop(phone, anna):
    allow(anna, "recs")
    allow(anna, "news", "email")
    assert state_of(phone, RECS) == "allow"
    assert state_of(phone, NEWS) == "allow"
    assert decide(anna, "recs").allowed
    assert decide(anna, "news", "email").allowed


def test_three_browsers_and_a_call_show_the_same_opt_out(come_in, anna, carol):
    signals.record(anna, signals.GPC)
    for options in ({}, {"width": 390}, {"dark": True, **GPC}):
        page = come_in(anna, **options)
        assert state_of(page, ADS) == "deny"
        assert HONOURED in shown(page)
    assert len(stopped(anna)) == 1
    assert HONOURED not in shown(come_in(carol)), "a stranger's browser is not hers"
