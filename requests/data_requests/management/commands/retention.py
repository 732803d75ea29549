from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from data_requests.retention import carry_out, everything_due


class Command(BaseCommand):
    help = "Deletes what has outlived its time, as the daily job does. With --dry-run it counts, and deletes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="what would go, table by table")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            for due in everything_due(timezone.now()):
                self.stdout.write(f"{due.count:>9}  {due.table}  ({due.period})")
            return
        for report in carry_out(timezone.now()):
            self.stdout.write(f"{report.rows:>9}  {report.table}")
