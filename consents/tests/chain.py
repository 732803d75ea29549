"""Many entries of one person at once, as turns would have written them one by one: for tests of what does not grow with the record."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from uuid_utils.compat import uuid7

from accounts.models import Customer
from ledger.canonical import canonical, commitment, timestamp
from ledger.models import Entry, Head


def sign_ins(customer: Customer, count: int, *, until: datetime, every: timedelta = timedelta(hours=1)) -> list[Entry]:
    """`count` entries of the kind person.signed_in, `every` apart, the newest at `until`."""
    head = Head.objects.get(pk=customer.subject)
    seq, previous = head.seq, head.commitment
    entries = []
    for number in range(count):
        seq += 1
        moment = until - every * (count - 1 - number)
        entry = Entry(
            public_id=uuid7(), subject=customer.subject, seq=seq, kind="person.signed_in", brand=customer.brand.key,
            actor=f"self:{customer.subject}", salt=secrets.token_bytes(32), previous=previous, recorded_at=moment,
        )  # fmt: skip
        payload = canonical(
            {
                "v": 1, "id": str(entry.public_id), "subject": entry.subject, "seq": seq, "previous": previous, "kind": entry.kind,
                "brand": entry.brand, "actor": entry.actor, "recorded_at": timestamp(moment), "how": "code", "browser": f"Browser {seq}",
            }
        )  # fmt: skip
        entry.payload, entry.commitment = payload.decode(), commitment(bytes(entry.salt or b""), payload)
        previous = entry.commitment
        entries.append(entry)
    Entry.objects.bulk_create(entries, batch_size=1000)
    Head.objects.filter(pk=customer.subject).update(seq=seq, commitment=previous, recorded_at=until)
    return entries
