"""decide(): the answer that pages, mails and interfaces ask for, against the bare statement it reads with."""

from __future__ import annotations

import itertools

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.base_indexed_select import raw_select
from benchmarks.harness import Row, paired, repeating
from benchmarks.options import Options
from benchmarks.pressing import Presser
from consents.decide import decide
from consents.states import Reason

PEOPLE = 32


def rows(options: Options) -> list[Row]:
    people = [Presser(number) for number in range(PEOPLE)]
    for person in people:
        person()  # everybody has allowed it
    customers = [person.customer for person in people]
    answer = decide(customers[0], "recs")
    if answer.reason is not Reason.GRANTED:
        raise RuntimeError(f"not the case that is to be measured: {answer}")
    asked, read = itertools.cycle(customers), itertools.cycle([raw_select(customer, "recs") for customer in customers])
    done = paired(repeating(lambda: decide(next(asked), "recs")), repeating(lambda: next(read)()), seconds=options.slice)
    with CaptureQueriesContext(connection) as captured:
        decide(customers[0], "recs")
    each = 1e6 / sorted(ours.rate for ours in done.ours)[len(done.ours) // 2]
    return [
        Row(
            "decide(), a yes that stands", options.database, f"{each:,.0f} µs, {done.ours_text()}, {len(captured)} statement",
            f"its SELECT alone: {done.base_text()}",
            f"{done.rate} (by CPU {done.cpu_as_rate.median:.2f})", "1 statement", len(captured) == 1,
        )
    ]  # fmt: skip
