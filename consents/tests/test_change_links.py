"""/u/<token>/ of a mail about a policy change: a no acts on one press, a yes asks to sign in, and reading it changes nothing."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone

import catalogue
from accounts import links
from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import load_policy, retire
from consents.decide import decide
from consents.models import Choice
from consents.states import Reason
from consents.tests.acting import allow, signed_in
from consents.tests.forms_of import browser_at
from consents.tests.reading import Page
from ledger.models import Entry

pytestmark = pytest.mark.django_db
SCANNERS = ("Mozilla/5.0 (SafeLinks)", "MimecastLinkScanner/1.0", "GoogleImageProxy")
USE = "room-photos"


@pytest.fixture
def day(linden: Brand) -> str:
    """On which the policy of the pack changes."""
    (*_, newest) = load_policy(linden, Path(catalogue.__file__).parent / "packs" / "policy-shop.yaml", by="system:tests")
    linden.refresh_from_db()
    assert newest.in_force_from
    return timezone.localdate(newest.in_force_from).isoformat()


@pytest.fixture
def path(anna: Customer, day: str) -> str:
    return f"/u/{links.make(anna, links.Scope(USE, '', day))}/"


def entries(customer: Customer) -> int:
    return Entry.objects.of(customer.subject).count()


def newest(customer: Customer) -> Entry:
    found: Entry = Entry.objects.of(customer.subject).filter(kind="choice.decided").latest("seq")
    return found


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("agent", SCANNERS)
def test_a_scanner_that_follows_it_changes_nothing(anna: Customer, path: str, day: str, agent: str) -> None:
    before = entries(anna)
    client = browser_at(anna.brand, **{"user-agent": agent})
    for where in (path, f"/changes/{day}/", "/contact/"):
        for method in (client.head, client.get, client.get):
            assert method(where).status_code == 200
    onward = [link for link in Page(client.get(path).content.decode()).links if link.startswith("/")]
    assert f"/changes/{day}/" in onward
    for link in onward:
        assert client.get(link, follow=True).status_code == 200
    assert entries(anna) == before
    assert not Choice.objects.filter(customer=anna).exists()
    assert not decide(anna, USE).allowed


def test_it_offers_two_equal_answers_and_says_what_each_does(anna: Customer, path: str) -> None:
    html = browser_at(anna.brand).get(path).content.decode()
    form = next(each for each in Page(html).forms if each.action == path)
    assert [(button.value, button.pressed) for button in form.buttons] == [("allow", "false"), ("deny", "false")]
    assert Page(html).texts["h1"] == ["Photos of your room to try fabrics on"]
    assert "It begins on " in html
    assert "“Don’t allow” works at once, without signing in." in html


def test_it_shows_a_masked_address_and_no_name(anna: Customer, path: str) -> None:
    anna.name = "Anna Kowalczyk"
    anna.save(update_fields=["name"])
    html = browser_at(anna.brand).get(path).content.decode()
    assert "a•••@e•••.com" in html
    assert "anna@example.com" not in html
    assert "Kowalczyk" not in html


def test_what_she_allows_is_shown_as_allowed(anna: Customer, day: str) -> None:
    allow(anna, "recs")
    path = f"/u/{links.make(anna, links.Scope('recs', '', day))}/"
    form = next(each for each in Page(browser_at(anna.brand).get(path).content.decode()).forms if each.action == path)
    assert {button.value: button.pressed for button in form.buttons} == {"allow": "true", "deny": "false"}


# ── No ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_no_acts_on_one_press_without_session_or_cookie(anna: Customer, path: str) -> None:
    client = Client(headers={"host": anna.brand.host}, enforce_csrf_checks=True)
    answer = client.post(path, {"decision": "deny"})
    assert (answer.status_code, answer["Location"]) == (303, path)
    entry = newest(anna)
    assert (entry.actor, entry.act["state"], entry.act["how"], entry.act["where"], entry.act["assurance"]) == (
        f"link:{anna.subject}", "refused", "link", "link", "IV1",
    )  # fmt: skip
    html = browser_at(anna.brand).get(path).content.decode()
    assert entry.number in html
    assert "Saved. You don’t allow: Photos of your room to try fabrics on" in html
    assert Page(html).texts["title"][0].startswith("Saved: ")
    assert "works at once" not in html


def test_a_no_holds_on_the_day_and_after_it(anna: Customer, path: str) -> None:
    browser_at(anna.brand).post(path, {"decision": "deny"})
    begins = anna.brand.purposes.get(key=USE).newest
    assert begins
    assert begins.in_force_from
    assert decide(anna, USE, "", begins.in_force_from).reason is Reason.REFUSED


def test_a_no_to_what_runs_stops_it_now(anna: Customer, day: str) -> None:
    allow(anna, "recs")
    browser_at(anna.brand).post(f"/u/{links.make(anna, links.Scope('recs', '', day))}/", {"decision": "deny"})
    assert decide(anna, "recs").reason is Reason.WITHDRAWN


def test_a_no_twice_is_once(anna: Customer, path: str) -> None:
    client = browser_at(anna.brand)
    client.post(path, {"decision": "deny"})
    after = entries(anna)
    assert client.post(path, {"decision": "deny"}).status_code == 303
    assert entries(anna) == after


def test_the_one_click_of_a_mail_program_says_no_without_a_redirect(anna: Customer, path: str) -> None:
    answer = browser_at(anna.brand).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert (newest(anna).act["state"], newest(anna).act["how"]) == ("refused", "one_click")


def test_a_form_without_an_answer_is_a_no_at_most(anna: Customer, path: str) -> None:
    browser_at(anna.brand).post(path, {"decision": "perhaps"})
    assert newest(anna).act["state"] == "refused"


# ── Yes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_yes_asks_to_sign_in_and_has_changed_nothing(anna: Customer, path: str, day: str) -> None:
    before = entries(anna)
    answer = browser_at(anna.brand).post(path, {"decision": "allow"})
    assert answer.status_code == 303
    assert unquote(answer["Location"]) == f"/sign-in/?next=/changes/{day}/#{USE}"
    assert entries(anna) == before
    assert not decide(anna, USE).allowed
    assert browser_at(anna.brand).get(answer["Location"]).status_code == 200


def test_a_yes_of_somebody_signed_in_leads_to_the_page_and_has_changed_nothing(anna: Customer, path: str, day: str) -> None:
    answer = signed_in(anna).post(path, {"decision": "allow"})
    assert answer["Location"] == f"/changes/{day}/#{USE}"
    assert not Choice.objects.filter(customer=anna).exists()


def test_with_somebody_else_signed_in_a_yes_asks_who_it_is(anna: Customer, bea: Customer, path: str) -> None:
    answer = signed_in(bea).post(path, {"decision": "allow"})
    assert answer["Location"].startswith("/sign-in/")
    assert not Choice.objects.exists()


# ── Links that are none ─────────────────────────────────────────────────────────────────────────────────────────────


def gone(brand: Brand, path: str) -> None:
    client, before = browser_at(brand), Entry.objects.count()
    for answer in (client.get(path), client.post(path, {"decision": "deny"}), client.post(path, {"List-Unsubscribe": "One-Click"})):
        assert answer.status_code == 410
    assert Entry.objects.count() == before


@pytest.mark.parametrize("place", [3, 20, -3])
def test_an_altered_token_is_over(anna: Customer, path: str, place: int) -> None:
    token = path.split("/")[2]
    at = place % len(token)
    gone(anna.brand, f"/u/{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}/")


def test_a_token_signed_for_another_brand_is_over(anna: Customer, day: str) -> None:
    gone(anna.brand, f"/u/{links.token(anna.code, 'kingfisher', links.Scope(USE, '', day))}/")


def test_a_token_of_somebody_who_was_erased_is_over(anna: Customer, path: str) -> None:
    brand = anna.brand
    anna.delete()
    gone(brand, path)


def test_a_use_that_was_retired_is_over(anna: Customer, day: str) -> None:
    path = f"/u/{links.make(anna, links.Scope('insight', '', day))}/"
    assert browser_at(anna.brand).get(path).status_code == 200
    retire(anna.brand.purposes.get(key="insight"), by="system:tests")
    anna.brand.refresh_from_db()
    gone(anna.brand, path)


def test_a_use_that_never_was_is_over(anna: Customer, day: str) -> None:
    gone(anna.brand, f"/u/{links.make(anna, links.Scope('never', '', day))}/")
