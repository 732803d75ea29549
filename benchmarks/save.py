"""Saving one decision by the action, without HTTP: what was asked, the entry with its hash and chain, and the row that shows it."""

from __future__ import annotations

import itertools

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import base_two_rows
from benchmarks.harness import Row, paired, repeating
from benchmarks.options import Options
from benchmarks.pressing import Presser

GOAL = 0.5
PEOPLE = 32


def rows(options: Options) -> list[Row]:
    base_two_rows.make_tables()
    people = [Presser(number) for number in range(PEOPLE)]
    for person in people:
        person()
    turns = itertools.cycle(people)
    done = paired(repeating(lambda: next(turns)()), repeating(base_two_rows.two_rows()), seconds=options.slice)
    with CaptureQueriesContext(connection) as captured:
        people[0]()
    statements = [query["sql"] for query in captured if query["sql"] not in {"BEGIN", "COMMIT"}]
    return [
        Row(
            "save a decision (action, no HTTP)", options.database, f"{done.ours_text()}, {len(statements)} statements", done.base_text(),
            f"{done.rate} (by CPU {done.cpu_as_rate.median:.2f})", f"≥ {GOAL}", done.rate.median >= GOAL,
        )
    ]  # fmt: skip
