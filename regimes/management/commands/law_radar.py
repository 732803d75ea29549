from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from regimes.law import NoLaw
from regimes.radar import Radar, radar

HALF_A_YEAR = 182


class Command(BaseCommand):
    help = "Lists laws that begin or end soon, laws replaced of late, values nobody has confirmed, and ages only proposed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=HALF_A_YEAR, help="how far to look ahead, and back (%(default)s)")
        parser.add_argument("--json", action="store_true", help="for a program instead of a person")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 0:
            raise CommandError("--days is a number of 0 or more.")
        try:
            found = radar(timezone.localdate(), options["days"])
        except NoLaw as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
        else:
            self.tell(found)

    def tell(self, found: Radar) -> None:
        self.paragraph(f"Begins or ends by {found.until}", (f"{each.on}  {each.key}: {each.what}" for each in found.coming))
        self.paragraph(f"Replaced since {found.since}", (f"{each.on}  {each.key}" for each in found.superseded))
        self.paragraph("Unconfirmed", (f"{each.key}: {each.path or 'as a whole'} ({each.told})" for each in found.unconfirmed))
        self.paragraph(
            "Ages proposed, not law",
            (f"{each.country}: {each.age} now, {each.proposed} proposed ({each.instrument})" for each in found.pending_ages),
        )

    def paragraph(self, title: str, lines: Iterable[str]) -> None:
        found = list(lines)
        self.stdout.write(f"{title}: {len(found)}")
        for line in found:
            self.stdout.write(f"  {line}")
