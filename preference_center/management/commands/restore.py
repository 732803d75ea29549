from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preference_center.backups.making import BackupError
from preference_center.backups.restoring import Restored, nobody_else, restore, take_up


class Command(BaseCommand):
    help = "Puts a backup in place and applies what was withdrawn and erased since, before a page is served. Stop everything else first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE.pcb")
        parser.add_argument("--in-place", action="store_true", help="the database was put in place by other means: apply what came since")

    def handle(self, *args: Any, file: Path | None, in_place: bool, **options: Any) -> None:
        if (file is None) != in_place:
            raise CommandError("Name the file of a backup, or say --in-place.")
        began = time.monotonic()
        try:
            if file is None:
                nobody_else()
            restored = restore(file) if file else take_up()
        except BackupError as error:
            raise CommandError(str(error)) from error
        for line in told(restored):
            self.stdout.write(line)
        self.stdout.write(f"Done in {time.monotonic() - began:.1f} s. Look at the campaigns before you let them go on.")


def told(restored: Restored) -> list[str]:
    """For whoever restores: what stands again, and what may be lost."""
    done, sheet = restored.replayed, restored.sheet
    stands = f"at position {restored.restart.position}"
    if sheet is not None:
        stands = f"as of {sheet.made_at}, position {sheet.position} of epoch {sheet.epoch}"
    lines = [
        f"The database stands {stands}; epoch {restored.restart.epoch} begins.",
        f"Applied again: {done.withdrawals} withdrawals, {done.pauses} pauses, {done.erasures} erasures.",
        f"Ended again: {done.guardianships} guardianships.",
        f"Of the journal {done.known} lines were in the backup, {done.stood} stood so anyway, {done.unknown} are of people it has not.",
        f"{restored.campaigns} campaigns are paused.",
    ]
    if restored.newest_seal is not None:
        at = restored.newest_line["recorded_at"] if restored.newest_line else "never"
        newest = f"{restored.newest_seal['position']} ({restored.newest_seal['signed_at']})"
        lines.append(f"Newest seal {newest}, newest line of the journal {at}: up to {restored.lost} newer acts may be lost.")
    return lines + [f"To be done by hand: {each}" for each in done.by_hand]
