"""Another address in the place of the one before, and the way back for whoever reads the mail of that."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.joining import AddressTaken, prove_contact
from accounts.actions.sessions import end_other_sessions, end_sessions
from accounts.actions.turns import own_turn
from accounts.addresses import canonical_email
from accounts.holds import halt
from accounts.models import Contact, Customer, OpenIdLink, Person, ReplacedAddress
from accounts.sealed import seal
from jobs.actions import enqueue

SHORTLY_BEFORE = timedelta(days=1)  # whoever changed the address may have added a way in first


def change_contact(*, customer: Customer, address: str, keep_session: str | None = None) -> Contact:
    """A newly proven email address takes the place of the ones before, here; and signs in from now on. Those before are told, and can put
    themselves back; other sessions end. Raises AddressTaken."""
    canonical = canonical_email(address)
    with own_turn(customer) as t:
        holder = Contact.objects.proven().email(canonical).filter(brand=customer.brand).first()
        if holder is not None and holder.customer_id != customer.pk:
            raise AddressTaken(_("That address belongs to another account here."))
        if holder is not None:
            return holder
        t.append(customer.subject, "contact.changed", {"channel": "email", "what": "replaced"})
        before, now = customer.contacts.filter(channel=Contact.Channel.EMAIL), timezone.now()
        for replaced in list(before.filter(proven_at__isnull=False).values_list("canonical", flat=True)):
            row = ReplacedAddress.objects.create(customer=customer, canonical=replaced, replaced_at=now)
            enqueue("accounts.tell_replaced", {"replaced": row.pk})
        before.delete()
        contact = prove_contact(customer, canonical)
        _sign_in_address(customer, canonical)
        end_other_sessions(customer, keep_session)
    return contact


def put_back(replaced: ReplacedAddress) -> bool:
    """Whoever reads the mail of the old address says that it was not they: it is theirs again, what was added since shortly before goes,
    every session ends, and nothing leaves for HOLD_AFTER_NOT_ME. False when it is too late, or done already. Raises AddressTaken."""
    customer = replaced.customer
    with own_turn(customer) as t:
        row = ReplacedAddress.objects.get(pk=replaced.pk)
        if not can_be_put_back(row, timezone.now()):
            return False
        holder = Contact.objects.proven().email(row.canonical).filter(brand=customer.brand).exclude(customer=customer)
        if holder.exists():
            raise AddressTaken(_("That address belongs to another account here."))
        t.append(customer.subject, "contact.changed", {"channel": "email", "what": "put_back"})
        ousted = customer.contacts.filter(channel=Contact.Channel.EMAIL).exclude(canonical=row.canonical)
        for address in ousted.values_list("canonical", flat=True):
            enqueue("accounts.tell_ousted", {"customer": customer.pk, "sealed": seal({"to": address})})
        customer.contacts.filter(channel=Contact.Channel.EMAIL).delete()
        prove_contact(customer, row.canonical)
        _sign_in_address(customer, row.canonical)
        _forget_ways_in(customer, row.replaced_at - SHORTLY_BEFORE)
        halt(t, customer)
        end_sessions(t, customer)
        # Whoever came later cannot close the way of whoever was there before.
        ReplacedAddress.objects.filter(Q(pk=row.pk) | Q(customer=customer, replaced_at__gt=row.replaced_at)).update(
            put_back_at=timezone.now()
        )
    return True


def can_be_put_back(replaced: ReplacedAddress, now: datetime) -> bool:
    return replaced.put_back_at is None and replaced.replaced_at + settings.PUT_BACK_VALID > now


def _forget_ways_in(customer: Customer, since: datetime) -> None:
    made_here = Q(user=customer.person_id, made_at__brand=customer.brand_id, created_at__gte=since)
    Authenticator.objects.filter(made_here).delete()
    OpenIdLink.objects.filter(customer=customer, made_at__gte=since).delete()


def _sign_in_address(customer: Customer, canonical: str) -> None:
    """The sign-in follows, unless another brand's customer signs in with it: then the contact alone opens this brand."""
    person = customer.person
    if person is None or Person.objects.filter(email=canonical).exists():
        return
    EmailAddress.objects.filter(user=person, email=person.email).delete()
    EmailAddress.objects.create(user=person, email=canonical, verified=True, primary=True)
    person.email = canonical
    person.save(update_fields=["email"])
