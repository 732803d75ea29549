"""Eight processes that save decisions into one SQLite file: nobody is turned away, and nobody waits much longer than the others."""

from __future__ import annotations

from benchmarks.harness import Crew, Row, percentile
from benchmarks.options import Options
from benchmarks.pressing import Presser

PROCESSES = 8
GOAL = 3.0


def rows(options: Options) -> list[Row]:
    crew = Crew(PROCESSES, Presser)
    crew(options.slice)
    done = crew(60 if options.long else 5 if options.quick else 20)
    crew.dismiss()
    middle, late = percentile(done.took, 50), percentile(done.took, 95)
    last = percentile(done.took, 99)
    locked = sum("locked" in error for error in done.errors)
    return [
        Row(
            f"{PROCESSES} writers, {done.wall:.0f} s", options.database,
            f"{done.rate:,.0f}/s, {done.cpu_each * 1e6:,.0f} µs CPU, {len(done.errors)} errors, {locked} “database is locked”",
            f"p50 {middle * 1e3:.1f} ms", f"p95 {late * 1e3:.1f} ms = {late / middle:.2f} × p50, p99 {last * 1e3:.1f} ms",
            f"p95 ≤ {GOAL} × p50, no error", late <= GOAL * middle and not done.errors,
        )
    ]  # fmt: skip
