"""The page "Your account": language, place, where one is signed in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.management import call_command

from accounts.browsers import browser_family
from accounts.models import Customer
from accounts.tests.conftest import CHROME, FIREFOX, Browser
from brands.models import Brand
from ledger.models import Entry


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def nobody(browser: Browser) -> bool:
    return browser.get("/").content == b"nobody"


def test_the_page_shows_what_opens_the_account_it_costs_few_queries(browser: Browser, django_assert_max_num_queries: Any) -> None:
    browser.sign_in("anna@example.com")
    with django_assert_max_num_queries(12):
        page = words(browser.get("/account/"))
    for expected in (
        "anna@example.com",
        "Firefox on Linux",
        "This browser",
        "Sign out everywhere else",
        "The law of this place protects you",
    ):
        assert expected in page
    assert "checked" not in page


def test_nobody_sees_it_without_signing_in_it_comes_back_afterwards(browser: Browser) -> None:
    assert browser.get("/account/")["Location"] == "/sign-in/?next=/account/"


@pytest.mark.parametrize("path", ["/account/place/", "/account/sessions/1/end/", "/account/sessions/end-others/"])
def test_a_stranger_changes_nothing_it_leads_to_the_sign_in(browser: Browser, path: str, anna: Customer) -> None:
    assert browser.post(path, {"country": "DE"})["Location"] == "/sign-in/"
    assert browser.get(path).status_code == 405


def test_signing_out_everywhere_else_leaves_this_browser_it_ends_the_others(browser: Browser, stranger: Browser) -> None:
    browser.sign_in("anna@example.com")
    stranger.sign_in("anna@example.com")
    browser.post("/account/sessions/end-others/")
    assert (nobody(stranger), nobody(browser)) == (True, False)
    assert "1 other device is signed out." in words(browser.get("/account/"))
    assert [entry.act["count"] for entry in Entry.objects.filter(kind="sessions.ended")] == [1]
    browser.post("/account/sessions/end-others/")
    assert Entry.objects.filter(kind="sessions.ended").count() == 1


def test_one_session_is_ended_only_by_its_owner_it_is(browser: Browser, stranger: Browser, settings: Any, brand: Brand) -> None:
    browser.sign_in("anna@example.com")
    stranger.sign_in("anna@example.com")
    session = UserSession.objects.get(session_key=stranger.session.session_key).pk
    eve = Browser(brand, settings.MAIL_DIR)
    eve.sign_in("eve@example.com")
    assert eve.post(f"/account/sessions/{session}/end/").status_code == 404
    assert not nobody(stranger)
    browser.post(f"/account/sessions/{session}/end/")
    assert nobody(stranger)
    assert browser.post(f"/account/sessions/{session}/end/").status_code == 404


def test_sessions_at_another_brand_are_another_matter_it_neither_shows_nor_ends_them(browser: Browser, other_brand: Brand) -> None:
    browser.sign_in("anna@example.com")
    elsewhere = Browser(other_brand, settings.MAIL_DIR, **{"user-agent": CHROME})
    elsewhere.sign_in("anna@example.com")
    assert "Chrome" not in words(browser.get("/account/"))
    session = UserSession.objects.get(session_key=elsewhere.session.session_key).pk
    assert browser.post(f"/account/sessions/{session}/end/").status_code == 404
    browser.post("/account/sessions/end-others/")
    assert not nobody(elsewhere)


def test_of_a_session_little_is_kept_no_address_and_no_long_name_it_is_cut(browser: Browser) -> None:
    browser.sign_in("anna@example.com")
    session = UserSession.objects.get()
    assert (session.ip, session.user_agent, session.data) == ("127.0.0.0", "Firefox on Linux", {"brand": "linden"})
    payloads = str(list(Entry.objects.values_list("payload", flat=True)))
    assert "Mozilla" not in payloads
    assert "127.0.0" not in payloads


@pytest.mark.parametrize(
    ("user_agent", "family"),
    [
        (FIREFOX, "Firefox on Linux"), (CHROME, "Chrome on Windows"), ("Firefox on Linux", "Firefox on Linux"), ("", ""), ("curl/8.5", ""),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 (KHTML, like Gecko) Chrome/142 Safari/537 Edg/142", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/142 Mobile Safari/537", "Chrome on Android"),
    ],
)  # fmt: skip
def test_a_browser_is_named_by_its_family_it_is_two_words(user_agent: str, family: str) -> None:
    assert browser_family(user_agent) == family
    assert browser_family(family) == family


# ── Language ────────────────────────────────────────────────────────────────────────────────────────────────────────


def language(browser: Browser, **headers: str) -> str:
    return str(browser.get("/sign-in/", headers=headers)["Content-Language"])


def test_the_language_is_the_cookies_then_the_browsers_then_the_brands_it_is(browser: Browser) -> None:
    assert language(browser) == "en"
    assert language(browser, accept_language="de, pl-PL;q=0.8, en;q=0.5") == "pl"
    assert language(browser, accept_language="de") == "en"
    assert language(browser, accept_language="*;q=x, \x00") == "en"
    browser.post("/account/language/", {"language": "pl", "next": "/sign-in/"})
    assert language(browser) == "pl"
    assert language(browser, accept_language="en") == "pl"


def test_the_customers_language_comes_before_the_cookies_it_does(browser: Browser, anna: Customer) -> None:
    browser.sign_in("anna@example.com")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "pl"
    assert browser.get("/account/")["Content-Language"] == "en"
    browser.post("/account/language/", {"language": "pl", "next": "/account/"})
    assert browser.get("/account/")["Content-Language"] == "pl"
    assert Customer.objects.get().language == "pl"


@pytest.mark.parametrize("chosen", ["de", "", "xx\x00", "../../etc"])
def test_a_language_the_brand_does_not_speak_changes_nothing_it_comes_back(browser: Browser, chosen: str) -> None:
    response = browser.post("/account/language/", {"language": chosen, "next": "//evil.example/"})
    assert response["Location"] == "/"
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_the_language_comes_back_to_the_page_it_was_chosen_on_it_does(browser: Browser) -> None:
    assert (
        browser.post("/account/language/", {"language": "pl", "next": "/sign-in/?next=/choices/"})["Location"] == "/sign-in/?next=/choices/"
    )


# ── Place ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("typed", "kept"), [("ca", "CA"), ("US-CA", "CA"), ("", "")])
def test_a_place_is_saved_it_is_read_as_people_write_it(browser: Browser, typed: str, kept: str) -> None:
    browser.sign_in("anna@example.com")
    assert browser.post("/account/place/", {"country": "US", "region": typed})["Location"] == "/account/#place"
    assert (Customer.objects.get().country, Customer.objects.get().region) == ("US", kept)


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("", ""), ("US", "C!"), ("US", "CALIF"), ("US", "C" * 500), ("\x00", "")])
def test_a_place_that_is_none_is_told_at_its_field_nothing_is_saved_it_keeps_what_was_typed(
    browser: Browser, country: str, region: str
) -> None:
    browser.sign_in("anna@example.com")
    response = browser.post("/account/place/", {"country": country, "region": region})
    assert response.status_code == 422
    assert "There is a problem" in words(response)
    assert Customer.objects.get().country == "PL"


def test_migrations_are_complete_it_has_none_to_make(db: None) -> None:
    call_command("makemigrations", "accounts", check=True, dry_run=True, verbosity=0)
