"""Where mail to somebody goes, and whether it is in vain there: of one person in Python, and of many in SQL, which must say the same."""

from __future__ import annotations

from django.db.models import F

from accounts.models import Contact, Customer
from notifications.models import Undeliverable

# Of the alias c (accounts_customer); the address is k, null where there is none.
NEWEST = (
    "LEFT JOIN accounts_contact k ON k.id = (SELECT a.id FROM accounts_contact a WHERE a.customer_id = c.id AND a.channel = 'email'"
    " ORDER BY (a.proven_at IS NULL), a.proven_at DESC, a.id DESC LIMIT 1)"
)
IN_VAIN = (
    "EXISTS (SELECT 1 FROM notifications_undeliverable u WHERE u.contact_id = k.id AND u.reason = 'hard'"
    " AND NOT COALESCE(k.proven_at > u.since, FALSE))"
)


def newest(customer: Customer) -> Contact | None:
    """The address proven last, else the one the brand's records have."""
    mine = customer.contacts.filter(channel=Contact.Channel.EMAIL)
    return mine.order_by(F("proven_at").desc(nulls_last=True), "-pk").first()


def in_vain(contact: Contact) -> bool:
    """Whether service mail to it is in vain. A complaint stops marketing alone."""
    found = Undeliverable.objects.filter(contact=contact, reason=Undeliverable.Reason.HARD).first()
    return found is not None and not (contact.proven_at is not None and contact.proven_at > found.since)


def unwanted(contact: Contact) -> bool:
    """Whether somebody there called mail of ours spam."""
    return Undeliverable.objects.filter(contact=contact, reason=Undeliverable.Reason.COMPLAINT).exists()
