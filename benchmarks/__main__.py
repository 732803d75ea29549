"""python -m benchmarks [FIGURE …] [--db sqlite|postgresql] [--quick] [--long] [--write]"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import footprint
from benchmarks.harness import Row, table
from benchmarks.options import Options
from benchmarks.places import POSTGRESQL, ROOT, SQLITE, Places, places

MEASURED = ROOT / "docs" / "measured.md"
BOTH = (SQLITE, POSTGRESQL)
FIGURES: dict[str, tuple[str, ...]] = {
    "save": BOTH,
    "save_web": BOTH,
    "choices_page": BOTH,
    "decide": BOTH,
    "sqlite_writers": (SQLITE,),
    "pg_scaling": (POSTGRESQL,),
    "verify_ledger": BOTH,
    "receipts": (SQLITE,),  # no database in it
    "campaign": (POSTGRESQL,),
    "choosing": (POSTGRESQL,),
    "copying": (POSTGRESQL,),
    "erasing": BOTH,
    "connecting": (SQLITE,),
    "intake": BOTH,
    "asking": BOTH,
    "listing": (POSTGRESQL,),
    "importing": BOTH,
    "birthdays": (POSTGRESQL,),
    "questions": BOTH,
    "desk": (POSTGRESQL,),
    "clicks": (SQLITE,),  # the same pages on both
    "footprint": (),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--db", choices=[name.lower() for name in BOTH], help="one database only")
    parser.add_argument("--quick", action="store_true", help="short slices, no large tables: to see that it runs")
    parser.add_argument("--long", action="store_true", help="writers for a minute instead of twenty seconds")
    parser.add_argument("--write", action="store_true", help=f"add the table to {MEASURED.relative_to(ROOT)}")
    asked = parser.parse_args()
    if unknown := set(asked.figures) - set(FIGURES):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and folders go, too
    load = os.getloadavg()
    rows: list[Row] = []
    with places() as made:
        postgresql = made.postgresql_version()
        for name in asked.figures or FIGURES:
            databases = [each for each in FIGURES[name] if asked.db in (None, each.lower())]
            rows += measured(made, name, databases, asked.quick, asked.long)
    lines = [*conditions(load, postgresql), "", *table(rows)]
    sys.stdout.write("\n".join(lines) + "\n")
    if asked.write:
        write(lines)


def measured(made: Places, name: str, databases: list[str], quick: bool, long: bool) -> list[Row]:
    started = time.monotonic()
    if name == "footprint":
        found = footprint.rows(made)
    else:
        found = [row for database in databases for row in in_its_place(made, name, Options(database, quick, long))]
    sys.stderr.write(f"{name}: {time.monotonic() - started:.0f} s\n")
    sys.stderr.writelines(f"  {row.figure} ({row.database}): {row.ours} | {row.base} | {row.ratio}\n" for row in found)
    return found


def in_its_place(made: Places, name: str, options: Options) -> list[Row]:
    """A process of its own: the settings name one database, and no figure finds what another left in memory."""
    place = made.seeded(options.database, name)
    try:
        answer = place.run("-m", "benchmarks.one", name, json.dumps(asdict(options)))
    finally:
        made.forget(place)
    return [Row(**row) for row in json.loads(answer.splitlines()[-1])]


# ── What it was measured on ─────────────────────────────────────────────────────────────────────────────────────────


def conditions(load_before: tuple[float, float, float], postgresql: str) -> Iterator[str]:
    cores = len(os.sched_getaffinity(0))
    yield f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {commit()}. {cores} cores ({_processor()}), {platform.system()} {platform.release()}."
    loads = " → ".join(f"{load[0]:.1f}" for load in (load_before, os.getloadavg()))
    yield f"Load average of one minute, before → after: {loads}."
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "granian", "psycopg", "celery", "cryptography"))
    yield f"CPython {platform.python_version()}, {packages}, SQLite {sqlite3.sqlite_version}, PostgreSQL {postgresql}."


def commit() -> str:
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return f"commit {asked.stdout.strip()}" if asked.returncode == 0 else "no commit yet"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write(lines: list[str]) -> None:
    with MEASURED.open("a", encoding="utf-8") as file:
        file.write(f"\n## {datetime.now(UTC):%Y-%m-%d}, {commit()}\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
