"""The brand's own id, an address and a person: who belongs together, and who was deleted. Run on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.actions import IdTaken, Suppressed, by_external_id, change_contact, numbers, tie
from accounts.actions.joining import all_known
from accounts.models import Contact, Customer
from accounts.suppression import suppress
from brands.models import Brand
from ledger.models import Entry

BY = "system:tests"
PHONE = "+48 600 100 200"


def tied(brand: Brand, value: str, **values: Any) -> tuple[Customer, bool]:
    return tie(brand=brand, value=value, language="en", country="PL", by=BY, **values)


def entries() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("kind", flat=True))


def test_somebody_new_begins_with_both_and_twice_is_once(brand: Brand) -> None:
    customer, new = tied(brand, "C-1", email="Ewa@Example.com", phone=PHONE)
    assert new
    assert by_external_id(brand, "C-1") == customer
    assert set(customer.contacts.values_list("channel", "canonical")) == {("email", "ewa@example.com"), ("sms", "+48600100200")}
    assert not customer.contacts.exclude(proven_at=None).exists()
    before = entries()
    assert tied(brand, "C-1", email="ewa@example.com", phone=PHONE) == (customer, False)
    assert entries() == before
    assert entries()[-2:] == ["person.recorded", "external_id.tied"]


def test_somebody_new_needs_an_address(brand: Brand) -> None:
    with pytest.raises(ValidationError):
        tied(brand, "C-1", phone=PHONE)
    assert not Customer.objects.exists()


def test_an_id_and_an_address_of_two_people_are_not_brought_together(brand: Brand, anna: Customer) -> None:
    tied(brand, "C-1", email="ewa@example.com")
    before = entries()
    with pytest.raises(IdTaken):
        tied(brand, "C-1", email="anna@example.com")
    assert entries() == before
    assert by_external_id(brand, "C-1") != anna


def test_an_id_that_somebody_got_meanwhile_is_taken(brand: Brand, anna: Customer) -> None:
    """Between the reading and the turn: what the turn finds counts."""
    tied(brand, "C-1", email="ewa@example.com")
    before = entries()
    with pytest.raises(IdTaken):
        numbers._note(anna, brand, "C-1", "anna@example.com", "anna@example.com", "", BY)
    assert entries() == before


def test_another_address_is_the_persons_own_act(brand: Brand) -> None:
    customer, _ = tied(brand, "C-1", email="ewa@example.com")
    with pytest.raises(IdTaken):
        tied(brand, "C-1", email="other@example.com")
    assert customer.contacts.get().canonical == "ewa@example.com"


@pytest.mark.parametrize(
    ("channel", "canonical"), [(Contact.Channel.SMS, "+48600100200"), (Contact.Channel.EMAIL, "ewa@example.com")], ids=str
)
def test_who_was_deleted_is_not_begun_with_again(brand: Brand, channel: str, canonical: str) -> None:
    suppress(brand, [(channel, canonical)])
    with pytest.raises(Suppressed):
        tied(brand, "C-1", email="ewa@example.com", phone=PHONE)
    assert not Customer.objects.exists()


def test_an_address_that_was_given_up_is_nobodys(brand: Brand, anna: Customer) -> None:
    assert all_known(brand, "anna@example.com") == [anna]
    change_contact(customer=anna, address="new@example.com")
    assert all_known(brand, "anna@example.com") == []
    assert all_known(brand, "new@example.com") == [anna]
