from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from jobs.actions import enqueue_daily, run_due
from ledger.proving import prove
from notifications.sending.loop import send_all
from propagation.webhooks.sending import deliver_all


class Command(BaseCommand):
    help = "Does by hand, once, what the background worker does all the time: jobs, positions, seals, followers, partners, mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", metavar="TIME", help="as if it were this time (ISO 8601); in the demo only")

    def handle(self, *args: Any, at: str | None, **options: Any) -> None:
        now = self._moment(at) if at else timezone.now()
        made = enqueue_daily(now)
        done = run_due(max(now, timezone.now()))
        proven = prove()
        done += run_due(max(now, timezone.now()))  # what the followers have just asked for
        told = deliver_all(now)
        sent = send_all()
        self.stdout.write(f"{made} daily jobs made, {done} jobs done, {proven} entries given a position, {sent} mails sent.")
        self.stdout.write(f"{told} events taken by partners.")

    def _moment(self, at: str) -> datetime:
        if not settings.DEMO:
            raise CommandError("--at works in the demo only.")
        moment = parse_datetime(at)
        if moment is None:
            raise CommandError("--at is a time like 2027-03-01T00:00:00Z.")
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
