"""Anna at Linden, with and without a second factor; and browsers that show as much as they have."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client

from accounts.assurance import Level, Proof
from accounts.models import Customer
from accounts.second_factor import FACTOR_SHOWN
from data_requests import actions
from data_requests.models import Request
from jobs.actions import run_due
from ledger.proving import prove

SignedIn = Callable[[Customer], Client]
TWO_FACTORS = Proof(Level.IV3, "code_and_app")
ONE_CODE = Proof(Level.IV3W, "code")
SESSION = Proof(Level.IV2, "session")


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
