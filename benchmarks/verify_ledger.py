"""verify_ledger over 50,000 entries of 2,000 people: every chain, every seal and every projection, against one pass of HMACs; and what
it takes of memory as the ledger grows.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.base_cursor_hmac import checked
from benchmarks.harness import Row, paired, whole
from benchmarks.options import Options
from benchmarks.places import ROOT
from benchmarks.rows_of_the_ledger import fill
from brands.models import Brand
from ledger.checking import Report, verify
from ledger.models import Entry
from preference_center.demo.cast import LINDEN

SUBJECTS = 2000
SMALL, MIDDLE, LARGE = 10_000, 50_000, 200_000
GOAL = 0.5
MOST_GROWTH = 20.0  # MB


def verified() -> int:
    report = Report()
    if faults := [str(fault) for fault in verify(report)]:
        raise RuntimeError(f"{len(faults)} faults in a true ledger, first: {faults[0]}")
    return report.entries


def rows(options: Options) -> list[Row]:
    brand = Brand.objects.get(key=LINDEN)
    fill(brand, SUBJECTS, SMALL)
    small = peak()
    fill(brand, SUBJECTS, MIDDLE)
    entries = Entry.objects.count()
    done = paired(whole(verified), whole(checked), seconds=options.slice)
    found = [
        Row(
            f"verify_ledger, {entries:,} entries of {SUBJECTS:,} people", options.database, done.ours_text(), done.base_text(),
            f"{done.rate} (by CPU {done.cpu_as_rate.median:.2f})", f"≥ {GOAL}", done.rate.median >= GOAL,
        )
    ]  # fmt: skip
    if options.quick:
        return found
    fill(brand, SUBJECTS, LARGE)
    growth = peak() - small
    said = f"peak grows by {growth:.1f} MB from {SMALL:,} to {Entry.objects.count():,} entries"
    return [*found, Row("verify_ledger, memory", options.database, said, goal=f"≤ {MOST_GROWTH:.0f} MB", passed=growth <= MOST_GROWTH)]


def peak() -> float:
    """Resident memory at its highest while a fresh process verifies, in MB."""
    asked = subprocess.run([sys.executable, "-m", "benchmarks.peak_of_verify"], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(asked.stdout)
