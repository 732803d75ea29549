"""Whoever came by a file goes as anybody does: nothing of them is left, and no later file brings them back."""

from __future__ import annotations

import pytest
from django.core import serializers
from django.db import connection

from accounts.models import Contact, Customer
from accounts.tests.canaries import search
from brands.models import Brand
from data_requests.actions.erasing import erase_customer
from data_requests.erasing import walker
from ledger.models import Entry
from ledger.turns import turn
from propagation.models import Import, ImportLine
from propagation.tests.files import BY, carried_out, faults, imported, is_here, no, outcomes, stands, table, who, yes

pytestmark = pytest.mark.django_db
EMAIL = "canary0001email@example.com"


def erased(brand: Brand, email: str) -> Customer:
    customer = who(brand, email)
    with turn(customer.subject, brand=brand.key, actor=BY) as this:
        erase_customer(this, customer, why="request")
    return customer


def test_nothing_of_them_is_left(linden: Brand) -> None:
    content = table(yes(EMAIL), no(EMAIL, "recs"), yes(EMAIL, "news", channel="sms", wording=""), yes("other@example.com"))
    imported(linden, content)
    gone = erased(linden, EMAIL)
    assert walker.left(gone, [EMAIL]) == {}
    assert not Contact.objects.email(EMAIL).exists()
    assert not Entry.objects.of(gone.subject).readable().filter(kind="choice.decided", payload__contains=EMAIL).exists()
    kept = serializers.serialize("json", [*Import.objects.all(), *ImportLine.objects.all(), *Entry.objects.all()])
    assert search(kept.encode()) == set()
    assert stands(linden, "other@example.com") == {("ads", ""): "granted"}
    assert faults() == []


def test_no_later_file_brings_them_back(linden: Brand) -> None:
    imported(linden, table(yes(EMAIL)))
    erased(linden, EMAIL)
    run = imported(linden, table(yes(EMAIL.title()), no(EMAIL), yes(EMAIL, wording="")))
    assert outcomes(run) == ["suppressed"] * 3
    assert not is_here(linden, EMAIL)
    assert faults() == []


def test_whoever_goes_between_look_and_import_does_not_come_with_it(linden: Brand) -> None:
    imported(linden, table(no(EMAIL)))
    look = imported(linden, table(no(EMAIL, "recs")), dry=True)
    assert outcomes(look) == ["applied"]
    erased(linden, EMAIL)
    assert outcomes(carried_out(look)) == ["suppressed"]


def test_the_rows_of_an_import_are_of_nobody(linden: Brand) -> None:
    """No column of them could hold a value of the file."""
    imported(linden, table(yes(EMAIL, time="canary0002time"), no("canary0003")))
    with connection.cursor() as cursor:
        for model in (Import, ImportLine):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            assert search(repr(cursor.fetchall()).encode()) == set()
