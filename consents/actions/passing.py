"""Who has to hear of a choice, that they were told, and that they confirmed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from consents.models import Passing
from ledger.models import Entry
from ledger.turns import turn


def note_passing(rows: Iterable[Passing]) -> None:
    """These recipients have to hear of it. Twice is once."""
    Passing.objects.bulk_create(rows, ignore_conflicts=True)


def note_passed_on(entry: int, recipient: str, at: datetime) -> int:
    """The recipient has taken the news of this entry; the first time counts. Returns how many rows say so now that did not."""
    return Passing.objects.filter(entry=entry, recipient=recipient, told_at=None).update(told_at=at)


def note_confirmed(entry: int, recipient: str, outcome: str, *, by: str, note: str = "", evidence: str | None = None) -> Entry | None:
    """The recipient says that it has done what it had to: an entry in the person's record, and the rows of it. None where it had said so
    already, or where nobody is to hear of it any more: the person is gone."""
    rows = list(Passing.objects.filter(entry=entry, recipient=recipient).select_related("customer__brand"))
    if not rows:
        return None
    customer = rows[0].customer
    with turn(customer.subject, brand=customer.brand.key, actor=by) as this:
        waiting = Passing.objects.filter(entry=entry, recipient=recipient, confirmed_at=None)
        if not waiting.exists():
            return None
        about = Entry.objects.values_list("public_id", flat=True).get(pk=entry)
        act = {"recipient": recipient, "name": rows[0].name, "about": str(about), "outcome": outcome, "evidence": evidence}
        key = hashlib.sha256(f"confirmed|{entry}|{recipient}".encode()).hexdigest()
        confirmed = this.append(customer.subject, "recipient.confirmed", act, key=key)
        waiting.filter(told_at=None).update(told_at=timezone.now())  # told by telephone, or before the answer was read
        waiting.update(confirmed_at=confirmed.recorded_at, outcome=outcome, note=note)
    return confirmed
