"""A shop with its starter pack and two of its customers, made by the real actions: once a module, each test in its own savepoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

import brands
import catalogue
from accounts.actions import join
from accounts.models import Customer, Guardianship
from brands.actions import load_pack as load_brand
from brands.models import Brand
from catalogue.actions import load_pack as load_purposes
from catalogue.published import forget
from consents import shown
from consents.tests.acting import signed_in
from consents.tests.catalogue_of_all_grounds import found_golden
from consents.tests.family import a_child, tied
from ledger.tests.made_once import made_once
from regimes import law
from regimes.actions import SHIPPED, load


def found_a_shop() -> Brand:
    """The law, Linden with its purposes, and Anna and Bea who have decided nothing."""
    law.reload()
    load(path=SHIPPED, by="system:tests")
    linden = load_brand(Path(brands.__file__).parent / "packs" / "linden.yaml", by="system:tests")
    load_purposes(linden, Path(catalogue.__file__).parent / "packs" / "shop.yaml", by="system:tests")
    for name in ("anna", "bea"):
        join(brand=linden, address=f"{name}@example.com", language="en")
    return linden


@contextmanager
def shop_around(django_db_blocker: Any, also: Callable[[], object] | None = None) -> Iterator[None]:
    """The shop, and what is done besides: one transaction around all tests of a module, taken back after the last."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase marks the transaction around a test
    with django_db_blocker.unblock():
        around.__enter__()
    try:
        with django_db_blocker.unblock():
            made_once("a shop with Anna and Bea", found_a_shop)
            law.reload()
            if also:
                also()
        yield
    finally:
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
            law.reload()
            connection.close()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Founding the shop takes a second or two: it is done once a module."""
    with shop_around(django_db_blocker):
        yield


@pytest.fixture
def linden(world: None, db: None) -> Iterator[Brand]:
    brand = Brand.objects.get(key="linden")
    forget(brand)  # a module may have published, too, for all of its tests
    yield brand
    forget(brand)  # what a test published is rolled back, and its epoch will be given again
    shown._screens.clear()


@pytest.fixture
def anna(linden: Brand) -> Customer:
    return customer(linden, "anna")


@pytest.fixture
def bea(linden: Brand) -> Customer:
    return customer(linden, "bea")


def customer(brand: Brand, name: str) -> Customer:
    found: Customer = Customer.objects.select_related("person").get(brand=brand, person__email=f"{name}@example.com")
    found.brand = brand
    return found


@pytest.fixture
def visitor(linden: Brand) -> Client:
    """A browser at Linden's host in which nobody is signed in. It checks the proof of origin of every form, as in earnest."""
    return Client(headers={"host": linden.host}, enforce_csrf_checks=True)


@pytest.fixture
def browser(anna: Customer) -> Client:
    """Anna's browser."""
    return signed_in(anna)


@pytest.fixture
def committed_shop(transactional_db: None) -> Iterator[Brand]:
    """The shop for tests with several connections: everything committed, emptied afterwards."""
    brand = found_a_shop()
    yield brand
    forget(brand)
    law.reload()


@pytest.fixture
def child(linden: Brand) -> Customer:
    return a_child(linden, 11)


@pytest.fixture
def marta(child: Customer, anna: Customer) -> Guardianship:
    return tied(anna, child)


@pytest.fixture
def pawel(child: Customer, bea: Customer) -> Guardianship:
    return tied(bea, child)


@pytest.fixture
def golden(linden: Brand) -> Iterator[Brand]:
    """The brand with a purpose on every legal ground."""
    brand = found_golden()
    yield brand
    forget(brand)
