"""Many decisions of one turn: what is known of all of them is read at once, and their rows are written at once, before it ends.

It stands in for consents/rows.py; tests/test_ahead.py holds the two against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from accounts.models import Customer
from consents.models import Choice, Shown
from consents.rows import FIELDS, Read
from consents.states import SCOPE_COLUMN, How
from ledger.models import Entry

EARLIER_SYSTEM = frozenset({How.IMPORT.value, How.API.value})  # whose words may have been spoken before they were recorded


class Ahead:
    """Of people whose chains the turn has locked. `keys` and `shown`: the idempotency keys and hashes of wordings that will be asked about.
    Nothing is in the table before flush()."""

    def __init__(self, people: Iterable[Customer], purposes: Iterable[str], keys: Iterable[str], shown: Iterable[str]) -> None:
        by_key = {customer.pk: customer for customer in people}
        self._choices: dict[tuple[int, str, str], dict[str, Choice]] = defaultdict(dict)
        for choice in Choice.objects.filter(customer__in=by_key, purpose__in=set(purposes)):
            choice.customer = by_key[choice.customer_id]
            self._choices[choice.customer_id, choice.purpose, choice.party][choice.channel] = choice
        standing = Customer.objects.filter(pk__in=by_key).values_list("pk", *SCOPE_COLUMN.values())
        self._scopes = {
            pk: [(scope, seq) for scope, seq in zip(SCOPE_COLUMN, seqs, strict=True) if seq is not None] for pk, *seqs in standing
        }
        subjects = [customer.subject for customer in by_key.values()]
        known = Entry.objects.filter(subject__in=subjects, idempotency_key__in=set(keys))
        self._keys = set(known.values_list("subject", "idempotency_key"))
        self._shown = set(Shown.objects.filter(pk__in=set(shown)).values_list("pk", flat=True))
        self._changed: dict[tuple[int, str, str, str], Choice] = {}

    def read(self, customer: Customer, purpose: str, channel: str, party: str, *, key: str | None, shown: str | None) -> Read:
        mine = self._choices[customer.pk, purpose, party]
        here = {each: mine[each] for each in {channel, ""} & mine.keys()}
        return Read(here, self._scopes[customer.pk], (customer.subject, key) in self._keys, shown in self._shown)

    def write(self, customer: Customer, purpose: str, channel: str, party: str, entry: Entry, values: dict[str, Any]) -> Choice:
        values = {**values, "seq": entry.seq, "entry": entry.id, "receipt": entry.public_id, "recorded_at": entry.recorded_at}
        choice = Choice(customer=customer, purpose=purpose, channel=channel, party=party, **values)
        self._choices[customer.pk, purpose, party][channel] = self._changed[customer.pk, purpose, channel, party] = choice
        return choice

    def appended(self, customer: Customer, key: str | None, shown: str | None) -> None:
        """What has become known within the turn."""
        if key is not None:
            self._keys.add((customer.subject, key))
        if shown is not None:
            self._shown.add(shown)

    def flush(self) -> None:
        Choice.objects.bulk_create(
            self._changed.values(), update_conflicts=True, update_fields=FIELDS, unique_fields=["customer", "purpose", "channel", "party"]
        )
        self._changed.clear()
