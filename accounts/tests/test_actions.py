"""Each act: it works, twice is once, and without its entry nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts import actions
from accounts.actions import AddressRetired, AddressTaken, change_contact, choose_country, choose_language, customer_of, join
from accounts.actions.details import correct
from accounts.models import Contact, Customer, Person
from accounts.tests.conftest import Browser, a_brand
from brands.models import Brand
from jobs.models import Job
from ledger.models import Entry, Head
from ledger.subjects import new_subject


def kinds(customer: Customer) -> list[str]:
    return list(Entry.objects.filter(subject=customer.subject).order_by("seq").values_list("kind", flat=True))


def last(customer: Customer) -> dict[str, Any]:
    entry = Entry.objects.filter(subject=customer.subject).order_by("seq").last()
    assert entry is not None
    act: dict[str, Any] = entry.act
    return act


def imported(brand: Brand, address: str, *, proven: bool = False) -> Customer:
    from django.utils import timezone

    customer = Customer.objects.create(brand=brand, subject=new_subject(), language="pl", country="PL", country_evidence="import")
    proven_at = timezone.now() if proven else None
    Contact.objects.create(customer=customer, brand=brand, channel="email", address=address, canonical=address, proven_at=proven_at)
    return customer


def test_joining_makes_person_customer_contact_and_entry_it_does(brand: Brand) -> None:
    customer = join(brand=brand, address=" Anna@Example.com", language="pl")
    contact = customer.contacts.get()
    assert (contact.address, contact.canonical, contact.proven_at is None) == ("anna@example.com", "anna@example.com", False)
    assert customer.person is not None
    assert not customer.person.has_usable_password()
    assert EmailAddress.objects.get(verified=True, primary=True).user == customer.person
    assert kinds(customer) == ["person.joined"]
    assert {key: last(customer)[key] for key in ("how", "language", "country")} == {"how": "code", "language": "pl", "country": "PL"}
    assert "anna" not in str(Entry.objects.filter(subject=customer.subject).values_list("payload", flat=True))


def test_joining_twice_is_once_it_gives_the_same_customer(brand: Brand) -> None:
    one, two = join(brand=brand, address="anna@example.com", language="en"), join(brand=brand, address="ANNA@example.com", language="pl")
    assert one == two
    assert (Person.objects.count(), Customer.objects.count(), Contact.objects.count(), kinds(one)) == (1, 1, 1, ["person.joined"])


@pytest.mark.django_db(transaction=True)
def test_joining_from_eight_windows_at_once_makes_one_customer_it_does() -> None:
    brand = a_brand("linden")

    def alone(_n: int) -> int:
        try:
            return join(brand=brand, address="anna@example.com", language="en").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(alone, range(8)))) == 1
    assert (Person.objects.count(), Customer.objects.count(), Entry.objects.filter(kind="person.joined").count()) == (1, 1, 1)


@pytest.mark.parametrize("proven", [False, True])
def test_joining_meets_the_imported_customer_of_this_address_it_keeps_their_subject(brand: Brand, proven: bool) -> None:
    customer = imported(brand, "anna@example.com", proven=proven)
    joined = join(brand=brand, address="anna@example.com", language="en")
    assert (joined.pk, joined.language, joined.contacts.count()) == (customer.pk, "pl", 1)
    assert joined.contacts.get().proven_at is not None


def test_two_imported_customers_with_one_address_are_not_guessed_at_it_makes_a_third(brand: Brand) -> None:
    imported(brand, "family@example.com")
    imported(brand, "family@example.com")
    assert join(brand=brand, address="family@example.com", language="en").person is not None
    assert Customer.objects.count() == 3


def test_nothing_of_another_brand_is_met_it_is_not(brand: Brand, other_brand: Brand) -> None:
    customer = imported(other_brand, "anna@example.com")
    assert join(brand=brand, address="anna@example.com", language="en").pk != customer.pk
    customer.refresh_from_db()
    assert customer.person is None


def test_an_address_that_is_none_joins_nobody_it_is_refused(brand: Brand) -> None:
    with pytest.raises(ValidationError):
        join(brand=brand, address="anna@", language="en")
    assert not Person.objects.exists()


# ── Contact ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_contact_takes_the_place_of_the_old_it_signs_in_from_now_on(brand: Brand, anna: Customer) -> None:
    change_contact(customer=anna, address="new@example.com")
    assert [contact.address for contact in anna.contacts.all()] == ["new@example.com"]
    assert customer_of(brand, "new@example.com") == anna
    with pytest.raises(AddressRetired):
        customer_of(brand, "anna@example.com")
    with time_machine.travel(timezone.now() + settings.PUT_BACK_VALID):
        assert customer_of(brand, "anna@example.com") is None
    assert {key: last(anna)[key] for key in ("channel", "what")} == {"channel": "email", "what": "replaced"}
    change_contact(customer=anna, address="new@example.com")
    assert kinds(anna).count("contact.changed") == 1


def test_a_contact_of_somebody_else_here_is_not_taken_it_says_so(brand: Brand, anna: Customer) -> None:
    join(brand=brand, address="eve@example.com", language="en")
    with pytest.raises(AddressTaken):
        change_contact(customer=anna, address="eve@example.com")
    assert anna.contacts.get().address == "anna@example.com"


def test_a_change_at_one_brand_leaves_the_other_as_it_was_it_does(brand: Brand, other_brand: Brand, anna: Customer) -> None:
    there = join(brand=other_brand, address="anna@example.com", language="en")
    change_contact(customer=anna, address="new@example.com")
    assert there.contacts.get().address == "anna@example.com"
    assert customer_of(other_brand, "anna@example.com") == there


def test_an_old_sign_in_address_opens_nothing_once_the_contact_is_another_it_is_told(
    browser: Browser, brand: Brand, other_brand: Brand, anna: Customer
) -> None:
    join(brand=other_brand, address="new@example.com", language="en")  # so Person.email of anna cannot follow
    change_contact(customer=anna, address="new@example.com")
    with pytest.raises(AddressRetired):
        customer_of(brand, "anna@example.com")
    assert "no longer signs in here" in browser.sign_in("anna@example.com").content.decode()
    assert browser.get("/").content == b"nobody"


def test_a_changed_address_ends_the_open_sessions_it_does(browser: Browser, anna: Customer) -> None:
    browser.sign_in("anna@example.com")
    change_contact(customer=anna, address="new@example.com")
    assert browser.get("/").content == b"nobody"


# ── Language, place ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_language_is_chosen_it_is_written_down_once(anna: Customer) -> None:
    choose_language(customer=anna, language="pl")
    choose_language(customer=anna, language="pl")
    assert Customer.objects.get().language == "pl"
    assert kinds(anna).count("language.changed") == 1
    with pytest.raises(ValidationError):
        choose_language(customer=anna, language="de")


def test_a_place_is_chosen_it_is_written_down_once_with_its_evidence(anna: Customer) -> None:
    choose_country(customer=anna, country="US", region="CA")
    choose_country(customer=anna, country="US", region="CA")
    stored = Customer.objects.get()
    assert (stored.country, stored.region, stored.country_evidence) == ("US", "CA", "person")
    assert kinds(anna).count("place.changed") == 1
    act = last(anna)
    assert [act[key] for key in ("country", "region", "evidence", "before")] == ["US", "CA", "person", "PL"]


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("", ""), ("pl", ""), ("US", "California"), ("US", "ca"), ("US", "C A")])
def test_a_place_that_is_none_is_refused_it_is(anna: Customer, country: str, region: str) -> None:
    with pytest.raises(ValidationError):
        choose_country(customer=anna, country=country, region=region)


# ── Signing in ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_code_proves_its_address_anew_it_and_no_other(anna: Customer) -> None:
    first = anna.contacts.get()
    other = Contact.objects.create(
        brand=anna.brand, customer=anna, channel="email", canonical="z@example.com", address="z@example.com", proven_at=first.proven_at
    )
    unproven = Contact.objects.create(brand=anna.brand, customer=anna, channel="email", canonical="y@example.com", address="y@example.com")
    entry = actions.signed_in(customer=anna, how="code", browser="Safari on iPhone", proven=first.canonical)
    actions.signed_in(customer=anna, how="code", browser="Safari on iPhone", proven=unproven.canonical)
    actions.signed_in(customer=anna, how="passkey", browser="Safari on iPhone")
    assert first.proven_at is not None
    assert first.proven_at < entry.recorded_at
    assert [Contact.objects.get(pk=each.pk).proven_at for each in (first, other, unproven)] == [entry.recorded_at, first.proven_at, None]


ACTS: dict[str, Callable[[Customer], Any]] = {
    "join": lambda anna: join(brand=anna.brand, address="new@example.com", language="en"),
    "signed_in": lambda anna: actions.signed_in(customer=anna, how="code", browser="Safari on iPhone"),
    "signed_in by a code": lambda anna: actions.signed_in(customer=anna, how="code", browser="Safari", proven="anna@example.com"),
    "change_contact": lambda anna: change_contact(customer=anna, address="new@example.com"),
    "choose_language": lambda anna: choose_language(customer=anna, language="pl"),
    "choose_country": lambda anna: choose_country(customer=anna, country="DE"),
    "sign_out_everywhere": lambda anna: actions.sign_out_everywhere(customer=anna),
}


@pytest.mark.parametrize("name", ACTS)
def test_if_the_entry_fails_nothing_is_written_it_rolls_back(name: str, browser: Browser, anna: Customer, monkeypatch: Any) -> None:
    browser.sign_in("anna@example.com")

    def stored() -> list[Any]:
        tables: tuple[Any, ...] = (Person, Customer, Contact, EmailAddress, Head, Entry, Job)
        return [list(model.objects.order_by("pk").values()) for model in tables]

    before = stored()
    monkeypatch.setattr("ledger.turns.Turn.append", broken)
    with pytest.raises(RuntimeError, match="full"):
        ACTS[name](anna)
    assert stored() == before
    assert browser.get("/").content.decode() == anna.code


def broken(*_args: Any, **_kwargs: Any) -> None:
    raise RuntimeError("the ledger is full")


# ── A name ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_name_is_corrected_at_once_and_twice_is_once(anna: Customer) -> None:
    before = Entry.objects.count()
    actions.change_name(customer=anna, name="Anna Nowak")
    actions.change_name(customer=anna, name="Anna Nowak")
    anna.refresh_from_db()
    assert anna.name == "Anna Nowak"
    assert Entry.objects.count() == before + 1


@pytest.mark.parametrize("name", ["Anna\nBcc: x", "Anna\u202eanna", "x" * 201])
def test_what_is_no_name_changes_nothing(anna: Customer, name: str) -> None:
    with pytest.raises(ValidationError):
        actions.change_name(customer=anna, name=name)
    anna.refresh_from_db()
    assert anna.name == ""


def test_name_and_language_are_corrected_together_or_not_at_all(anna: Customer) -> None:
    with pytest.raises(ValidationError):
        correct(customer=anna, name="Anna", language="xx")
    assert Entry.objects.of(anna.subject).filter(kind__in=["name.changed", "language.changed"]).count() == 0
    changed = correct(customer=anna, by="staff:sam", name="Anna", language="pl")
    assert [(each.what, each.now) for each in changed] == [("name", "Anna"), ("language", "pl")]
    assert [each.words for each in changed] == [("–", "Anna"), ("English", "Polski")]  # as people read it
    assert correct(customer=anna, by="staff:sam", name="Anna", language="pl") == []
    anna.refresh_from_db()
    assert (anna.name, anna.language) == ("Anna", "pl")
