"""What the family page costs: the same queries whatever the number of children, uses and entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from brands.models import Brand
from consents.tests.a_big_brand import PURPOSES, found_a_big_brand
from guardians.tests.families import a_child, adult, decides, wishes

SignedIn = Callable[[Customer], Client]
BUDGET = 12  # of every page


def queries_of(browser: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as counted:
        answer = browser.get(path)
    assert answer.status_code == 200
    return len(counted)


def test_a_family_of_twelve_costs_what_a_family_of_one_does(marta: Customer, signed_in: SignedIn) -> None:
    children = [a_child(marta, years=3)]
    wishes(children[0], "album")
    browser = signed_in(marta)
    browser.get("/family/")
    small = queries_of(browser, "/family/")
    children += [a_child(marta, years=3 + number) for number in range(1, 12)]
    for child in children:
        decides(marta, child, "results", "allow")
        wishes(child, "photos")
    assert queries_of(browser, "/family/") == small <= BUDGET
    assert queries_of(browser, f"/family/{children[0].code}/") <= BUDGET


@pytest.mark.long
def test_twelve_children_and_sixty_uses(the_law: None, signed_in: SignedIn) -> None:
    brand = found_a_big_brand()
    Brand.objects.filter(pk=brand.pk).update(has_minors=True)
    brand.refresh_from_db()
    guardian = adult(brand, "Marta")
    for number in range(12):
        a_child(guardian, years=2 + number)
    browser = signed_in(guardian)
    browser.get("/family/")
    assert len(brand.purposes.all()) >= PURPOSES
    assert queries_of(browser, "/family/") <= BUDGET
