"""From a proven address to a customer: with a sign-in, without one, or the one that was here before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.actions.turns import own_turn
from accounts.addresses import canonical_email
from accounts.ages import of_age_at, of_age_on, place_of
from accounts.models import Contact, Customer, Person, ReplacedAddress
from accounts.suppression import is_suppressed, welcome_back
from brands.models import Brand
from ledger.subjects import new_subject, new_subjects
from ledger.turns import Turn, turn


class AddressRetired(Exception):
    """The address was proven, but the customer it used to sign in has another one here now."""


class Suppressed(Exception):
    """Whoever has this address was deleted here, and comes back by their own act alone."""


class AddressTaken(ValidationError):
    """The address was proven, and it belongs to another customer of this brand."""


def customer_of(brand: Brand, canonical: str) -> Customer | None:
    """Whom a proven address signs in at this brand: who has it as their contact, else whose sign-in it is."""
    contact = Contact.objects.proven().email(canonical).filter(brand=brand).select_related("customer__person").first()
    if contact is not None:
        return contact.customer
    customer = Customer.objects.at(brand).filter(person__email=canonical).select_related("person").first()
    if customer is not None and customer.contacts.proven().filter(channel=Contact.Channel.EMAIL).exists():
        raise AddressRetired
    if customer is None and ReplacedAddress.objects.open_at(brand, canonical, timezone.now()).exists():
        raise AddressRetired  # it can still be put back: nobody else begins with it meanwhile
    return customer


def _one_at_a_time(brand: Brand, canonical: str) -> None:
    """Until the end of the transaction nobody else records this address here: nothing in the tables keeps two unproven ones apart, since
    two people may share one. On SQLite the transaction is that lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [RECORDING, f"{brand.key}|{canonical}"])


RECORDING = 0x7265636F  # "reco", among the advisory locks of this database


@transaction.atomic
def join(*, brand: Brand, address: str, language: str, how: str = "code", birth_date: date | None = None) -> Customer:
    """A proven address becomes a customer of the brand. Twice is once. An imported customer with this address is met again. `birth_date`:
    as they gave it; it is kept of a minor, to know when they no longer are one, and of nobody else."""
    canonical = canonical_email(address)
    person = _person(canonical)
    customer = customer_of(brand, canonical)
    if customer is not None and customer.person_id is not None:
        return customer
    customer = customer or _imported(brand, canonical)
    if customer is None or Customer.objects.at(brand).filter(person=person).exists():
        customer = Customer(brand=brand, subject=new_subject(), language=language, country=brand.country)
    customer.person = person
    with own_turn(customer) as t:
        t.append(customer.subject, "person.joined", {"how": how, "language": customer.language, "country": customer.country})
        aged = _note_age(t, customer, birth_date) if birth_date else []
        welcome_back(brand, canonical)
        # Of somebody who was here before only this changes: their words may have been spoken while we waited for the turn.
        customer.save(update_fields=["person", *aged] if customer.pk else None)
        prove_contact(customer, canonical)
        EmailAddress.objects.get_or_create(email=canonical, verified=True, defaults={"user": person, "primary": person.email == canonical})
    return customer


def give_sign_in(customer: Customer, canonical: str) -> None:
    """Somebody who is here without a sign-in gets one, with this proven address. Inside a turn of theirs. Raises AddressTaken."""
    if Contact.objects.proven().email(canonical).filter(brand=customer.brand).exclude(customer=customer).exists():
        raise AddressTaken(TAKEN)
    person = _person(canonical)
    if Customer.objects.at(customer.brand).filter(person=person).exclude(pk=customer.pk).exists():
        raise AddressTaken(TAKEN)
    customer.person = person
    customer.save(update_fields=["person"])
    prove_contact(customer, canonical)
    EmailAddress.objects.get_or_create(email=canonical, verified=True, defaults={"user": person, "primary": person.email == canonical})


TAKEN = gettext_lazy("That address belongs to another account here.")


def meet(*, brand: Brand, address: str, language: str, country: str, region: str = "") -> Customer:
    """Whom a proven address belongs to, without a sign-in; somebody new, where nobody has it. Twice is once. Raises AddressRetired."""
    canonical = canonical_email(address)
    try:
        return _met(brand, canonical) or _new(brand, canonical, language, country, region)
    except IntegrityError:  # another browser was here first
        return _met(brand, canonical) or _new(brand, canonical, language, country, region)


def known(brand: Brand, canonical: str) -> Customer | None:
    """The customer with this address, proven or from the brand's records. An address that was given up is nobody's."""
    try:
        return customer_of(brand, canonical) or _imported(brand, canonical)
    except AddressRetired:
        return None


def all_known(brand: Brand, canonical: str) -> list[Customer]:
    """Everybody who has this address here, proven or from the brand's records: for what may only reduce."""
    try:
        proven = customer_of(brand, canonical)
    except AddressRetired:
        proven = None
    if proven is not None:
        return [proven]
    return list(Customer.objects.at(brand).filter(contacts__canonical=canonical, contacts__channel=Contact.Channel.EMAIL).distinct())


def _met(brand: Brand, canonical: str) -> Customer | None:
    customer = customer_of(brand, canonical) or _imported(brand, canonical)
    if customer is not None and not customer.contacts.proven().email(canonical).exists():
        with own_turn(customer) as t:
            _note_met(t, customer)
            prove_contact(customer, canonical)
    return customer


def _new(brand: Brand, canonical: str, language: str, country: str, region: str) -> Customer:
    customer = Customer(
        brand=brand, subject=new_subject(), language=language, country=country, region=region,
        country_evidence=Customer.CountryEvidence.PERSON,
    )  # fmt: skip
    with own_turn(customer) as t:
        _note_met(t, customer)
        welcome_back(brand, canonical)
        customer.save()
        prove_contact(customer, canonical)
    return customer


@transaction.atomic
def record(*, brand: Brand, address: str, language: str, country: str, by: str) -> Customer:
    """Somebody from the brand's own records, whom nobody has proven: the only door for lists. Twice is once; somebody who is here already
    is met as they are. Raises Suppressed for who was deleted, ValidationError for what is no address."""
    canonical = canonical_email(address)
    if is_suppressed(brand, Contact.Channel.EMAIL, canonical):
        raise Suppressed
    _one_at_a_time(brand, canonical)
    there = known(brand, canonical)
    if there is not None:
        return there
    customer = Customer(
        brand=brand, subject=new_subject(), language=language, country=country, country_evidence=Customer.CountryEvidence.IMPORT
    )  # fmt: skip
    with turn(customer.subject, brand=brand.key, actor=by) as t:
        t.append(customer.subject, "person.recorded", {"language": language, "country": country})
        customer.save()
        Contact.objects.create(customer=customer, brand=brand, channel=Contact.Channel.EMAIL, address=address.strip(), canonical=canonical)
    return customer


def prepare(brand: Brand, languages: Mapping[str, str]) -> dict[str, Customer]:
    """Customers that are not there yet, by canonical address, with their chains: for a list, whose turn names them all. `languages`: of
    each address, "" where the list does not say. Whether they were deleted here before, the caller has asked."""
    subjects = new_subjects(len(languages))
    return {
        canonical: Customer(
            brand=brand, subject=subject, language=language if language in brand.languages else brand.default_language,
            country=brand.country, country_evidence=Customer.CountryEvidence.IMPORT,
        )
        for subject, (canonical, language) in zip(subjects, languages.items(), strict=True)
    }  # fmt: skip


def record_prepared(this: Turn, new: Mapping[str, Customer], written: Mapping[str, str]) -> None:
    """As record() does, of many at once, inside a turn that names them. `written`: each address as it was written."""
    for customer in new.values():
        this.append(customer.subject, "person.recorded", {"language": customer.language, "country": customer.country})
    Customer.objects.bulk_create(new.values())
    Contact.objects.bulk_create(
        Contact(customer=customer, brand=customer.brand, channel=Contact.Channel.EMAIL, address=written[canonical], canonical=canonical)
        for canonical, customer in new.items()
    )


def _note_age(t: Turn, customer: Customer, birth_date: date) -> list[str]:
    """An age band for adults, the day for minors; returns the columns it set."""
    minor = of_age_at(birth_date, place_of(customer)) > timezone.now()
    t.append(customer.subject, "age.declared", {"band": "minor" if minor else "adult", "method": "declared"})
    if not minor:
        return []
    customer.birth_date, customer.minor_until = birth_date, of_age_on(birth_date, place_of(customer))
    return ["birth_date", "minor_until"]


def _note_met(t: Turn, customer: Customer) -> None:
    act = {"language": customer.language, "country": customer.country, "region": customer.region or None}
    t.append(customer.subject, "person.met", act)


def _person(canonical: str) -> Person:
    """The one sign-in of this address, locked, so that two browsers joining at once make one customer."""
    person = Person(email=canonical)
    person.set_unusable_password()
    Person.objects.bulk_create([person], ignore_conflicts=True)
    return Person.objects.select_for_update().get(email=canonical)


def _imported(brand: Brand, canonical: str) -> Customer | None:
    """The one customer without a sign-in to whom the brand's records gave this address; two such are for a person to sort out."""
    contacts = Contact.objects.email(canonical).filter(brand=brand, customer__person=None).select_related("customer")[:2]
    return contacts[0].customer if len(contacts) == 1 else None


def prove_contact(customer: Customer, canonical: str) -> Contact:
    contact, _created = Contact.objects.update_or_create(
        customer=customer, channel=Contact.Channel.EMAIL, canonical=canonical,
        defaults={"brand": customer.brand, "address": canonical, "proven_at": timezone.now()},
    )  # fmt: skip
    return contact
