"""Who was deleted is brought back by no list; whoever comes back themselves is welcome."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from accounts.actions import Suppressed, join, meet, record
from accounts.models import Contact, Customer, Suppression
from accounts.suppression import is_suppressed, suppress
from brands.models import Brand
from ledger.models import Entry

pytestmark = pytest.mark.django_db
ANNA = "anna@example.com"


@pytest.fixture
def gone(linden: Brand) -> Brand:
    """Somebody was here, and was deleted."""
    customer = join(brand=linden, address=ANNA, language="en")
    for _number in range(2):
        suppress(linden, [("email", ANNA)])
    assert customer.person
    person = customer.person
    customer.delete()
    person.delete()
    return linden


def test_no_list_brings_back_who_was_deleted(gone: Brand) -> None:
    with pytest.raises(Suppressed):
        record(brand=gone, address="Anna@Example.com", language="en", country="PL", by="system:import")
    assert not Customer.objects.exists()
    assert not Contact.objects.exists()


def test_somebody_else_is_recorded_once(gone: Brand) -> None:
    made = record(brand=gone, address="ben@example.com", language="pl", country="PL", by="system:import")
    assert made.contacts.get().proven_at is None
    assert Entry.objects.of(made.subject).get().kind == "person.recorded"
    assert record(brand=gone, address="ben@example.com", language="en", country="DE", by="system:import") == made
    assert Customer.objects.count() == 1


def test_who_is_a_customer_already_is_not_recorded_again(linden: Brand) -> None:
    here = join(brand=linden, address=ANNA, language="en")
    assert record(brand=linden, address=ANNA, language="en", country="PL", by="system:import") == here


@pytest.mark.parametrize("door", ["join", "meet"])
def test_who_comes_back_themselves_is_welcome(gone: Brand, door: str) -> None:
    if door == "join":
        join(brand=gone, address=ANNA, language="en")
    else:
        meet(brand=gone, address=ANNA, language="en", country="PL")
    assert not Suppression.objects.exists()
    assert Customer.objects.count() == 1


def test_an_old_key_still_keeps_out(gone: Brand, settings: Any) -> None:
    settings.SUPPRESSION_KEYS = ["a newer key", *settings.SUPPRESSION_KEYS]
    assert is_suppressed(gone, "email", ANNA)
    settings.SUPPRESSION_KEYS = ["a newer key"]
    assert not is_suppressed(gone, "email", ANNA)


def test_of_another_brand_and_another_channel_nothing_is_known(gone: Brand, kingfisher: Brand) -> None:
    assert not is_suppressed(kingfisher, "email", ANNA)
    assert not is_suppressed(gone, "sms", ANNA)


def test_without_a_key_nobody_is_let_past(gone: Brand, settings: Any) -> None:
    settings.SUPPRESSION_KEYS = []
    with pytest.raises(ImproperlyConfigured):
        record(brand=gone, address="ben@example.com", language="en", country="PL", by="system:import")


def test_what_is_no_hash_is_refused(linden: Brand) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Suppression.objects.create(brand=linden, digest=ANNA)
    assert str(Suppression(pk=3)) == "3"
