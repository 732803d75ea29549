from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimes.actions import SHIPPED, load
from regimes.documents import BadLaw


class Command(BaseCommand):
    help = "Loads the law (deadlines, ages, consent models) from a JSON file; without FILE, the one that ships with this version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", type=Path, default=SHIPPED)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load(path=options["file"], by="system:load_regimes")
        except BadLaw as error:
            raise CommandError("The law was not loaded.\n" + "\n".join(error.problems)) from error
        for word, keys in (("new", loaded.new), ("changed", loaded.changed), ("not in the file, kept", loaded.absent)):
            if keys:
                self.stdout.write(f"{word}: {', '.join(keys)}")
        self.stdout.write(f"{len(loaded.new)} new, {len(loaded.changed)} changed, {len(loaded.unchanged)} unchanged.")
        if loaded.new or loaded.changed:
            self.stdout.write("Restart the web processes and the workers: those running still hold the law they started with.")
