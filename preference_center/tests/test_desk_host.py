"""A host for the desk alone: the desk answers there and nowhere else, and nothing of the center does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import factors
from accounts.tests.conftest import Browser
from brands.actions import change_identity
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
        "/choices/", "/requests/", "/history/", "/policy/", "/contact/", "/api/v1/decide/", "/.well-known/gpc.json", "/u/x/",
        "/privacy-choices/", "/account/address/1/a-b/", "/hooks/mail/",
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
    person = employ("sam@linden.example", "agent")
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
