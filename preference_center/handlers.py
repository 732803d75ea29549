"""Background work that belongs to the installation as a whole."""

from __future__ import annotations

from django.db import connection

from jobs.handlers import Work, daily


@daily("preference_center.forget_pages", at_hour=4)
def forget_pages(work: Work) -> None:
    """SQLite overwrites what is deleted, but its write-ahead log holds the pages as they were until it is emptied."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
