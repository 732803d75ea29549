from __future__ import annotations

from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import checking
from ledger.models import Log
from ledger.progress import watched


class Command(BaseCommand):
    help = "Recomputes chains, seals, tombstones and projections, and names the first entry or seal that does not fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", type=int, default=0, metavar="POSITION", help="only what came after this sealed position")
        parser.add_argument("--all", action="store_true", help="name every fault, not only the first")

    def handle(self, *args: Any, **options: Any) -> None:
        report = checking.Report()
        found = checking.verify(report, after=options["after"])
        with watched(self.stderr, lambda: report.read, 2 * (Log.objects.get(pk=1).position - options["after"])):
            faults = list(found if options["all"] else islice(found, 1))
        if faults:
            raise CommandError("\n".join(str(fault) for fault in faults))
        self.stdout.write(
            f"{report.entries} entries of {report.subjects} subjects, {report.seals} seals, {report.emptied} emptied: everything fits."
        )
