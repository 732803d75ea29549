"""Background work that belongs to the installation as a whole."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils import timezone

from jobs.handlers import Work, daily, handler
from ledger.checking import Report, verify
from ledger.models import Verification


@daily("preference_center.forget_pages", at_hour=4)
def forget_pages(work: Work) -> None:
    """SQLite overwrites what is deleted, but its write-ahead log holds the pages as they were until it is emptied."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


EVERY = 20_000  # entries between two notes of how far it is


class Watched(Report):
    """Notes how far the reading is, so that it can be seen, and so that nobody else begins it anew."""

    def __init__(self, work: Work, verification: Verification) -> None:
        super().__init__()
        self._work, self._verification = work, verification

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "entries" and value and value % EVERY == 0:
            with self._work.chunk(done=value, cursor={}):
                Verification.objects.filter(pk=self._verification.pk).update(entries=value)


@handler("desk.verify_ledger")
def verify_ledger(work: Work) -> None:
    """The whole ledger from the first entry. Its outcome is kept, the first fault by name."""
    verification = Verification.objects.get(pk=work.payload["verification"])
    report = Watched(work, verification)
    faults, first = 0, ""
    for fault in verify(report):
        faults, first = faults + 1, first or str(fault)[:300]
    with work.finishing():
        ended = {"entries": report.entries, "faults": faults, "first_fault": first, "ended_at": timezone.now()}
        Verification.objects.filter(pk=verification.pk).update(**ended)
