"""Anna at Linden, with and without a second factor; and browsers that show as much as they have."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.test import Client

from accounts.assurance import Level, Proof
from accounts.models import Customer
from accounts.second_factor import FACTOR_SHOWN
from brands.models import Brand
from data_requests import actions
from data_requests.models import Request
from data_requests.parts import PARTS
from jobs.actions import run_due
from ledger.proving import prove

SignedIn = Callable[[Customer], Client]
TWO_FACTORS = Proof(Level.IV3, "code_and_app")
ONE_CODE = Proof(Level.IV3W, "code")
SESSION = Proof(Level.IV2, "session")
ALL = {"parts": list(PARTS)}  # what the page of a copy sends where nothing was changed


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Any) -> None:
    settings.CELERY_BROKER_URL = ""
    settings.DATA_DIR = tmp_path
    settings.PACKAGES_DIR = tmp_path / "packages"
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"


def by(customer: Customer) -> str:
    return f"self:{customer.subject}"


def asked(customer: Customer, kind: str = "copy", proof: Proof = TWO_FACTORS, **more: Any) -> Request:
    return actions.receive(customer, kind, more.pop("asked", {}), proof, by=by(customer), **more).request


def work() -> None:
    """What the background does."""
    prove()
    run_due()


@pytest.fixture
def with_app(signed_in: SignedIn) -> Any:
    """A browser in which the customer has just shown a mailed code and their authenticator app."""

    def browser(customer: Customer) -> Client:
        client = signed_in(customer)
        session = client.session
        session[FACTOR_SHOWN] = time.time()
        session.save()
        return client

    return browser


def later(client: Client, seconds: float) -> None:
    """As if the proofs of this session had been given so long ago."""
    session = client.session
    for record in session.get(AUTHENTICATION_METHODS_SESSION_KEY, []):
        record["at"] -= seconds
    if FACTOR_SHOWN in session:
        session[FACTOR_SHOWN] -= seconds
    session.save()


def nonce(page: Any) -> str:
    found = re.search(r'name="nonce" value="([0-9a-f]{32})"', page.content.decode())
    assert found, "no button to download"
    return found[1]


def archive(response: Any) -> zipfile.ZipFile:
    assert response["Content-Type"] == "application/zip", response.status_code
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


class Guest(Client):
    """A browser at a brand's host in which nobody is signed in, and the mailbox of whoever uses it."""

    def __init__(self, brand: Brand) -> None:
        super().__init__(headers={"host": brand.host})
        self.brand = brand

    def code(self) -> str:
        """Of the newest mail with one."""
        work()
        for path in sorted(Path(settings.MAIL_DIR).glob("*.eml"), reverse=True):
            body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
            found = re.search(r"^(\d{6})\s*$", body.get_content(), re.M) if body else None
            if found:
                return found[1]
        raise AssertionError("no mail carries a code")

    def asks(self, asker: str = "without-account", **answers: str) -> Any:
        """The three pages; the answer is the one to the last."""
        who = WHO[asker]
        self.post(
            f"/requests/{asker}/", {"kind": "copy", "text": ""} | {name: answers[name] for name in ("kind", "text") if name in answers}
        )
        self.post(f"/requests/{asker}/who/", who | {name: answers[name] for name in who if name in answers})
        return self.post(f"/requests/{asker}/check/", {"declared": "on"})

    def enters(self, code: str) -> Any:
        return self.post("/requests/code/", {"code": code})


def _with(usual: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    return {name: others.get(name, value) for name, value in usual.items()}


WHO = {
    "without-account": {"name": "Nora Nowak", "email": "nora@example.com", "shown": "Order 4711, 89.90", "country": "PL", "region": ""},
    "for-somebody-else": {
        "name": "Ada Agent", "organisation": "Privacy Helpers", "email": "ada@helpers.example", "person": "anna.kowalczyk@example.com",
        "permission_on": "2026-11-02",
    },
}  # fmt: skip


@pytest.fixture
def guest(linden: Brand) -> Guest:
    return Guest(linden)
