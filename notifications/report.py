"""What became of a campaign: everybody accounted for, how fast it goes, and the proof of each person as lines of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.timesince import timeuntil

from brands.sheets import csv_lines
from consents.models import Choice
from notifications import policy_changes
from notifications.models import Campaign, Message
from notifications.states import OPEN, State

WINDOW = timedelta(seconds=60)  # over which the rate is taken
COLUMNS = {
    "customer": "customer__code", "kind": "kind", "language": "language", "state": "state", "why": "why", "queued_at": "queued_at",
    "started_at": "started_at", "sent_at": "sent_at", "message_id": "message_id", "sha256": "body_sha256", "doubted_at": "doubted_at",
    "bounced_at": "bounced_at", "answer": "answer", "complained_at": "complained_at", "seen_in_center_at": "seen_at", "acted": "acted",
}  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """`counts`: messages by state. `rate`: mails a minute just now. `left`: how long the rest takes at that rate; None: not known."""

    counts: dict[str, int]
    looked_at: int
    doubted: int
    seen: int
    acted: int
    rate: int
    left: timedelta | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def left_in_words(self) -> str:
        return timeuntil(timezone.now() + self.left, timezone.now()) if self.left else ""

    @property
    def done(self) -> int:
        return self.total - self.open


def tally(campaign: Campaign) -> tuple[int, int]:
    """How many are done with, of how many."""
    mine = Message.objects.filter(campaign=campaign)
    found = mine.aggregate(total=Count("pk"), waiting=Count("pk", filter=Q(state__in=OPEN)))
    return found["total"] - found["waiting"], found["total"]


def rate(campaign: Campaign, now: datetime) -> int:
    """Mails in the last minute."""
    return Message.objects.filter(campaign=campaign, state=State.SENT, sent_at__gt=now - WINDOW).count()


def progress(campaign: Campaign, now: datetime | None = None) -> Progress:
    now = now or timezone.now()
    mine = Message.objects.filter(campaign=campaign)
    counts = dict(mine.order_by().values_list("state").annotate(Count("pk")))
    lately = rate(campaign, now)
    more = mine.aggregate(doubted=Count("pk", filter=Q(doubted_at__isnull=False)), seen=Count("pk", filter=Q(seen_at__isnull=False)))
    waiting = sum(counts.get(state, 0) for state in OPEN)
    left = WINDOW * waiting / lately if lately and not campaign.paused_at else None
    return Progress(counts, campaign.looked_at, more["doubted"], more["seen"], mine.filter(acted(campaign)).count(), lately, left)


def acted(campaign: Campaign) -> Exists:
    """Whether the person has decided on one of the uses since they were told."""
    purposes = {key for change in policy_changes.told_by(campaign.version) for key in change.purposes}
    since = Choice.objects.filter(customer=OuterRef("customer"), purpose__in=purposes, recorded_at__gte=OuterRef("queued_at"))
    return Exists(since)


def proof(campaign: Campaign) -> Iterator[str]:
    """Everybody of the campaign, a line each, by their public code, as lines of a CSV file."""
    rows = Message.objects.filter(campaign=campaign).annotate(acted=acted(campaign)).order_by("pk")
    found = rows.values_list(*COLUMNS.values()).iterator(chunk_size=2000)
    return csv_lines(COLUMNS, (map(_cell, row) for row in found))


def _cell(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value)
