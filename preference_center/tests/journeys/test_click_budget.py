"""Taking back costs no more than giving, for every use and channel; and what the Back button and old pages can and cannot do."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import Customer
from consents.screens import decide_url, offered_now
from consents.standing import basis_here
from ledger.models import Entry
from preference_center.tests.journeys.walking import answer, press, pressed

ADS = "/choices/ads/"
PRESSED = "main button[name=decision][aria-pressed=true]"


@pytest.fixture
def members(anna: Customer, marta: Customer) -> dict[str, Customer]:
    """A customer of each brand who has decided nothing."""
    return {"linden": anna, "kingfisher": marta}


@dataclass
class Cost:
    """What a person had to do on a page and wait for: clicks, page loads, filled fields."""

    clicks: int = 0
    loads: int = 0
    fields: int = 0


class Hand:
    """Acts on a page and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.cost = page, Cost()
        page.on("domcontentloaded", lambda _: setattr(self.cost, "loads", self.cost.loads + 1))

    def click(self, selector: str) -> None:
        """Counts every visible field of its form as one that somebody fills."""
        button = self.page.locator(selector)
        form = self.page.locator("form").filter(has=button)
        self.cost.fields += form.locator("input:not([type=hidden]), select, textarea").count()
        self.cost.clicks += 1
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            button.click()

    def say(self, action: str, decision: str) -> Cost:
        """What it costs from the choices page, once it stands there."""
        self.page.goto("/choices/")
        self.cost = Cost()
        self.click(f"form[action='{action}'] button[name=decision][value={decision}]")
        return replace(self.cost)  # a copy: later loads are counted in the other


def switchable(customer: Customer) -> list[tuple[str, str, str]]:
    """(where its form posts, legal basis, key) of everything that the customer can switch: every purpose and channel."""
    return [
        (decide_url(purpose.key, channel), basis, purpose.key)
        for purpose in offered_now(customer)
        if (basis := basis_here(customer, purpose)) in {"consent", "opt_out", "legitimate_interest"}
        for channel in purpose.channels or ("",)
    ]


@pytest.mark.parametrize("brand", ["linden", "kingfisher"])
def test_taking_back_never_costs_more_than_giving(come_in, members, brand):
    customer = members[brand]
    hand = Hand(come_in(customer))
    controls = switchable(customer)
    hand.page.goto("/choices/")
    offered = hand.page.locator("main form:has(button[name=decision])")
    assert sorted(str(form.get_attribute("action")) for form in offered.all()) == sorted(action for action, _, _ in controls)
    for action, basis, key in controls:
        if basis == "legitimate_interest":  # it runs until somebody objects: there is nothing to give before that
            no, yes = hand.say(action, "deny"), hand.say(action, "allow")
            assert customer.choices.get(purpose=key).state == "unset"
        else:
            yes, no = hand.say(action, "allow"), hand.say(action, "deny")
            assert pressed(hand.page, action) == "deny"
        assert no == Cost(clicks=1, loads=1), (action, no)
        assert all(getattr(no, each) <= getattr(yes, each) for each in ("clicks", "loads", "fields")), (action, yes, no)


def test_one_click_takes_everything_back(come_in, members):
    customer = members["linden"]
    hand = Hand(come_in(customer))
    optional = [action for action, basis, _ in switchable(customer) if basis == "consent"]
    for action in optional:
        hand.say(action, "allow")
    assert hand.page.locator(f"{PRESSED}[value=allow]").count() == len(optional)
    hand.cost = Cost()
    hand.click("form[action='/choices/deny-all/'] button")
    assert hand.cost == Cost(clicks=1, loads=1)
    assert hand.page.locator(f"{PRESSED}[value=allow]").count() == 0
    assert hand.page.locator(f"{PRESSED}[value=deny]").count() == len(optional)
    assert {choice.state for choice in customer.choices.all()} == {"withdrawn"}
    assert f"{len(optional)} choices were set to “Don’t allow”" in notice(hand.page)


def test_one_click_on_the_overview_stops_all_marketing(come_in, members):
    customer = members["linden"]
    hand = Hand(come_in(customer))
    hand.say("/choices/news/email/", "allow")
    hand.page.goto("/")
    hand.cost = Cost()
    hand.click("form[action='/choices/marketing/'] button")
    assert hand.cost == Cost(clicks=1, loads=1)
    assert "All marketing has stopped" in notice(hand.page)
    assert pressed(hand.page, "/choices/news/email/") == "deny"
    customer.refresh_from_db()
    assert customer.marketing_stopped_seq


def notice(page: Page) -> str:
    return page.locator("main .notice").first.inner_text()


def test_the_outcome_names_its_effect_and_can_be_undone(come_in, anna):
    page = come_in(anna)
    page.goto("/choices/")
    press(answer(page, "/choices/news/sms/", "allow"))
    assert "Saved. You allow: News and offers, " in notice(page)
    assert "It takes effect now." in notice(page)
    press(answer(page, "/choices/news/sms/", "deny"))
    assert "Saved. It has stopped: News and offers, " in notice(page)
    assert "A message already on its way may still arrive today." in notice(page)
    assert page.title().startswith("Saved: ")
    assert page.url.endswith("/choices/#news")
    receipt = page.locator("main .notice").first.get_by_role("link", name="See the receipt").get_attribute("href")
    press(page.locator("main .notice form[action='/choices/undo/'] button"))
    assert "Undone." in notice(page)
    assert pressed(page, "/choices/news/sms/") == "allow"
    assert anna.choices.get(purpose="news", channel="sms").state == "granted"
    page.goto(str(receipt))  # the entry that was undone is still in the record
    assert page.locator("h1").inner_text() == "Receipt"


# ── The Back button, and pages that were open before ────────────────────────────────────────────────────────────────


def say(page: Page, decision: str) -> None:
    """Until its answer is there: a click returns before the page it leads to, and there is no going back from between two pages."""
    with page.expect_navigation():
        answer(page, ADS, decision).click()


def back(page: Page) -> None:
    page.go_back()
    assert page.url.endswith("/choices/")


def states(anna: Customer) -> list[Any]:
    return [entry.act["state"] for entry in Entry.objects.of(anna.subject).filter(kind="choice.decided").order_by("seq")]


def test_allow_back_dont_allow_ends_denied(come_in, anna):
    page = come_in(anna)
    for _ in "12":
        page.goto("/choices/")
        say(page, "allow")
        back(page)
        say(page, "deny")
        assert pressed(page, ADS) == "deny"
        assert anna.choices.get().state == "withdrawn"
    assert states(anna) == ["granted", "withdrawn"] * 2


def test_going_back_after_a_no_shows_the_no(come_in, anna):
    """Pages are not kept, so Back asks the server: a yes pressed there has seen the no, and is somebody's own new word."""
    page = come_in(anna)
    for _ in "12":
        page.goto("/choices/")
        say(page, "deny")
        back(page)
        assert pressed(page, ADS) == "deny"
    assert states(anna) == ["refused"]
    say(page, "allow")
    assert pressed(page, ADS) == "allow"
    assert "Saved. You allow: " in notice(page)


def test_a_yes_on_a_page_kept_from_before_the_no_is_asked_anew(come_in, anna):
    """Some browsers keep a page for the Back button whatever the server asks. So does a second tab, which is what is used here."""
    page = come_in(anna)
    kept = page.context.new_page()
    for _ in "12":
        page.goto("/choices/")
        kept.goto("/choices/")
        say(page, "allow")
        say(page, "deny")
        say(kept, "allow")
        assert pressed(kept, ADS) == "deny"
        assert re.search("This changed in the meantime: .*Nothing was saved", notice(kept), re.DOTALL)
        assert anna.choices.get().state == "withdrawn"
        say(kept, "allow")  # asked anew, and answered anew
        assert pressed(kept, ADS) == "allow"
        say(kept, "deny")
        assert pressed(kept, ADS) == "deny"  # answered before anything else is asked
    assert states(anna) == ["granted", "withdrawn"] * 4


def test_a_no_on_a_page_kept_from_before_the_yes_holds(come_in, anna):
    page = come_in(anna)
    page.goto("/choices/")
    kept = page.context.new_page()
    kept.goto("/choices/")
    say(page, "allow")
    say(kept, "deny")
    assert pressed(kept, ADS) == "deny"
    say(kept, "deny")
    assert states(anna) == ["granted", "withdrawn"]
