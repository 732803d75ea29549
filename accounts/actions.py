"""What can happen to an account. Each act appends to the ledger and writes its effect in the same transaction."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.addresses import canonical_email
from accounts.models import Contact, Customer, Person, ReplacedAddress
from brands.models import Brand
from ledger.models import Entry
from ledger.subjects import new_subject
from ledger.turns import Turn, turn

LONGEST_NAME = 200  # letters
REGION = re.compile(r"[A-Z0-9]{0,3}")  # the second half of ISO 3166-2: "CA" of "US-CA"


class AddressRetired(Exception):
    """The address was proven, but the customer it used to sign in has another one here now."""


class AddressTaken(ValidationError):
    """The address was proven, and it belongs to another customer of this brand."""


# ── Joining ─────────────────────────────────────────────────────────────────────────────────────────────────────────


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


@transaction.atomic
def join(*, brand: Brand, address: str, language: str, how: str = "code") -> Customer:
    """A proven address becomes a customer of the brand. Twice is once. An imported customer with this address is met again."""
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
        # Of somebody who was here before only this changes: their words may have been spoken while we waited for the turn.
        customer.save(update_fields=["person"] if customer.pk else None)
        prove_contact(customer, canonical)
        EmailAddress.objects.get_or_create(email=canonical, verified=True, defaults={"user": person, "primary": person.email == canonical})
    return customer


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
    one = known(brand, canonical)
    return (
        [one]
        if one is not None
        else list(Customer.objects.at(brand).filter(contacts__canonical=canonical, contacts__channel="email").distinct())
    )


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
        customer.save()
        prove_contact(customer, canonical)
    return customer


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


def own_turn(customer: Customer) -> AbstractContextManager[Turn]:
    return turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}")


# ── Signing in and out ──────────────────────────────────────────────────────────────────────────────────────────────


def signed_in(*, customer: Customer, how: str, browser: str, proven: str = "") -> Entry:
    """`how` is code or passkey, `browser` a family ("Firefox on Linux"), `proven` the address whose code it was: it takes mail again."""
    with own_turn(customer) as t:
        entry = t.append(customer.subject, "person.signed_in", {"how": how, "browser": browser})
        if proven:
            customer.contacts.proven().filter(channel=Contact.Channel.EMAIL, canonical=proven).update(proven_at=entry.recorded_at)
    return entry


def open_sessions(customer: Customer) -> list[UserSession]:
    """Where this customer is signed in at this brand, newest first."""
    known = UserSession.objects.filter(user=customer.person_id, data__brand=customer.brand.key).order_by("-last_seen_at", "-pk")
    sessions = list(known)
    alive = Session.objects.filter(session_key__in=[s.session_key for s in sessions], expire_date__gt=timezone.now())
    keys = set(alive.values_list("session_key", flat=True))
    return [session for session in sessions if session.session_key in keys]


def end_session(*, customer: Customer, session: int) -> int:
    """Ends one open session, by its id, if it is this customer's at this brand. Returns how many ended."""
    return _end(customer, [each for each in open_sessions(customer) if each.pk == session])


def sign_out_everywhere(*, customer: Customer, except_key: str | None = None) -> int:
    """Ends every open session at this brand, or every one but `except_key`. Returns how many ended."""
    return _end(customer, [each for each in open_sessions(customer) if each.session_key != except_key])


def _end(customer: Customer, sessions: list[UserSession]) -> int:
    if not sessions:
        return 0
    with own_turn(customer) as t:
        _end_them(t, customer, sessions)
    return len(sessions)


def end_sessions(this: Turn, customer: Customer) -> None:
    """All of them, inside a turn of the customer."""
    if sessions := open_sessions(customer):
        _end_them(this, customer, sessions)


def _end_them(this: Turn, customer: Customer, sessions: list[UserSession]) -> None:
    this.append(customer.subject, "sessions.ended", {"count": len(sessions)})
    for session in sessions:
        session.end()


# ── Name, language, place ───────────────────────────────────────────────────────────────────────────────────────────


def change_name(*, customer: Customer, name: str) -> None:
    """What somebody says their name is: corrected at once (GDPR Art. 16), with the one before kept in their own record alone."""
    if len(name) > LONGEST_NAME or any(not letter.isprintable() for letter in name):
        raise ValidationError(_("Write the name on one line, in at most 200 letters."))
    with own_turn(customer) as t:
        before = _column(t, customer, "name")
        if before == name:
            return
        t.append(customer.subject, "name.changed", {"name": name, "before": before})
        Customer.objects.filter(pk=customer.pk).update(name=name)
    customer.name = name


def choose_language(*, customer: Customer, language: str) -> None:
    if language not in customer.brand.languages:
        raise ValidationError(_("Choose one of the languages listed."))
    with own_turn(customer) as t:
        before = _column(t, customer, "language")
        if before == language:
            return
        t.append(customer.subject, "language.changed", {"language": language, "before": before})
        Customer.objects.filter(pk=customer.pk).update(language=language)
    customer.language = language


def choose_country(*, customer: Customer, country: str, region: str = "", evidence: str = Customer.CountryEvidence.PERSON) -> None:
    """Country (ISO 3166-1 alpha-2) and region decide which law applies; `evidence` says how we know."""
    if country not in countries or not REGION.fullmatch(region):
        raise ValidationError(_("Choose a country from the list."))
    with own_turn(customer) as t:
        stored = Customer.objects.get(pk=customer.pk)
        if (stored.country, stored.region, stored.country_evidence) == (country, region, evidence):
            return
        act = {"country": country, "region": region, "evidence": str(evidence), "before": stored.country}
        t.append(customer.subject, "place.changed", act)
        Customer.objects.filter(pk=customer.pk).update(country=country, region=region, country_evidence=evidence)
    customer.country, customer.region, customer.country_evidence = country, region, evidence


def _column(t: Turn, customer: Customer, name: str) -> str:
    """As it stands now that the turn holds the customer's head."""
    value: str = Customer.objects.values_list(name, flat=True).get(pk=customer.pk)
    return value
