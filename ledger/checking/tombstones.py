"""Empty payloads, Emptied rows and the ranges of tombstones are the same entries, each once; and each was allowed to go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ledger import emptying
from ledger.checking.report import Fault, Report
from ledger.checking.rows import parsed
from ledger.kinds import Period
from ledger.models import Emptied, Entry

AT_ONCE = 500
# The shortest period after which any proof may go: the request log's 24 months.
PROOF_AT_LEAST = timedelta(days=730)

Erased = Callable[[set[str]], set[str]]
# Which of these subjects have nobody behind them any more: the app that knows people says so.
_erased: list[Erased] = []


def register_erased(erased: Erased) -> None:
    _erased[:] = [erased]


def faults(report: Report) -> Iterator[Fault]:
    covered = Emptied.objects.filter(entry=OuterRef("id"))
    bare = Entry.objects.filter(~Exists(covered), payload=None).order_by("id")
    for public_id in bare.values_list("public_id", flat=True).iterator(AT_ONCE):
        yield Fault(f"entry {public_id}", "it is empty and no tombstone covers it")
    for tombstone in Entry.objects.filter(kind="tombstone").order_by("id").iterator(AT_ONCE):
        yield from _covers(tombstone, report)
    known = Entry.objects.filter(kind="tombstone", id=OuterRef("tombstone"))
    for row in Emptied.objects.filter(~Exists(known)).order_by("entry")[:10]:
        yield Fault(f"entry number {row.entry}", "it was emptied under a tombstone that does not exist")


def _covers(tombstone: Entry, report: Report) -> Iterator[Fault]:
    where = f"entry {tombstone.public_id}"
    act = parsed(tombstone.payload)
    rows = Emptied.objects.filter(tombstone=tombstone.id)
    covered = list(Entry.objects.filter(id__in=rows.values("entry")).order_by("seq"))
    report.emptied += len(covered)
    if any(entry.subject != tombstone.subject or entry.payload is not None for entry in covered) or rows.count() != len(covered):
        yield Fault(where, "the tombstone covers an entry that is not empty, or not of its subject")
    ranges = [list(pair) for pair in emptying.ranges([entry.seq for entry in covered])]
    if not covered or (act.get("ranges"), act.get("count")) != (ranges, len(covered)):
        yield Fault(where, "the tombstone's ranges are not the entries that were emptied under it")
    elif act.get("sha256") != emptying.covered(entry.commitment for entry in covered):
        yield Fault(where, "the tombstone's hash is not that of the entries it covers")
    yield from _was_allowed(tombstone, act.get("reason"), covered)


def _was_allowed(tombstone: Entry, reason: Any, covered: list[Entry]) -> Iterator[Fault]:
    where = f"entry {tombstone.public_id}"
    if reason == emptying.Reason.ERASURE:
        if _erased and tombstone.subject not in _erased[0]({tombstone.subject}):
            yield Fault(where, "the tombstone says erasure, but the person is still here")
    elif reason != emptying.Reason.PERIOD:
        yield Fault(where, "the tombstone gives no reason")
    # A tombstone dated ahead makes no period pass.
    passed = min(tombstone.recorded_at, timezone.now()) - PROOF_AT_LEAST
    for entry in covered:
        public = emptying.period_of(entry) is Period.PUBLIC
        if public or (reason == emptying.Reason.PERIOD and entry.recorded_at > passed):
            yield Fault(where, f"the tombstone covers {entry.kind} before its period had passed")
            return
