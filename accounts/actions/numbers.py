"""What the brand's own systems call somebody."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actions.joining import Suppressed, known, record
from accounts.addresses import canonical_email, canonical_phone
from accounts.models import Contact, Customer, ExternalId
from accounts.suppression import is_suppressed
from brands.models import Brand
from ledger.turns import turn


class IdTaken(ValidationError):
    """The id belongs to another customer of this brand, or this customer's address to another one."""


def by_external_id(brand: Brand, value: str) -> Customer | None:
    row = ExternalId.objects.filter(brand=brand, value=value).select_related("customer").first()
    return row.customer if row else None


def tie(*, brand: Brand, value: str, email: str = "", phone: str = "", language: str, country: str, by: str) -> tuple[Customer, bool]:
    """The brand's own id and an address belong together: whom it is, and whether they were new. Somebody known by neither needs an email
    address to begin with. Twice is once. Raises IdTaken, Suppressed, ValidationError."""
    number = canonical_phone(phone) if phone else ""
    canonical = canonical_email(email) if email else ""
    mine = by_external_id(brand, value)
    theirs = known(brand, canonical) if canonical else None
    if mine is not None and theirs is not None and mine.pk != theirs.pk:
        raise IdTaken(_("This id and this address belong to two people here."))
    if number and is_suppressed(brand, Contact.Channel.SMS, number):
        raise Suppressed
    if canonical and theirs is None and is_suppressed(brand, Contact.Channel.EMAIL, canonical):
        raise Suppressed
    if mine is not None and canonical and theirs is None and mine.contacts.filter(channel=Contact.Channel.EMAIL).exists():
        # Whoever proves an address signs in with it: another one in its place is the person's own act.
        raise IdTaken(_("This person has another address here, which they alone can change."))
    found, new = mine or theirs, False
    if found is None:
        if not canonical:
            raise ValidationError(_("Somebody new needs an email address."))
        found, new = record(brand=brand, address=email, language=language, country=country, by=by), True
    _note(found, brand, value, canonical, email, number, by)
    return found, new


def _note(customer: Customer, brand: Brand, value: str, canonical: str, email: str, number: str, by: str) -> None:
    """What is not known yet of the three; addresses from a list are not proven by it."""
    with turn(customer.subject, brand=brand.key, actor=by) as this:
        holder = ExternalId.objects.filter(brand=brand, value=value).first()
        if holder is not None and holder.customer_id != customer.pk:
            raise IdTaken(_("This id belongs to somebody else here."))
        contacts = [(Contact.Channel.EMAIL, canonical, email.strip()), (Contact.Channel.SMS, number, number)]
        missing = [
            Contact(customer=customer, brand=brand, channel=channel, canonical=form, address=address)
            for channel, form, address in contacts
            if form and not customer.contacts.filter(channel=channel, canonical=form).exists()
        ]
        if holder is not None and not missing:
            return
        this.append(customer.subject, "external_id.tied", {"new": holder is None, "contacts": [str(each.channel) for each in missing]})
        if holder is None:
            ExternalId.objects.create(customer=customer, brand=brand, value=value)
        Contact.objects.bulk_create(missing)
