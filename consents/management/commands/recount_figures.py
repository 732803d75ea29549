from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from consents.follower import recount
from ledger.progress import progress_in


class Command(BaseCommand):
    help = "Makes the figures of the desk anew from the whole ledger. They are kept as things happen; this is for when they are in doubt."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{recount(progress_in(self.stderr))} entries counted.")
