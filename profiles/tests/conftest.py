"""The shop of consents' tests, with the questions of its starter pack: once a module, each test in its own savepoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Customer
from brands.models import Brand
from consents.tests.acting import allow
from consents.tests.conftest import anna, bea, browser, shop_around, visitor
from consents.tests.conftest import linden as shop
from ledger.tests.made_once import made_once
from profiles.actions import load_questions
from profiles.pack import FOLDER
from profiles.published import forget

__all__ = ["anna", "bea", "browser", "linden", "shop", "visitor", "willing", "world"]  # fixtures of another app are fixtures here
BY = "system:tests"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with shop_around(django_db_blocker, also=lambda: made_once("the shop's questions", _load)):
        yield


def _load() -> None:
    load_questions(Brand.objects.get(key="linden"), FOLDER / "shop.yaml", by=BY)


@pytest.fixture
def linden(shop: Brand, settings: Any) -> Iterator[Brand]:
    settings.CELERY_BROKER_URL = ""
    forget(shop)
    yield shop
    forget(shop)


@pytest.fixture
def willing(anna: Customer) -> Customer:
    """Anna, who allows suggestions: what the shop's questions are for."""
    allow(anna, "recs")
    return anna
