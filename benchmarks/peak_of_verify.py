"""A process that verifies the ledger once and prints the most memory it ever held, in MB."""

from __future__ import annotations

import sys
from pathlib import Path

import django


def highest() -> float:
    """VmHWM, in MB. SQLite's mapping of its own file is switched off first: the kernel counts it, and gives it back when asked."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not say how much memory a process held")


if __name__ == "__main__":
    django.setup()
    from django.db import connection

    from benchmarks.verify_ledger import verified

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA mmap_size=0")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest so far is forgotten: it was the start
    verified()
    sys.stdout.write(f"{highest():.1f}\n")
