"""What apps show of the ledger. An app that registers a reader has it go along while the chains are read, so that nothing is read twice;
one that registers a projection reads for itself. Both are called in AppConfig.ready."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Protocol

from ledger.checking.report import Fault
from ledger.checking.rows import acts
from ledger.kinds import Payload

Projection = Callable[[], Iterator[Fault]]
_projections: dict[str, Projection] = {}


class Reader(Protocol):
    """Remembers of the acts what its projection must show, a bounded number at a time, and compares."""

    @property
    def kinds(self) -> Collection[str]: ...

    def read(self, subject: str, seq: int, number: int, act: Payload) -> None:
        """One act whose payload is there, with the id of its entry: subject after subject, each in order of seq. A payload that somebody
        wrote who did not know the form is {}; others may lack members, or hold anything."""

    def faults(self) -> Iterator[Fault]:
        """All that was found, in the end."""


_readers: dict[str, Callable[[], Reader]] = {}


def register_projection(name: str, check: Projection) -> None:
    """A check that what an app shows is what the ledger says."""
    _projections[name] = check


def register_reader(name: str, reader: Callable[[], Reader]) -> None:
    """The same, of an app whose check goes through the acts of some kinds in order: a new reader for each run."""
    _readers[name] = reader


def readers() -> list[Reader]:
    return [each() for each in _readers.values()]


def shown(reader: Reader) -> Iterator[Fault]:
    """One reader over the ledger by itself: where the chains are not read, or not whole."""
    for subject, seq, number, act in acts(reader.kinds):
        reader.read(subject, seq, number, act)
    yield from reader.faults()


def faults(gone_along: list[Reader] | None = None) -> Iterator[Fault]:
    """`gone_along`: readers that have read all there is already. What is shown of the past may be changed at any time, so that others
    read the acts from the first, also where only the newer part of the chains is verified."""
    if gone_along is None:
        for reader in readers():
            yield from shown(reader)
    else:
        for reader in gone_along:
            yield from reader.faults()
    for check in _projections.values():
        yield from check()
