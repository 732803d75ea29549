"""Followers of the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ledger.followers import Follower
from ledger.models import Entry, EntryParty

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Table(Follower):
    """One row of its own per entry, unique by entry."""

    name = "table"
    from_start = True

    def __init__(self) -> None:
        self.failing: set[Any] = set()
        self.seen: list[Any] = []

    def handle(self, entry: Entry, position: int) -> None:
        EntryParty.objects.create(entry=entry.id, subject=entry.subject, role=self.name)
        self.seen.append(entry.act["what"])
        if entry.act["what"] in self.failing:
            raise ConnectionError(f"no {entry.act['what']} today")


class InOrder(Table):
    name = "in order"
    per_person = True


def followed(follower: Follower) -> list[int]:
    return list(EntryParty.objects.filter(role=follower.name).order_by("entry").values_list("entry", flat=True))


def handled(follower: Table) -> list[Any]:
    """What it was given since the last look, in order."""
    seen, follower.seen = follower.seen, []
    return seen
