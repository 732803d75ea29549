from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.actions import join
from accounts.actions.colleagues import appoint
from accounts.models import Customer, Person
from brands.actions import make_brand
from brands.models import Brand
from jobs.actions import run_due


@pytest.fixture(autouse=True)
def only_these_pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "accounts.tests.urls"
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"


def a_brand(key: str, **more: Any) -> Brand:
    details = {
        "default_language": "en", "languages": ["en", "pl"], "country": "PL", "home_regime": "pl-national",
        "legal_name": f"{key} sp. z o.o.", "legal_address": "ul. Tkacka 8, 90-001 Łódź", "privacy_officer_email": f"officer@{key}.example",
        "authority_name": "Prezes UODO",
        "support_email": f"help@{key}.example", "sender_name": key, "sender_email": f"privacy@{key}.example",
    }  # fmt: skip
    return make_brand(key=key, name=key.capitalize(), host=f"{key}.localhost", by="system:tests", **(details | more))


@pytest.fixture
def brand(db: None) -> Brand:
    return a_brand("linden")


@pytest.fixture
def other_brand(db: None) -> Brand:
    return a_brand("kingfisher")


class Browser(Client):
    """A browser at one brand's host, and the mailbox folder beside it."""

    def __init__(self, brand: Brand, mail_dir: Path, **headers: str) -> None:
        super().__init__(headers={"host": brand.host, "user-agent": FIREFOX} | headers)
        self.brand, self.mail_dir = brand, mail_dir

    def ask(self, address: str, **more: str) -> Any:
        return self.post("/sign-in/", {"email": address, **more})

    def mails(self, to: str = "") -> list[Any]:
        run_due()
        files = sorted(self.mail_dir.glob("*.eml")) if self.mail_dir.exists() else []
        read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [mail for mail in read if not to or to in mail["To"]]

    def newest_code(self, to: str = "") -> str:
        found = re.search(r"^(\d{6})$", self.mails(to)[-1].get_body(("plain",)).get_content().replace("\r", ""), re.M)
        assert found, "the mail carries no code"
        return found[1]

    def sign_in(self, address: str, **more: str) -> Any:
        self.ask(address)
        return self.post("/sign-in/code/", {"code": self.newest_code(address.lower()), **more})


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@pytest.fixture
def browser(brand: Brand, settings: Any) -> Browser:
    return Browser(brand, settings.MAIL_DIR)


@pytest.fixture
def stranger(brand: Brand, settings: Any) -> Browser:
    return Browser(brand, settings.MAIL_DIR, **{"user-agent": CHROME})


@pytest.fixture
def anna(brand: Brand) -> Customer:
    return join(brand=brand, address="anna@example.com", language="en")


@pytest.fixture
def sam(brand: Brand) -> Person:
    return appoint(brand, "sam@linden.example", ["agent"], by="system:tests")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"
