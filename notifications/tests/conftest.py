"""A shop whose policy has its second version coming, with people of every sort."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

import catalogue
from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import load_policy
from catalogue.published import forget
from jobs.actions import run_due
from ledger.proving import prove
from ledger.tests.made_once import made_once
from notifications import kinds
from notifications.models import Campaign
from notifications.sending.loop import send_all
from notifications.tests.making import Note, a_kind
from notifications.tests.smtp import script as script

PACKS = Path(catalogue.__file__).parent / "packs"
BY = "system:tests"


def publish(brand: Brand, pack: str) -> None:
    load_policy(brand, PACKS / f"policy-{pack}.yaml", by=BY)


def work() -> int:
    """What the background does: positions, followers, jobs, mail. Returns how many mails were taken."""
    prove()
    run_due()
    return send_all()


def mails() -> list[EmailMessage]:
    """What was written to the folder, oldest first."""
    folder = Path(django_settings.MAIL_DIR)
    found = sorted(folder.glob("*.eml"), key=lambda path: int(path.name.split("-")[0])) if folder.exists() else []
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def told(linden: Brand, anna: Customer) -> Campaign:
    """Linden has published what changes, and the background has not run yet."""

    def tell() -> None:
        publish(linden, "shop")
        prove()

    made_once("Linden's shop policy, told", tell)
    forget(linden)
    return Campaign.objects.get(brand=linden)


@pytest.fixture
def note() -> Iterator[Note]:
    """A kind of message that is a line of text."""
    yield a_kind("note")
    kinds._kinds.pop("note")


@pytest.fixture(autouse=True)
def own_lanes(settings: Any, tmp_path: Path) -> None:
    settings.CELERY_BROKER_URL = ""
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    settings.MAIL_SENDERS = 1
