"""What has changed since a position, for whoever asks instead of being called: the same events, in the order of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import Customer
from ledger.canonical import timestamp
from ledger.models import Entry, Position
from propagation.follower import event_for, thin
from propagation.models import Partner
from propagation.verbs import EVERY_PURPOSE
from propagation.webhooks import events
from propagation.webhooks.concerned import READERS, Confirm, news_of

AT_MOST = 1000  # events in one answer
LOOKED_AT = 5000  # positions that one call reads at most: most entries are nobody else's business


@dataclass(frozen=True)
class Changes:
    events: list[dict[str, Any]]
    next: int
    more: bool
    people: int


def changes_since(partner: Partner, purposes: frozenset[str], after: int, limit: int) -> Changes:
    """`next` moves on where nothing was of interest, too."""
    positions = list(Position.objects.filter(position__gt=after).order_by("position").values_list("position", "entry")[:LOOKED_AT])
    of_interest = Entry.objects.filter(
        pk__in=[entry for _, entry in positions], brand=partner.brand.key, kind__in=tuple(READERS)
    ).readable()
    entries = of_interest.in_bulk()
    subjects = {entry.subject for entry in entries.values()}
    customers = {each.subject: each for each in Customer.objects.filter(subject__in=subjects).select_related("brand")}
    found: list[dict[str, Any]] = []
    newest = after
    for position, number in positions:
        entry = entries.get(number)
        if entry is not None:
            if len(found) >= limit:
                return Changes(found, newest, True, len(subjects))
            found += _events(entry, position, customers.get(entry.subject), partner, purposes)
        newest = position
    return Changes(found, newest, len(positions) == LOOKED_AT, len(subjects))


def _events(entry: Entry, position: int, customer: Customer | None, partner: Partner, purposes: frozenset[str]) -> list[dict[str, Any]]:
    found = []
    for news in news_of(entry, position, customer, partner.brand):
        if not news.concerns(partner):
            continue
        event = event_for(partner, entry, customer, news, Confirm())
        if isinstance(event, events.ScopeChanged) and EVERY_PURPOSE not in purposes:
            event = event.model_copy(update={"purposes": [key for key in event.purposes if key in purposes]})
        purpose = getattr(event, "purpose", None)
        if purpose is None or EVERY_PURPOSE in purposes or purpose in purposes:
            found.append(events.envelope(thin(event), timestamp(entry.recorded_at)))
    return found
