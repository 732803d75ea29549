"""The ledger follower that draws the consequences of an end: what a guardian allowed lapses, and who is deleted guards nobody."""

from __future__ import annotations

from typing import ClassVar

from jobs.actions import enqueue
from ledger.followers import Follower
from ledger.models import Entry


class Families(Follower):
    """It takes no turn of its own, which could wait for others' in the wrong order: each consequence is a job."""

    name: ClassVar[str] = "families"
    from_start: ClassVar[bool] = True

    def handle(self, entry: Entry, position: int) -> None:
        act = entry.act
        if entry.kind == "guardianship.ended" and act and act["child"] == entry.subject:
            enqueue("guardians.lapse", {"child": act["child"], "party": act["guardian"]}, once=f"lapse:{entry.pk}")
        elif entry.kind == "person.erased":
            enqueue("guardians.end_of_erased", {"subject": entry.subject}, once=f"end_of_erased:{entry.pk}")
