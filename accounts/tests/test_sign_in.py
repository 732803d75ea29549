"""Sign-in by mailed code, walked in a browser without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.codes import BROWSER_COOKIE
from accounts.models import Attempt, Challenge, Contact, Customer, Person
from accounts.tests.conftest import Browser, wrong
from brands.models import Brand
from jobs.models import Job
from ledger.models import Entry


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_new_address_signs_in_and_joins_it_asks_for_nothing_else(browser: Browser, brand: Brand) -> None:
    page = browser.get("/sign-in/")
    assert page.status_code == 200
    assert re.findall(r'<input[^>]* id="([^"]+)"', words(page)) == ["id_email"]
    response = browser.sign_in("anna@example.com")
    assert (response.status_code, response["Location"]) == (302, "/")
    customer = Customer.objects.get(brand=brand)
    assert browser.get("/").content.decode() == customer.code
    assert (customer.language, customer.country, customer.country_evidence, customer.name) == ("en", "PL", "brand", "")
    assert Contact.objects.get(customer=customer).proven_at is not None
    kinds = list(Entry.objects.filter(subject=customer.subject).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["person.joined", "person.signed_in"]


def test_a_known_address_signs_in_as_the_same_customer_it_is(browser: Browser, stranger: Browser, brand: Brand) -> None:
    browser.sign_in("anna@example.com")
    stranger.sign_in("Anna@EXAMPLE.com")
    assert browser.get("/").content == stranger.get("/").content
    assert Customer.objects.count() == 1


def test_a_code_shows_that_its_address_takes_mail_it_is_proven_anew(browser: Browser, stranger: Browser) -> None:
    browser.sign_in("anna@example.com")
    first = Contact.objects.get().proven_at
    stranger.sign_in("Anna@Example.com")
    again = Contact.objects.get().proven_at
    assert first is not None
    assert again is not None
    assert again > first


def test_an_invalid_address_is_told_at_the_field_it_keeps_what_was_typed(browser: Browser) -> None:
    response = browser.ask("anna@")
    assert response.status_code == 422
    assert "<title>Error: Sign in" in words(response)
    assert 'value="anna@"' in words(response)
    assert words(response).count("Enter an email address, like name@example.com.") == 2
    assert not Challenge.objects.exists()


def test_a_wrong_code_is_told_it_counts_down_after_the_second(browser: Browser) -> None:
    browser.ask("anna@example.com")
    code = wrong(browser.newest_code())
    answers = [words(browser.post("/sign-in/code/", {"code": code})) for _unused in range(6)]
    assert all("That code doesn’t match" in answer for answer in answers[:5])
    assert ["left." in answer for answer in answers] == [False, False, True, True, True, False]
    assert "one try too many" in answers[5]
    assert browser.post("/sign-in/code/", {"code": browser.newest_code()}).status_code == 422


def test_a_code_may_be_pasted_with_spaces_it_still_fits(browser: Browser) -> None:
    browser.ask("anna@example.com")
    code = browser.newest_code()
    assert browser.post("/sign-in/code/", {"code": f" {code[:3]}\u00a0{code[3:]} "}).status_code == 302


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345\x00", "9" * 5000])
def test_what_is_no_code_costs_no_try_it_is_told(browser: Browser, typed: str) -> None:
    browser.ask("anna@example.com")
    assert browser.post("/sign-in/code/", {"code": typed}).status_code == 422
    assert not Attempt.objects.exists()


def test_an_old_code_is_refused_it_says_why(browser: Browser) -> None:
    browser.ask("anna@example.com")
    code = browser.newest_code()
    with time_machine.travel(timezone.now() + settings.CODE_VALID + timedelta(seconds=1)):
        assert "older than 10 minutes" in words(browser.post("/sign-in/code/", {"code": code}))
    assert not Customer.objects.exists()


def test_a_code_works_once_it_is_gone_afterwards(browser: Browser) -> None:
    browser.ask("anna@example.com")
    code = browser.newest_code()
    browser.post("/sign-in/code/", {"code": code})
    browser.post("/sign-out/")
    response = browser.post("/sign-in/code/", {"code": code})
    assert response["Location"] == "/sign-in/"
    used = Challenge.objects.get()
    assert (used.canonical, used.address, used.code_hash) == ("", "", "")


def test_a_code_opens_only_the_browser_that_asked_it_does(browser: Browser, stranger: Browser) -> None:
    browser.ask("anna@example.com")
    code = browser.newest_code()
    assert stranger.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/"
    stranger.ask("eve@example.com")
    assert stranger.post("/sign-in/code/", {"code": code}).status_code == 422


def test_a_code_of_one_brand_is_none_at_another_it_is(browser: Browser, other_brand: Brand) -> None:
    browser.ask("anna@example.com")
    code = browser.newest_code()
    elsewhere = Browser(other_brand, settings.MAIL_DIR)
    elsewhere.cookies[BROWSER_COOKIE] = browser.cookies[BROWSER_COOKIE].value
    assert elsewhere.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/"
    assert not Customer.objects.exists()


def test_a_session_of_one_brand_counts_as_none_at_another_it_does(browser: Browser, other_brand: Brand) -> None:
    browser.sign_in("anna@example.com")
    elsewhere = Browser(other_brand, settings.MAIL_DIR)
    elsewhere.cookies = browser.cookies
    assert elsewhere.get("/").content == b"nobody"
    assert elsewhere.get("/account/")["Location"] == "/sign-in/?next=/account/"
    assert browser.get("/account/").status_code == 200


def test_the_same_person_at_two_brands_is_two_customers_it_is(browser: Browser, other_brand: Brand) -> None:
    browser.sign_in("anna@example.com")
    elsewhere = Browser(other_brand, settings.MAIL_DIR)
    elsewhere.sign_in("anna@example.com")
    one, two = Customer.objects.order_by("pk")
    assert (one.person_id, one.subject == two.subject) == (two.person_id, False)
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("next_path", "lands"),
    [
        ("/choices/?a=1", "/choices/?a=1"), ("https://evil.example/", "/"), ("//evil.example/", "/"), ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"), ("\t//evil.example", "/"), ("http://linden.localhost:1@evil.example/", "/"), ("choices", "/"),
    ],
)  # fmt: skip
def test_next_leads_back_only_to_this_host_it_does(browser: Browser, next_path: str, lands: str) -> None:
    assert browser.sign_in("anna@example.com", next=next_path)["Location"] == lands


def test_next_survives_every_page_on_the_way_it_does(browser: Browser) -> None:
    asked = browser.ask("anna@example.com", next="/choices/")
    assert asked["Location"] == "/sign-in/code/?next=/choices/"
    assert 'name="next" value="/choices/"' in words(browser.get(asked["Location"]))
    again = browser.post("/sign-in/code/again/", {"next": "/choices/"})
    assert again["Location"] == "/sign-in/code/?next=/choices/"


def test_who_is_signed_in_already_goes_on_it_asks_nothing(browser: Browser) -> None:
    browser.sign_in("anna@example.com")
    assert browser.get("/sign-in/?next=/choices/")["Location"] == "/choices/"
    assert browser.get("/sign-in/code/")["Location"] == "/"


def test_a_page_without_a_question_leads_to_the_first_it_does(browser: Browser) -> None:
    assert browser.get("/sign-in/code/?next=/choices/")["Location"] == "/sign-in/?next=/choices/"
    assert browser.post("/sign-in/code/again/")["Location"] == "/sign-in/"


def test_signing_out_is_a_post_it_empties_the_cache(browser: Browser) -> None:
    browser.sign_in("anna@example.com")
    assert browser.get("/sign-out/").status_code == 405
    assert browser.get("/").content != b"nobody"
    assert browser.post("/sign-out/")["Clear-Site-Data"] == '"cache"'
    assert browser.get("/").content == b"nobody"


def test_a_person_who_may_not_sign_in_stays_out_it_is(browser: Browser, anna: Customer) -> None:
    Person.objects.update(is_active=False)
    browser.sign_in("anna@example.com")
    assert browser.get("/").content == b"nobody"


def test_known_and_unknown_addresses_get_the_same_bytes_they_do(brand: Brand, anna: Customer) -> None:
    def answers(address: str) -> list[Any]:
        browser = Browser(brand, settings.MAIL_DIR)
        pages: list[Any] = [browser.ask(address), browser.get("/sign-in/code/"), browser.post("/sign-in/code/", {"code": "000000"})]
        return [(page.status_code, clean(page.content, address), headers(page)) for page in pages]

    def headers(page: Any) -> list[tuple[str, str]]:
        return sorted((name, value) for name, value in page.headers.items() if name != "X-Request-Id")  # random in every answer

    def clean(content: bytes, address: str) -> bytes:
        content = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", content)
        return content.replace(address.encode(), b"ADDRESS")

    with time_machine.travel(timezone.now(), tick=False):  # the answers name the second they were made in
        assert answers("anna@example.com") == answers("eric@example.com")
    known, unknown = Job.objects.filter(handler="accounts.send_code").order_by("pk")
    assert set(known.payload) == set(unknown.payload) == {"challenge", "language"}


def test_the_request_asks_the_database_about_nobody_it_does_not(browser: Browser) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        browser.ask("anna@example.com")
    assert not [query for query in queries if re.search("accounts_(person|contact|customer)", query["sql"])]


def test_a_known_and_an_unknown_address_get_the_same_mail_they_do(browser: Browser, stranger: Browser, anna: Customer) -> None:
    browser.ask("anna@example.com")
    stranger.ask("eric@example.com")
    one, two = ((m["Subject"][7:], re.sub(r"\d{6}", "", m.get_body(("plain",)).get_content())) for m in browser.mails())
    assert one == two


def test_staff_sign_in_without_becoming_customers_it_leads_to_the_second_factor(browser: Browser, sam: Person) -> None:
    browser.sign_in(sam.email)
    assert not Customer.objects.exists()
    assert browser.get("/sign-in/")["Location"] == "/account/second-factor/"


def test_a_step_between_proof_and_joining_holds_the_sign_up_it_does(browser: Browser, settings: Any) -> None:
    settings.SIGN_UP_STEPS = ["accounts.tests.test_sign_in.gate"]
    response = browser.sign_in("anna@example.com", next="/choices/")
    assert response.content == b"how old are you"
    assert not Customer.objects.exists()
    settings.SIGN_UP_STEPS = []


def gate(request: Any) -> Any:
    return HttpResponse("how old are you")


def test_no_second_factor_is_asked_of_a_customer_it_is_not(browser: Browser, anna: Customer, brand: Brand) -> None:
    from accounts.factors import add_authenticator

    assert anna.person is not None
    add_authenticator(person=anna.person, customer=anna, brand=brand, secret="JBSWY3DPEHPK3PXP")
    browser.sign_in("anna@example.com")
    assert browser.get("/").content.decode() == anna.code
