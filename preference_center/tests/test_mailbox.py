"""The demo's mailbox: the mails this brand has sent, each as it arrives, and no way to any other file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from brands.mail import build
from brands.models import Brand
from preference_center.demo.mailbox import NEWEST, mails


@pytest.fixture(autouse=True)
def with_the_demo(settings: Any) -> None:
    settings.ROOT_URLCONF = "preference_center.tests.journeys.urls"
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"


@pytest.fixture
def visitor(linden: Brand) -> Client:
    return Client(headers={"host": linden.host})


def send(brand: Brand, to: str = "anna@example.com", code: str = "123456") -> None:
    build(brand, "code", to, "en", {"code": code, "minutes": 10, "purpose": "sign_in"}).send()


def name_of_newest(brand: Brand) -> str:
    return mails(brand)[0].name


def test_an_empty_mailbox(visitor: Client) -> None:
    assert visitor.get("/demo/mailbox/").status_code == 200


def test_a_mail_is_there_as_it_arrives(linden: Brand, visitor: Client) -> None:
    send(linden, code="424242")
    inbox = visitor.get("/demo/mailbox/").content.decode()
    name = name_of_newest(linden)
    assert "anna@example.com" in inbox
    assert f"/demo/mailbox/{name}/" in inbox
    assert "424242" in visitor.get(f"/demo/mailbox/{name}/").content.decode()
    assert "424242" in visitor.get(f"/demo/mailbox/{name}/html/").content.decode()


def test_the_newest_come_first_and_only_so_many(linden: Brand) -> None:
    for number in range(NEWEST + 3):
        send(linden, code=f"{number:06}")
    found = mails(linden)
    assert len(found) == NEWEST
    assert [mail.sent_at for mail in found] == sorted((mail.sent_at for mail in found), reverse=True)
    assert f"{NEWEST + 2:06}" in found[0].text


def test_another_brands_mail_is_not_there(linden: Brand, kingfisher: Brand, visitor: Client) -> None:
    send(kingfisher, to="marta@example.com")
    name = name_of_newest(kingfisher)
    assert "marta@example.com" not in visitor.get("/demo/mailbox/").content.decode()
    assert visitor.get(f"/demo/mailbox/{name}/").status_code == 404
    assert visitor.get(f"/demo/mailbox/{name}/html/").status_code == 404


def test_the_mails_html_may_style_itself_and_nothing_more(linden: Brand, visitor: Client) -> None:
    send(linden)
    response = visitor.get(f"/demo/mailbox/{name_of_newest(linden)}/html/")
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    assert policy["style-src"] == "'unsafe-inline'"
    assert policy["script-src"] == "'none'"
    assert policy["default-src"] == "'none'"
    assert "unsafe-inline" not in visitor.get("/demo/mailbox/")["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ["nosuch", "1-00000000", "..", "%2e%2e%2fsecret", "1-0000000g", "1-00000000.eml", "1-00000000%0a", "-00000000"]
)
def test_no_other_name_leads_to_a_file(visitor: Client, tmp_path: Path, settings: Any, name: str) -> None:
    (tmp_path / "secret.eml").write_text("From: privacy@linden.example\n\nwhat nobody may read")
    Path(settings.MAIL_DIR).mkdir(exist_ok=True)
    for end in ("/", "/html/"):
        response = visitor.get(f"/demo/mailbox/{name}{end}")
        assert response.status_code == 404
        assert b"what nobody may read" not in response.content


def test_it_is_read_and_not_written(linden: Brand, visitor: Client) -> None:
    send(linden)
    for path in ("/demo/mailbox/", f"/demo/mailbox/{name_of_newest(linden)}/"):
        assert visitor.post(path).status_code == 405
