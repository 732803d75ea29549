from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from preference_center.backups.making import BackupError, back_up, read_sheet, sheet_of


class Command(BaseCommand):
    help = "Writes the whole database into one encrypted file, while everything goes on. Keep ENCRYPTION_KEYS elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="default: backups in the data folder")
        parser.add_argument("--keep", type=int, metavar="N", help="delete all but the newest N backups of the folder afterwards")

    def handle(self, *args: Any, folder: Path | None, keep: int | None, **options: Any) -> None:
        folder = folder or Path(settings.DATA_DIR) / "backups"
        try:
            path = back_up(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        sheet = read_sheet(path)
        self.stdout.write(f"{path}: {sheet.size} bytes, up to position {sheet.position} of epoch {sheet.epoch}.")
        if keep:
            for old in sorted(folder.glob("center-*.pcb"))[:-keep]:
                old.unlink()
                sheet_of(old).unlink(missing_ok=True)
