"""An import of choices against append() alone: one entry a turn, one turn a person, in one process."""

from __future__ import annotations

import json
from itertools import count

from django.conf import settings
from django.utils import timezone

from benchmarks.harness import Operation, Paired, Row, repeating, whole
from benchmarks.options import Options
from brands.models import Brand
from jobs.actions import run_due
from ledger.canonical import timestamp
from ledger.subjects import new_subject
from ledger.turns import turn
from propagation.importing.mapping import Setting
from propagation.importing.running import receive
from propagation.models import Import

ROUNDS = 5


def rows(options: Options) -> list[Row]:
    settings.CELERY_BROKER_URL = ""
    shop = Brand.objects.get(key="linden")
    lines = 500 if options.quick else 4000
    subjects = [new_subject() for _ in range(2000)]
    append = _append(shop, subjects)
    found = []
    files = Files(shop, lines)
    for what, ours in (("new people", files.new), ("people who are here", files.known)):
        done = Paired()
        side = whole(ours)
        side(0)
        for number in range(ROUNDS):
            pairs = [(side, done.ours), (repeating(append), done.base)]
            for each, slices in pairs if number % 2 == 0 else reversed(pairs):
                slices.append(each(options.slice))
        found.append(
            Row(
                f"import of a yes each, {what}", options.database, done.ours_text(), f"append() alone: {done.base_text()}",
                f"{done.rate} × the rate", "≥ 0.5 ×", done.rate.median >= 0.5,
            )
        )  # fmt: skip
    return found


class Files:
    """One file after the other: of people who are new, or a no of those who came with the newest file."""

    def __init__(self, shop: Brand, lines: int) -> None:
        self.shop, self.lines, self.newest = shop, lines, 0

    def new(self) -> int:
        self.newest += 1
        return self._import("allow", "applied")

    def known(self) -> int:
        """Each time the other answer: the no is a change, and so is the yes that is later than it."""
        self.turn = not getattr(self, "turn", False)
        return self._import("deny" if self.turn else "allow", "applied")

    def _import(self, decision: str, outcome: str) -> int:
        said = {"decision": decision, "purpose": "recs", "time": timestamp(timezone.now()), "wording": "Suggestions", "source": "shop"}
        people = (f"p{self.newest}-{number}@example.com" for number in range(self.lines))
        content = b"".join(json.dumps({"email": email, **said}).encode() + b"\n" for email in people)
        receive(self.shop, [content], preset_key="plain", setting=Setting(), dry=False, by="system:benchmarks")
        run_due()
        done = Import.objects.latest("pk")
        if done.counts != {outcome: self.lines}:
            raise RuntimeError(f"{done.state} {done.counts} {done.error}")
        return self.lines


def _append(shop: Brand, subjects: list[str]) -> Operation:
    at = count()
    act = {
        "purpose": "recs", "version": 1, "channel": "", "party": subjects[0], "basis": "consent", "state": "granted", "before": "unset",
        "seen": None, "shown": None, "language": "en", "how": "import", "where": "import", "assurance": "IV0", "expires_at": None,
        "occurred_at": None, "outcome": "applied", "undoes": None, "evidence": None, "regimes": [],
    }  # fmt: skip

    def append() -> None:
        subject = subjects[next(at) % len(subjects)]
        with turn(subject, brand=shop.key, actor="system:benchmarks") as this:
            this.append(subject, "choice.decided", act)

    return append
