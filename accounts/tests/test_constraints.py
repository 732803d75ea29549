"""Truths that the database keeps, whatever a programme does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AllauthDevice, Attempt, Challenge, Contact, Customer, Guardianship, MadeAt, Person
from brands.models import Brand
from ledger.subjects import new_subject

NOW = timezone.now()


def a_customer(brand: Brand, **more: Any) -> Customer:
    return Customer.objects.create(brand=brand, **({"subject": new_subject(), "language": "en", "country": "PL"} | more))


def a_contact(customer: Customer, **more: Any) -> Contact:
    values = {"customer": customer, "brand": customer.brand, "channel": "email", "address": "b@example.com", "canonical": "b@example.com"}
    return Contact.objects.create(**(values | more))


def a_challenge(brand: Brand, **more: Any) -> Challenge:
    values = {"browser": "a" * 64, "brand": brand, "purpose": "sign_in", "canonical": "a@example.com", "expires_at": NOW}
    return Challenge.objects.create(**(values | more))


def a_guardianship(brand: Brand, **more: Any) -> Guardianship:
    guardian, child = a_customer(brand), a_customer(brand)
    values = {
        "guardian": guardian,
        "child": child,
        "guardian_subject": guardian.subject,
        "child_subject": child.subject,
        "parenthood_claim": "said",
        "adulthood_method": "seen",
    }
    return Guardianship.objects.create(**(values | {"started_seq": 3} | more))


def twice(make: Callable[[], Any]) -> None:
    make()
    make()


def proven_twice(brand: Brand) -> None:
    twice(lambda: a_contact(a_customer(brand), proven_at=NOW))


def a_pair_twice(brand: Brand) -> None:
    pair = a_guardianship(brand)
    a_guardianship(brand, guardian=pair.guardian, child=pair.child)


def own_guardian(brand: Brand) -> None:
    one = a_customer(brand)
    a_guardianship(brand, guardian=one, child=one)


def attempt_twice(brand: Brand) -> None:
    challenge = a_challenge(brand)
    twice(lambda: Attempt.objects.create(challenge=challenge, number=1))


def made_twice(brand: Brand) -> None:
    person = Person.objects.create_user("p@example.com")
    made = Authenticator.objects.create(user=person, type="totp", data={})
    twice(lambda: MadeAt.objects.create(authenticator=made, brand=brand))


def device_twice(brand: Brand) -> None:
    person = Person.objects.create_user("p@example.com")
    twice(lambda: AllauthDevice.objects.create(user=person, name="authenticator"))


def customer_twice(brand: Brand) -> None:
    person = Person.objects.create_user("p@example.com")
    twice(lambda: a_customer(brand, person=person))


BROKEN: dict[str, Callable[[Brand], Any]] = {
    "person_has_an_email": lambda brand: Person.objects.create(email=""),
    "person_reference_is_hex": lambda brand: Person.objects.create(email="a@example.com", reference="X" * 32),
    "accounts_person_email": lambda brand: twice(lambda: Person.objects.create(email="a@example.com")),
    "customer_once_a_brand": customer_twice,
    "customer_subject_is_hex": lambda brand: a_customer(brand, subject="A" * 32),
    "customer_country_is_a_code": lambda brand: a_customer(brand, country="pl"),
    "customer_country_evidence": lambda brand: a_customer(brand, country_evidence="ip"),
    "customer_has_a_language": lambda brand: a_customer(brand, language=""),
    "contact_proven_by_one_customer": proven_twice,
    "contact_channel": lambda brand: a_contact(a_customer(brand), channel="fax"),
    "contact_is_not_empty": lambda brand: a_contact(a_customer(brand), canonical=""),
    "guardianship_open_once": a_pair_twice,
    "guardianship_ends_once_and_for_all": lambda brand: a_guardianship(brand, started_at=NOW, ended_at=NOW),
    "guardianship_ends_after_its_start": lambda brand: a_guardianship(brand, started_at=timezone.now(), ended_at=NOW, ended_seq=4),
    "guardianship_ends_later_in_the_chain": lambda brand: a_guardianship(brand, started_at=NOW, ended_at=NOW, ended_seq=3),
    "guardianship_of_somebody_else": own_guardian,
    "guardianship_subject_is_hex": lambda brand: a_guardianship(brand, guardian_subject="anna"),
    "challenge_purpose": lambda brand: a_challenge(brand, purpose="reset"),
    "challenge_browser_is_a_hash": lambda brand: a_challenge(brand, browser="cookie"),
    "challenge_used_holds_nothing": lambda brand: a_challenge(brand, used_at=NOW),
    "attempt_counted_once": attempt_twice,
    "attempt_counts_from_one": lambda brand: Attempt.objects.create(challenge=a_challenge(brand), number=0),
    "accounts_madeat_authenticator": made_twice,
    "device_once_a_person": device_twice,
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_is_not_so_it_names_the_truth(name: str, brand: Brand) -> None:
    from django.db import connection

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BROKEN[name](brand)
    if connection.vendor == "postgresql":
        assert name in str(refusal.value)


def test_what_is_so_is_taken_it_has_room_for_real_families(brand: Brand, other_brand: Brand) -> None:
    pair = a_guardianship(brand, started_at=NOW, ended_at=NOW, ended_seq=4)
    a_guardianship(brand, guardian=pair.guardian, child=pair.child)
    a_contact(a_customer(brand))
    a_contact(a_customer(brand))
    a_contact(a_customer(brand), proven_at=NOW)
    a_contact(a_customer(other_brand), proven_at=NOW)
    a_challenge(brand, used_at=NOW, canonical="")


@pytest.mark.parametrize("model", [Person, Customer, Contact, Guardianship, Challenge, Attempt, MadeAt, AllauthDevice])
def test_every_column_is_declared_it_is_exported_withheld_or_plain(model: Any) -> None:
    said = model.PersonalData
    columns = [*said.exported, *said.withheld, *said.plain]
    assert sorted(columns) == sorted(field.name for field in model._meta.concrete_fields)
