from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from brands.models import Brand
from jobs.actions import run
from jobs.models import Job
from ledger.progress import watched
from propagation.importing.mapping import Setting
from propagation.importing.presets import NoPreset, presets
from propagation.importing.running import carry_out, receive
from propagation.models import Import

PIECE = 64 * 1024
BY = "system:import_consents"


class Command(BaseCommand):
    help = "Imports choices from an earlier system: looks first and says what would become of each line; with --apply for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--brand", required=True, help="its key")
        parser.add_argument("--preset", default="plain", help=f"what made the file: {', '.join(presets())}")
        parser.add_argument("--purpose", default="", help="what the lines are about, where they do not say it")
        parser.add_argument("--status", default="", help="what the file as a whole is of, where the preset asks: subscribed, …")
        parser.add_argument("--language", default="", help="of the people, where the lines do not say it")
        parser.add_argument("--apply", action="store_true", help="carry it out; the same file twice is once")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write what became of each line there, as CSV")

    def handle(self, *args: Any, file: Path, brand: str, preset: str, apply: bool, report: Path | None, **options: Any) -> None:
        here = Brand.objects.filter(key=brand).first()
        if here is None:
            raise CommandError(f"There is no brand {brand}.")
        setting = Setting(options["purpose"], options["language"], options["status"])
        try:
            looked = receive(here, _pieces(file), preset_key=preset, setting=setting, dry=True, by=BY)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except NoPreset as fault:
            raise CommandError(str(fault)) from fault
        done = self._worked(looked)
        if apply and done.state == Import.State.DRY:
            done = self._worked(carry_out(done, by=BY))
        if done.state == Import.State.FAILED:
            raise CommandError(f"It was stopped: {done.error}.")
        if report is not None:
            _write(done, report)
        said = ", ".join(f"{name}: {count}" for name, count in sorted(done.counts.items()))
        self.stdout.write(f"{done.done} rows {'imported' if not done.dry else 'looked at, nothing was changed'}. {said}")

    def _worked(self, found: Import) -> Import:
        """Here and now, unless a worker has taken it already: then it is waited for by whoever looks at the desk."""
        for job in Job.objects.filter(handler="propagation.import", payload={"run": found.pk}, done_at=None):
            with watched(self.stderr, lambda: _done(found), job.total):
                run(job.pk)
        return Import.objects.get(pk=found.pk)


def _done(found: Import) -> int:
    """Asked from beside the work, on a connection of its own."""
    done = Import.objects.values_list("done", flat=True).get(pk=found.pk)
    if current_thread() is not main_thread():
        connection.close()
    return done


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece


def _write(done: Import, report: Path) -> None:
    with report.open("w", encoding="utf-8") as target:
        target.write("line,outcome,why\n")
        for line, outcome, why in done.lines.values_list("line", "outcome", "why").iterator():
            target.write(f'{line},{outcome},"{why}"\n')
