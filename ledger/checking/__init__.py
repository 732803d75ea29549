"""verify_ledger: recomputes everything that the ledger claims and names the first entry or seal that does not fit.

Two reads: the running hash in position order against the seals, in the table and in the file outside the database, and the chains in
(subject, seq) order, with the readers that apps have registered beside them. Then the tombstones, and what those readers and the other
projections found. Memory does not grow with the number of entries.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.checking import chains, projections, seals, tombstones
from ledger.checking.projections import register_projection, register_reader
from ledger.checking.report import Fault, Report
from ledger.checking.tombstones import register_erased

__all__ = [
    "Fault", "Report", "register_erased", "register_projection", "register_reader", "verify",
    "chains", "projections", "seals", "tombstones",
]  # fmt: skip


def verify(report: Report | None = None, *, after: int = 0) -> Iterator[Fault]:
    """Every fault, lazily: the first is what an operator needs. `after`: a position up to which all was verified before."""
    report = report or Report()
    along = None if after else projections.readers()
    yield from seals.faults(report, after=after)
    yield from chains.faults(report, after=after, readers=along)
    yield from tombstones.faults(report)
    yield from projections.faults(along)
