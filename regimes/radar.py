"""What in the law wants somebody's attention: what begins or ends soon, what was replaced, what nobody has confirmed, what is proposed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from regimes import documents
from regimes.confirmations import Unsure, unconfirmed
from regimes.law import law
from regimes.minors import MINOR_RULES
from regimes.models import RegimeVersion

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, order=True)
class Coming:
    """`what`: "begins", "ends" (the last day), or the part of the law that begins."""

    on: date
    key: str
    what: str


@dataclass(frozen=True)
class Superseded:
    key: str
    on: date
    was: str  # sha256 of the document that was replaced
    now: str  # of the one held


@dataclass(frozen=True)
class PendingAge:
    country: str
    age: int | None
    proposed: int | str
    instrument: str


@dataclass(frozen=True)
class Radar:
    since: date
    until: date
    coming: list[Coming]
    superseded: list[Superseded]
    unconfirmed: list[Unsure]
    pending_ages: list[PendingAge]

    def as_json(self) -> dict[str, Any]:
        """Dates as ISO text, values in full."""
        said = asdict(self)
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "coming": [{**each, "on": each["on"].isoformat()} for each in said["coming"]],
            "superseded": [{**each, "on": each["on"].isoformat()} for each in said["superseded"]],
            "unconfirmed": said["unconfirmed"],
            "pending_ages": said["pending_ages"],
        }


def radar(today: date, days: int) -> Radar:
    """Ahead: what begins or ends from today on within `days`. Behind: what was replaced within as many. Three queries at most."""
    since, until = today - timedelta(days=days), today + timedelta(days=days)
    return Radar(
        since=since,
        until=until,
        coming=sorted({each for each in _dates() if today <= each.on <= until}),
        superseded=list(_superseded(since)),
        unconfirmed=unconfirmed(),
        pending_ages=list(_pending()),
    )


def _dates() -> Iterator[Coming]:
    for key, document in law().documents.items():
        if key != documents.COMMON:
            for entry in document:
                yield from _of_entry(key, entry)
    for rule in MINOR_RULES:
        yield Coming(rule.effective_from, rule.regime, f"minors in {rule.code}, below {rule.below}")


def _of_entry(key: str, entry: dict[str, Any]) -> Iterator[Coming]:
    for field, what in (("effective_from", "begins"), ("effective_to", "ends")):
        if entry.get(field):
            yield Coming(date.fromisoformat(entry[field]), key, what)
    for part, said in (entry.get("amended_from") or {}).items():
        # Some dates come with a word beside them: "2027-01-31 (delayed)".
        if found := DATE.match(str(said)):
            yield Coming(date.fromisoformat(found[0]), key, f"{part} begins")
    for kind, period in (entry.get("deadlines") or {}).items():
        if isinstance(period, dict) and period.get("in_force_from"):
            yield Coming(date.fromisoformat(period["in_force_from"]), key, f"deadlines.{kind} begins")


def _superseded(since: date) -> Iterator[Superseded]:
    begun = timezone.make_aware(datetime.combine(since, time.min))
    replaced = RegimeVersion.objects.filter(superseded_at__gte=begun).order_by("-superseded_at", "key")
    held = dict(RegimeVersion.objects.current().values_list("key", "sha256"))
    for key, was, at in replaced.values_list("key", "sha256", "superseded_at"):
        assert at is not None
        yield Superseded(key, timezone.localdate(at), was, held.get(key, ""))


def _pending() -> Iterator[PendingAge]:
    for key, document in sorted(law().documents.items()):
        if key.startswith(documents.AGE):
            for row in document:
                if said := row.get("pending"):
                    yield PendingAge(row["country"], row.get("age"), said.get("age"), said.get("instrument") or "")
