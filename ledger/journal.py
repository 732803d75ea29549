"""The journal: every reduction and erasure, in files outside the database, seconds after. What a restored backup must apply again.

It holds references and no address. A line may be repeated (the cursor is saved after fsync); whoever reads it goes by commitment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import Any

from django.conf import settings

from ledger.canonical import timestamp
from ledger.followers import Follower, follow
from ledger.models import Entry, Log

REDUCED = frozenset({"refused", "withdrawn", "objected", "opted_out"})


def reduces(kind: str, act: dict[str, Any]) -> bool:
    """Whether forgetting this entry would let more happen with somebody's data."""
    if kind == "choice.decided":
        return act["state"] in REDUCED
    if kind in {"scope.changed", "restriction.changed"}:
        return bool(act["state"] == "on")
    return kind in {"guardianship.ended", "person.erased"} or (kind == "tombstone" and act["reason"] == "erasure")


class Journal(Follower):
    name = "journal"
    from_start = True
    per_person = True

    def __init__(self) -> None:
        self._lines: list[tuple[str, str]] = []

    def handle(self, entry: Entry, position: int) -> None:
        act = entry.act
        if act and reduces(entry.kind, act):
            month = entry.recorded_at.astimezone(UTC).strftime("%Y-%m")
            self._lines.append((month, self._line(entry, act, position)))

    def _line(self, entry: Entry, act: dict[str, Any], position: int) -> str:
        about = {name: act.get(name) for name in ("purpose", "channel", "party", "scope", "state", "request")}
        about["party"] = about["party"] or act.get("guardian")  # whose guardianship has ended
        line = about | {
            "epoch": Log.objects.values_list("epoch", flat=True).get(pk=1), "position": position, "kind": entry.kind,
            "recorded_at": timestamp(entry.recorded_at), "brand": entry.brand, "subject": entry.subject, "commitment": entry.commitment,
        }  # fmt: skip
        return json.dumps(line, sort_keys=True, separators=(",", ":"))

    def flush(self) -> None:
        # Taken away first: if writing fails the cursor stays, and the same entries come again.
        gathered, self._lines = self._lines, []
        by_month: dict[str, list[str]] = {}
        for month, line in gathered:
            by_month.setdefault(month, []).append(line)
        for month, lines in by_month.items():
            path = Path(settings.PROOF_DIR) / f"journal-{month}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("ab") as file:
                # A torn line of a crash stays, ended here, and is skipped by whoever reads.
                lead = "\n" if _torn(path) else ""
                file.write((lead + "".join(f"{line}\n" for line in lines)).encode())
                file.flush()
                os.fsync(file.fileno())


def read() -> Iterator[dict[str, Any]]:
    """Every line there is, oldest file first. A line that a crash tore is skipped: what it says comes again."""
    for path in sorted(Path(settings.PROOF_DIR).glob("journal-*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                with suppress(ValueError):
                    yield json.loads(line)


def _torn(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


follow(Journal())
