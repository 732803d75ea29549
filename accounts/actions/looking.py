"""Somebody at the desk looks at a customer. Each look is an entry of the customer's own record, with the reason, which they can read."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from accounts.models import Customer
from brands.models import Brand
from ledger.models import Entry
from ledger.turns import turn

# Why somebody looks: as the colleague chooses it and the customer reads it.
REASONS = {
    "called": gettext_noop("you called or wrote to us"),
    "request": gettext_noop("to work on a request of yours"),
    "family": gettext_noop("to check who decides for a child"),
    "fault": gettext_noop("to look into a fault"),
    "abuse": gettext_noop("to look into a suspected misuse"),
    "authority": gettext_noop("an authority asked us to"),
    "other": gettext_noop("for another reason"),
}
RECORD, ANSWERS = "record", "answers"
LONGEST_NOTE = 200  # letters


class NoReason(ValueError):
    """A look without a reason, or “another” without saying which."""


def look(customer: Customer, *, by: str, reason: str, note: str = "", what: str = RECORD) -> Entry:
    """`by`: "staff:<reference>"; `reason`: one of REASONS; `note`: in the colleague's words, read by the customer; `what`: RECORD or
    ANSWERS. Raises NoReason."""
    note = note.strip()
    if reason not in REASONS or (reason == "other" and not note) or len(note) > LONGEST_NOTE:
        raise NoReason(reason)
    with turn(customer.subject, brand=customer.brand.key, actor=by) as this:
        return this.append(customer.subject, "record.looked_at", {"what": what, "reason": reason, "note": note})


def viewed(brand: Brand, *, by: str, page: str) -> Entry:
    """A page of the desk was opened: its name, and nothing of what stood on it. Of a customer's record see `look`."""
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        return this.append(brand.subject, "desk.viewed", {"page": page})


def taken_away(subject: str, brand: Brand, *, by: str, what: str) -> Entry:
    """Something left the desk as a file: `what` is "proof" of the person whose `subject` it is, or a report of the brand."""
    with turn(subject, brand=brand.key, actor=by) as this:
        return this.append(subject, "desk.taken_away", {"what": what})


def searched(brand: Brand, *, by: str, kind: str, found: int) -> Entry:
    """Somebody was looked for: by what kind of mark and how many were found, never by which."""
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        return this.append(brand.subject, "desk.searched", {"by": kind, "found": found})
