"""Linden with Adfield and Lumera, who show its ads, and a list of its own; each a real server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from brands.models import Brand
from jobs.actions import run_due
from ledger.proving import prove
from propagation import actions
from propagation.api import keys
from propagation.models import ApiKey, Endpoint, Partner
from propagation.tests import receiving
from propagation.tests.calling import Api
from propagation.verbs import EVERY_PURPOSE, VERBS
from propagation.webhooks import sending

BY = "system:tests"


@pytest.fixture(autouse=True)
def on_loopback(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.CELERY_BROKER_URL = ""
    settings.DATA_DIR = tmp_path
    settings.IMPORTS_DIR = tmp_path / "imports"
    settings.PACKAGES_DIR = tmp_path / "packages"
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    keys._brands.clear()  # a brand that was rolled back comes again under its number
    yield
    for lines in sending._lines.values():
        for line in lines:
            line.close()
    sending._lines.clear()


def work() -> int:
    """What the background does: positions, followers, jobs, webhooks. Returns how many were taken."""
    prove()
    run_due()
    return sending.deliver_all()


def partner_of(brand: Brand, key: str, **values: Any) -> Partner:
    """`key` of a recipient of the register, or of a system of the brand's own."""
    recipient = brand.recipients.filter(key=key).first()
    name = recipient.name if recipient else key.title()
    partner = actions.name_partner(Partner(key=key, name=name, recipient=recipient, **values), brand=brand, by=BY)
    run_due()
    return partner


def key_of(partner: Partner, *verbs: str, purposes: tuple[str, ...] = (EVERY_PURPOSE,), days: int = 30) -> tuple[ApiKey, str]:
    expires_at = timezone.now() + timedelta(days=days)
    return actions.issue_key(partner, name="tests", verbs=verbs or VERBS, purposes=purposes, expires_at=expires_at, by=BY)


@pytest.fixture
def crm(linden: Brand) -> Partner:
    """The brand's own list of customers."""
    return partner_of(linden, "crm", names_people_by=Partner.Naming.EXTERNAL)


@pytest.fixture
def adfield(linden: Brand) -> Partner:
    return partner_of(linden, "adfield")


@pytest.fixture
def lumera(linden: Brand) -> Partner:
    return partner_of(linden, "lumera")


@pytest.fixture
def api(crm: Partner) -> Api:
    """The brand's own list, with a key for everything."""
    return Api(Client(headers={"host": crm.brand.host}), key_of(crm)[1])


Server = tuple[Endpoint, receiving.Partner]


@pytest.fixture
def adfields(adfield: Partner) -> Iterator[Server]:
    with receiving.a_partner() as server:
        yield opened(adfield, server), server


@pytest.fixture
def lumeras(lumera: Partner) -> Iterator[Server]:
    with receiving.a_partner() as server:
        yield opened(lumera, server), server


def opened(partner: Partner, server: receiving.Partner, **values: Any) -> Endpoint:
    prove()  # what was published before is not told
    endpoint, secret = actions.open_endpoint(partner, server.url, by=BY, **values)
    server.secrets.append(secret)
    return endpoint
