"""Background work that belongs to the installation as a whole."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from jobs.handlers import Work, daily, handler
from ledger.checking import Report, verify
from ledger.models import Verification
from ledger.progress import beside


@daily("preference_center.forget_pages", at_hour=4)
def forget_pages(work: Work) -> None:
    """SQLite overwrites what is deleted, but its write-ahead log holds the pages as they were until it is emptied."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


BEAT = 5.0  # seconds, well within the lease of a job: whoever waits sees it move


@handler("desk.verify_ledger")
def verify_ledger(work: Work) -> None:
    """The whole ledger from the first entry. Its outcome is kept, the first fault by name."""
    verification = Verification.objects.get(pk=work.payload["verification"])
    report, faults, first = Report(), 0, ""
    # The connection of that thread, which is another one: hence the lambda.
    with beside(lambda: work.renew(done=report.read), BEAT, last=lambda: connection.close()):
        for fault in verify(report):
            faults, first = faults + 1, first or str(fault)[:300]
    with work.finishing():
        ended = {"entries": report.entries, "faults": faults, "first_fault": first, "ended_at": timezone.now()}
        Verification.objects.filter(pk=verification.pk).update(**ended)
