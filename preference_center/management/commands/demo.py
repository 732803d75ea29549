from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from brands.models import Brand
from ledger.progress import progress_in
from preference_center.demo import story
from preference_center.demo.cast import LINDEN
from preference_center.demo.town import build
from preference_center.in_use import InUse, alone


class Command(BaseCommand):
    help = "Plays the demo: two brands, a cast, their decisions. With --reset everything else is thrown away first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete the database, the proofs and the mails first")

        parser.add_argument("--people", type=int, default=0, help="as many more, with two years of decisions; nothing may run meanwhile")

    def handle(self, *args: Any, reset: bool, people: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo: DEMO is off.")
        if reset:
            try:
                with alone(Path(settings.DATA_DIR)):
                    self._reset()
                    story.play()
            except InUse:
                raise CommandError("The center is running: stop it first. It would go on with the files that are deleted here.") from None
        else:
            story.play()
        if people:
            self._settle(people)
        self.stdout.write(story.how_to_sign_in(os.environ.get("PORT", "8000")))

    def _settle(self, people: int) -> None:
        try:
            with alone(Path(settings.DATA_DIR)):
                build(Brand.objects.get(key=LINDEN), people, progress_in(self.stdout))
        except InUse:
            raise CommandError("The center is running: stop it first. People of this sort come while nothing else is written.") from None

    def _reset(self) -> None:
        from django.db import connection

        if connection.vendor != "sqlite":
            raise CommandError("--reset deletes files: it works on the embedded database only.")
        connection.close()
        for path in (Path(settings.DATABASES["default"]["NAME"]).parent, Path(settings.PROOF_DIR), Path(settings.MAIL_DIR)):
            shutil.rmtree(path, ignore_errors=True)
        for path in (Path(settings.DATA_DIR) / "demo").glob("*.sqlite3"):
            path.unlink()
        Path(settings.DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
