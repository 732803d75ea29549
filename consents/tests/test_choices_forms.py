"""The forms of the choices page, pressed as a browser without JavaScript presses them: also late, twice, and forged."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from consents import actions
from consents.decide import decide
from consents.states import Scope
from consents.tests.acting import allow, count, own, state
from consents.tests.reading import Form, Page, read
from ledger.models import Entry

RECS = "/choices/recs/"


def form(client: Client, action: str = RECS) -> Form:
    return read(client.get("/choices/")).form(action)


def press(client: Client, what: Form, decision: str) -> Any:
    return client.post(what.action, what.post(decision))


def after(client: Client, response: Any) -> Page:
    """The page that the answer leads to."""
    assert response.status_code == 303, response.content
    return read(client.get(response["Location"].partition("#")[0]))


def notice(page: Page) -> str:
    """The heading of the one notice above the page's own heading."""
    return page.texts["h2"][0]


# ── One press ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("decision", "says", "becomes"), [("allow", "Saved. You allow:", "granted"), ("deny", "Saved. You don’t allow:", "refused")]
)
def test_one_press_is_one_decision(anna: Customer, browser: Client, decision: str, says: str, becomes: str) -> None:
    before = count(anna)
    response = press(browser, form(browser), decision)
    assert (response.status_code, response["Location"]) == (303, "/choices/#recs")
    assert (state(anna, "recs"), count(anna)) == (becomes, before + 1)
    page = after(browser, response)
    assert notice(page) == f"{says} Suggestions that match your home"
    assert page.texts["title"][0].startswith("Saved: Your choices")
    entry = Entry.objects.of(anna.subject).latest("seq")
    assert page.form("/choices/undo/").fields["receipt"] == str(entry.public_id)
    assert f"/history/{entry.public_id}/" in page.links


def test_the_notice_is_shown_once(browser: Client) -> None:
    after(browser, press(browser, form(browser), "allow"))
    again = read(browser.get("/choices/"))
    assert notice(again) == "You decide"
    assert again.texts["title"][0].startswith("Your choices")
    assert "/choices/undo/" not in {each.action for each in again.forms}


def test_one_press_undoes_it(anna: Customer, browser: Client) -> None:
    page = after(browser, press(browser, form(browser), "deny"))
    response = press(browser, page.form("/choices/undo/"), "")
    assert response["Location"] == "/choices/#recs"
    assert notice(after(browser, response)).startswith("Undone.")
    assert state(anna, "recs") == "unset"


def test_undo_pressed_twice_answers_alike(anna: Customer, browser: Client) -> None:
    undo = after(browser, press(browser, form(browser), "deny")).form("/choices/undo/")
    first = notice(after(browser, press(browser, undo, "")))
    before = count(anna)
    assert notice(after(browser, press(browser, undo, ""))) == first
    assert count(anna) == before


def test_an_undo_offers_no_undo(browser: Client) -> None:
    page = after(browser, press(browser, form(browser), "deny"))
    page = after(browser, press(browser, page.form("/choices/undo/"), ""))
    assert "/choices/undo/" not in {each.action for each in page.forms}


def test_one_press_stops_everything(anna: Customer, browser: Client) -> None:
    allow(anna, "recs")
    page = after(browser, press(browser, form(browser, "/choices/deny-all/"), ""))
    assert notice(page).startswith("Saved. 7 choices were set to “Don’t allow”.")
    page = after(browser, press(browser, form(browser, "/choices/deny-all/"), ""))
    assert notice(page).startswith("Nothing to change")


def test_one_press_stops_all_marketing_and_one_lifts_it(anna: Customer, browser: Client) -> None:
    overview = read(browser.get("/"))
    assert notice(after(browser, press(browser, overview.form("/choices/marketing/"), ""))).startswith("Saved. All marketing has stopped.")
    lift = form(browser, "/choices/marketing/")
    assert notice(after(browser, press(browser, lift, "off"))).startswith("Saved. The stop of all marketing is lifted.")
    before = count(anna)
    assert "stands so already" in notice(after(browser, press(browser, lift, "off")))
    assert count(anna) == before


def test_an_objection_and_taking_it_back(anna: Customer, browser: Client) -> None:
    page = after(browser, press(browser, form(browser, "/choices/fraud/"), "deny"))
    assert notice(page).startswith("Saved. You object, and we have stopped:")
    assert not decide(anna, "fraud").allowed
    after(browser, press(browser, page.form("/choices/fraud/"), "allow"))
    assert decide(anna, "fraud").allowed


def test_what_is_not_for_the_person_to_switch(anna: Customer, browser: Client) -> None:
    """No button of ours posts it; whoever does is told so."""
    before = count(anna)
    for decision in ("allow", "deny"):
        page = after(browser, browser.post("/choices/delivery/", {"decision": decision}))
        assert notice(page) == "This is not for you to switch: Delivering your orders"
    assert count(anna) == before


def test_a_message_on_its_way_is_owned_up_to(anna: Customer, browser: Client) -> None:
    response = press(browser, form(browser, "/choices/news/email/"), "deny")
    assert "A message already on its way may still arrive today." in browser.get(response["Location"]).content.decode()
    response = press(browser, form(browser), "deny")
    assert "already on its way" not in browser.get(response["Location"]).content.decode()


# ── Back, and again ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_allow_back_dont_allow(anna: Customer, browser: Client) -> None:
    old = form(browser)
    press(browser, old, "allow")
    assert notice(after(browser, press(browser, old, "deny"))).startswith("Saved. It has stopped:")
    assert state(anna, "recs") == "withdrawn"


def test_dont_allow_back_allow_is_asked_anew(anna: Customer, browser: Client) -> None:
    """The old page had not seen the no. The answer shows how it stands, and one press on it is enough."""
    old = form(browser)
    press(browser, old, "deny")
    page = after(browser, press(browser, old, "allow"))
    assert notice(page).startswith("This changed in the meantime")
    assert state(anna, "recs") == "refused"
    press(browser, page.form(RECS), "allow")
    assert state(anna, "recs") == "granted"


def test_both_ways_twice(anna: Customer, browser: Client) -> None:
    old = form(browser)
    history = [(press(browser, old, decision).status_code, state(anna, "recs")) for decision in ("allow", "deny") * 2]
    assert history == [(303, "granted"), (303, "withdrawn"), (303, "withdrawn"), (303, "withdrawn")]
    assert count(anna) == 3  # joined, allowed, withdrawn


def test_a_double_click_is_one_decision(anna: Customer, browser: Client) -> None:
    old = form(browser)
    press(browser, old, "allow")
    before = count(anna)
    assert "stands so already" in notice(after(browser, press(browser, old, "allow")))
    assert (count(anna), state(anna, "recs")) == (before, "granted")


def test_a_page_that_is_older_than_a_stop(anna: Customer, browser: Client) -> None:
    old = form(browser, "/choices/news/email/")
    actions.stop(anna, Scope.MARKETING, own(anna))
    assert notice(after(browser, press(browser, old, "allow"))).startswith("This changed in the meantime")
    assert not decide(anna, "news", "email").allowed
