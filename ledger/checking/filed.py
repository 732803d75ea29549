"""The seals of the file outside the database, read beside those of the table: both ascend by position, so that only what the table has not
reached yet is held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ledger.canonical import timestamp
from ledger.checking.report import Fault
from ledger.epochs import is_overtaken, restarts
from ledger.models import Seal
from ledger.sequence import as_line, lines, seal_file

LINE_WRITTEN_WITHIN = timedelta(minutes=1)


class Filed:
    def __init__(self, after: int) -> None:
        self.after = after
        self._newest = after  # position of any line so far
        self._unmet: dict[int, list[dict[str, Any]]] = {}  # a second line about one seal hides nothing: both must fit
        self._there = seal_file().exists()
        self._lines = lines() if self._there else iter(())
        self._restarts = restarts()

    def missing(self) -> Iterator[Fault]:
        if not self._there and Seal.objects.exists():
            yield Fault("seal file", "it is missing")

    def fits(self, seal: Seal) -> Iterator[Fault]:
        """What the file says of the next seal of the table."""
        while self._newest <= seal.position and (line := next(self._lines, None)):
            yield from self._take(*line)
        found = self._unmet.pop(seal.position, [])
        if any(line != json.loads(as_line(seal)) for line in found):
            yield Fault(f"seal {seal.position}", "the file outside the database says otherwise")
        elif not found and not self._on_its_way(seal):
            yield Fault(f"seal {seal.position}", "the file outside the database lacks it")

    def rest(self) -> Iterator[Fault]:
        """What no seal of the table has met: lines about seals that are gone, out of order, or written meanwhile."""
        yield from self._unmet_fit()
        for line in self._lines:
            yield from self._take(*line)
            yield from self._unmet_fit()

    def _take(self, number: int, seal: dict[str, Any] | None) -> Iterator[Fault]:
        if seal is None:
            yield Fault("seal file", f"line {number} is not a seal")
        elif seal["position"] > self.after and not is_overtaken(seal, self._restarts):
            self._unmet.setdefault(seal["position"], []).append(seal)
            self._newest = max(self._newest, seal["position"])

    def _unmet_fit(self) -> Iterator[Fault]:
        for position in sorted(self._unmet):
            seal = Seal.objects.filter(position=position).first()
            if seal is None:
                yield Fault(f"seal {position}", "the file outside the database has it, the database does not: entries were cut off")
            elif any(line != json.loads(as_line(seal)) for line in self._unmet[position]):
                yield Fault(f"seal {position}", "the file outside the database says otherwise")
        self._unmet.clear()

    def _on_its_way(self, seal: Seal) -> bool:
        """The line is written right after the commit. It may not be there yet if none after it is either."""
        return seal.position > self._newest and timestamp(timezone.now() - LINE_WRITTEN_WITHIN) < seal.signed_at
