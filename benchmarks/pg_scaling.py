"""Eight processes that save decisions of different people into PostgreSQL, with the chain and without it."""

from __future__ import annotations

from benchmarks.base_unchained import unchained
from benchmarks.harness import Crew, Row, described, paired
from benchmarks.options import Options
from benchmarks.pressing import Presser

PROCESSES = 8
GOAL, GOAL_OF_ONE = 0.85, 1.8


def rows(options: Options) -> list[Row]:
    ours, one = Crew(PROCESSES, Presser), Crew(1, lambda number: Presser(PROCESSES + number))
    base = Crew(PROCESSES, lambda number: unchained(PROCESSES + 1 + number))
    chained = paired(ours, base, seconds=2 * options.slice)
    scaled = paired(ours, one, seconds=2 * options.slice)
    for crew in (ours, one, base):
        crew.dismiss()
    if errors := {error for each in (*chained.ours, *chained.base, *scaled.ours, *scaled.base) for error in each.errors}:
        raise RuntimeError(errors)
    return [
        Row(
            f"{PROCESSES} writers with the chain", options.database, described(chained.ours),
            f"{PROCESSES} without: {described(chained.base)}", f"{chained.rate} (by CPU {chained.cpu_as_rate.median:.2f})",
            f"≥ {GOAL}", chained.rate.median >= GOAL,
        ),
        Row(
            f"{PROCESSES} writers against one", options.database, described(scaled.ours), f"one: {described(scaled.base)}",
            str(scaled.rate), f"≥ {GOAL_OF_ONE}", scaled.rate.median >= GOAL_OF_ONE,
        ),
    ]  # fmt: skip
