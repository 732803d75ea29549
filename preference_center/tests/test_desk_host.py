"""A host for the desk alone: the desk answers there and nowhere else, and nothing of the center does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import factors
from accounts.models import Customer
from accounts.tests.conftest import Browser
from brands.actions import change_identity
from brands.mail import desk_origin, origin
from brands.models import Brand
from ledger.models import Entry
from preference_center.tests.test_desk import DESK, SECRET, employ, number
from preference_center.tests.test_desk import mailbox as mailbox  # fixtures

pytestmark = pytest.mark.django_db
THERE = "desk.linden.localhost"


@pytest.fixture
def apart(linden: Brand) -> Brand:
    change_identity(linden, details={"desk_host": THERE}, by="system:test")
    linden.refresh_from_db()
    return linden


def at(host: str) -> Client:
    return Client(headers={"host": host})


@pytest.mark.parametrize("path", [DESK, f"{DESK}people/", f"{DESK}jobs/job/", f"{DESK}login/"])
def test_the_desk_answers_at_its_own_host_and_not_at_the_centers(apart: Brand, path: str) -> None:
    assert at(apart.host).get(path).status_code == 404
    assert at(THERE).get(path, follow=False).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/choices/", "/requests/", "/history/", "/policy/", "/contact/", "/.well-known/gpc.json", "/u/x/",
        "/privacy-choices/", "/account/address/1/a-b/", "/account/place/", "/sign-in/with-brand/", "/hooks/mail/",
    ],
)  # fmt: skip
def test_nothing_of_the_center_answers_there(apart: Brand, path: str) -> None:
    assert at(THERE).get(path).status_code == 404
    assert at(THERE).post(path).status_code in {403, 404}


def test_the_first_page_there_is_the_desk(apart: Brand) -> None:
    assert at(THERE).get("/")["Location"] == DESK
    assert at(THERE).get("/sign-in/").status_code == 200
    assert at(THERE).get("/healthz/").status_code in {200, 503}
    page = at(THERE).get("/sign-in/").content.decode()
    assert "/policy/" not in page
    assert 'class="nav"' not in page


def test_a_colleague_works_there_and_a_session_of_the_center_is_none(apart: Brand, settings: Any) -> None:
    person = employ(apart, "sam@linden.example", "agent")
    factors.add_authenticator(person=person, customer=None, brand=apart, secret=SECRET)
    browser = at(THERE)
    browser.post("/sign-in/", {"email": person.email, "next": DESK})
    browser.post("/sign-in/code/", {"code": Browser(apart, settings.MAIL_DIR).newest_code(person.email)})
    browser.post("/account/second-factor/", {"token": number(SECRET), "next": DESK})
    page = browser.get(DESK)
    assert page.status_code == 200
    assert f'href="http://{apart.host}:8000/"' in page.content.decode()
    assert browser.get("/choices/").status_code == 404
    elsewhere = at(apart.host)
    elsewhere.cookies = browser.cookies
    assert elsewhere.get(DESK).status_code == 404
    assert elsewhere.get("/account/").status_code == 302, "it is no session of the center"


def test_a_session_made_at_the_center_opens_nothing_there(linden: Brand, settings: Any) -> None:
    person = employ(linden, "ola@linden.example", "officer")
    factors.add_authenticator(person=person, customer=None, brand=linden, secret=SECRET)
    center = Browser(linden, settings.MAIL_DIR)
    center.sign_in(person.email)
    center.post("/account/second-factor/", {"token": number(SECRET), "next": DESK})
    assert center.get(DESK).status_code == 200
    change_identity(linden, details={"desk_host": THERE}, by="system:test")
    stolen = at(THERE)
    stolen.cookies = center.cookies
    assert stolen.get(DESK).status_code == 302
    assert stolen.get(f"{DESK}jobs/job/").status_code == 302


def test_whoever_does_not_work_there_is_turned_away_and_nobody_joins(apart: Brand, settings: Any) -> None:
    stranger, mails = at(THERE), Browser(apart, settings.MAIL_DIR)
    before = Customer.objects.count()
    stranger.post("/sign-in/", {"email": "new@example.com", "next": DESK})
    assert stranger.post("/sign-in/code/", {"code": mails.newest_code("new@example.com")}).status_code == 403
    assert Customer.objects.count() == before
    assert stranger.get(DESK, follow=True).request["PATH_INFO"] == "/sign-in/", "and goes round in no circle"


def test_the_pages_to_come_in_lead_nowhere_that_is_not_there(apart: Brand, settings: Any) -> None:
    person = employ(apart, "sam@linden.example", "agent")
    factors.add_authenticator(person=person, customer=None, brand=apart, secret=SECRET)
    browser = at(THERE)
    pages = [browser.get("/sign-in/")]
    browser.post("/sign-in/", {"email": person.email, "next": DESK})
    browser.post("/sign-in/code/", {"code": Browser(apart, settings.MAIL_DIR).newest_code(person.email)})
    pages += [browser.get("/account/second-factor/"), browser.get("/account/")]
    for page in pages:
        assert page.status_code == 200
        for path in set(re.findall(r'(?:href|action)="(/(?!static/)[^"#?]*)', page.content.decode())):
            assert browser.get(path).status_code != 404, path


def test_mails_to_the_desk_lead_there(apart: Brand) -> None:
    assert desk_origin(apart) == f"http://{THERE}:8000"
    apart.desk_host = ""
    assert desk_origin(apart) == origin(apart)


def test_a_host_that_the_installation_does_not_answer_at_is_refused_and_an_operator_takes_it_back(apart: Brand) -> None:
    with pytest.raises(ValidationError, match="ALLOWED_HOSTS"):
        change_identity(apart, details={"desk_host": "desk.elsewhere.example"}, by="system:test")
    call_command("brand", "desk", "linden")
    assert at(apart.host).get(DESK).status_code == 302
    with pytest.raises(CommandError):
        call_command("brand", "desk", "linden", "--host", "desk.elsewhere.example")
    with pytest.raises(CommandError, match="no brand"):
        call_command("brand", "desk", "nobody")


def test_a_passkey_made_there_is_of_that_host(apart: Brand) -> None:
    assert at(THERE).post("/sign-in/passkey/").json()["publicKey"]["rpId"] == THERE
    assert at(apart.host).post("/sign-in/passkey/").json()["publicKey"]["rpId"] == apart.host


def test_without_a_host_of_its_own_it_stands_beside_the_center(linden: Brand) -> None:
    assert at(linden.host).get(DESK).status_code == 302
    assert at(THERE).get(DESK).status_code == 404


def test_another_brands_desk_is_not_there(apart: Brand, kingfisher: Brand) -> None:
    assert at(kingfisher.host).get(DESK).status_code == 302
    with pytest.raises(ValidationError):
        change_identity(kingfisher, details={"desk_host": apart.host}, by="system:test")
    with pytest.raises(ValidationError):
        change_identity(kingfisher, details={"host": THERE}, by="system:test")
    with pytest.raises(ValidationError):
        change_identity(kingfisher, details={"desk_host": kingfisher.host}, by="system:test")


@pytest.mark.parametrize("values", [{"desk_host": "DESK.linden.localhost"}, {"desk_host": "linden.localhost"}])
def test_the_database_holds_it_too(linden: Brand, values: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.filter(pk=linden.pk).update(**values)


def test_it_is_found_in_one_query_and_written_down(apart: Brand) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert Brand.objects.at_host(f"{THERE}.") == apart
    assert len(asked) == 1
    assert Brand.objects.at_host("") is None
    assert Entry.objects.of(apart.subject).filter(kind="brand.changed").exists()
