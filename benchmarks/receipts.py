"""Checking a receipt as `python -m ledger.verify` does, against its Ed25519 signature alone."""

from __future__ import annotations

import itertools
import json

from benchmarks.base_ed25519 import bare
from benchmarks.harness import Row, paired, repeating
from benchmarks.options import Options
from benchmarks.pressing import Presser
from ledger.keys import key_set
from ledger.models import Entry
from ledger.receipts import receipt
from ledger.verify import read_keys, verify

COUNT = 200
GOAL = 0.5


def rows(options: Options) -> list[Row]:
    person = Presser(0)
    for _ in range(COUNT):
        person()
    entries = Entry.objects.filter(subject=person.customer.subject, kind="choice.decided").order_by("seq")
    receipts = [receipt(entry) for entry in entries]
    keys = read_keys(json.dumps(key_set().as_jwks()).encode())
    turns = itertools.cycle(receipts)
    done = paired(repeating(lambda: verify(next(turns), keys)), repeating(bare(receipts, keys)), seconds=options.slice)
    size = sum(map(len, receipts)) // len(receipts)
    return [
        Row(
            f"verify a receipt ({size:,} bytes)", "–", done.ours_text(), done.base_text(),
            f"{done.rate} (by CPU {done.cpu_as_rate.median:.2f})", f"≥ {GOAL}",
            done.rate.median >= GOAL,
        )
    ]  # fmt: skip
