"""When somebody may have got into an account: what leaves it waits. Read from the ledger, where each change of a way in stands anyway."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from accounts.assurance import Level, Proof
from accounts.models import Customer
from ledger.models import Entry
from ledger.turns import Turn

AT_THE_START = timedelta(hours=1)  # after an account is made: what is set up then came with it
NEW_FACTOR = ("passkey_added", "authenticator_added", "recovery_codes_made")


def held_until(customer: Customer, now: datetime) -> datetime | None:
    """Until when no copy leaves and nothing is deleted: HOLD_AFTER_CHANGE after the address changed, HOLD_AFTER_NOT_ME after somebody
    said “this was not me”. None: nothing holds."""
    ends = [
        _last(customer, "contact.changed", settings.HOLD_AFTER_CHANGE),
        _last(customer, "account.halted", settings.HOLD_AFTER_NOT_ME),
    ]
    latest = max((end for end in ends if end is not None), default=None)
    return latest if latest is not None and latest > now else None


def has_new_factor(customer: Customer, now: datetime) -> bool:
    """A passkey or an app that was added a short while ago proves no more than the mailbox it was added with."""
    since = max(now - settings.HOLD_AFTER_CHANGE, customer.created_at + AT_THE_START)
    entries = Entry.objects.of(customer.subject).filter(kind="sign_in.changed", recorded_at__gt=since, payload__isnull=False)
    return any(entry.act["what"] in NEW_FACTOR for entry in entries)


def worth(customer: Customer, proof: Proof, now: datetime) -> Proof:
    """The proof as far as it can be relied on for what leaves: with a factor that is new, a mailbox and no more."""
    if proof.level == Level.IV3 and has_new_factor(customer, now):
        return Proof(Level.IV3W, proof.method)
    return proof


def halt(this: Turn, customer: Customer, why: str = "not_me") -> Entry:
    """Somebody who reads the mail of this customer says that it was not they, or ("desk") told a colleague of ours. Inside a turn of the
    customer."""
    return this.append(customer.subject, "account.halted", {"why": why})


def _last(customer: Customer, kind: str, lasts: timedelta) -> datetime | None:
    last: datetime | None = Entry.objects.of(customer.subject).filter(kind=kind).aggregate(last=Max("recorded_at"))["last"]
    return last + lasts if last else None
