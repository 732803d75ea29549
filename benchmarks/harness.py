"""Paired rounds. An absolute rate says more about the machine and its neighbours than about the code; a ratio of two slices taken one
after the other survives both.

A figure is five rounds, each of one slice of ours and one of the baseline, in alternating order after a warm-up; what counts is the
median of the five ratios, with the smallest and the largest beside it, and the CPU time of one operation on both sides.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from statistics import median, quantiles

ROUNDS = 5
Operation = Callable[[], object]


@dataclass(frozen=True)
class Slice:
    """What happened in one slice: operations, seconds on the clock, seconds of CPU, and how long each took where that was asked."""

    count: int
    wall: float
    cpu: float
    took: tuple[float, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        return self.count / self.wall

    @property
    def cpu_each(self) -> float:
        return self.cpu / self.count


Side = Callable[[float], Slice]


@dataclass(frozen=True)
class Spread:
    """Median, smallest and largest of some ratios."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    def __str__(self) -> str:
        return f"{self.median:.2f} [{min(self.values):.2f}–{max(self.values):.2f}]"


@dataclass
class Paired:
    ours: list[Slice] = field(default_factory=list)
    base: list[Slice] = field(default_factory=list)

    @property
    def rate(self) -> Spread:
        """Our rate over the baseline's, a round each."""
        return Spread(tuple(ours.rate / base.rate for ours, base in zip(self.ours, self.base, strict=True)))

    @property
    def cpu(self) -> Spread:
        """Our CPU for one operation over the baseline's, a round each."""
        return Spread(tuple(ours.cpu_each / base.cpu_each for ours, base in zip(self.ours, self.base, strict=True)))

    @property
    def cpu_as_rate(self) -> Spread:
        """The same the other way round, to be compared with a ratio of rates."""
        return Spread(tuple(1 / value for value in self.cpu.values))

    def ours_text(self) -> str:
        return described(self.ours)

    def base_text(self) -> str:
        return described(self.base)


def described(slices: list[Slice]) -> str:
    return f"{median(each.rate for each in slices):,.0f}/s, {median(each.cpu_each for each in slices) * 1e6:,.0f} µs CPU"


def paired(ours: Side, base: Side, *, seconds: float = 1.0, rounds: int = ROUNDS) -> Paired:
    ours(seconds / 4)
    base(seconds / 4)
    done = Paired()
    for number in range(rounds):
        sides = [(ours, done.ours), (base, done.base)]
        for side, slices in sides if number % 2 == 0 else reversed(sides):
            slices.append(side(seconds))
    return done


def cpu_of_self() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def repeating(operation: Operation) -> Side:
    """The operation again and again for as many seconds as are asked for."""

    def side(seconds: float) -> Slice:
        count = 0
        cpu, start = cpu_of_self(), time.perf_counter()
        end = start + seconds
        while (now := time.perf_counter()) < end or not count:
            operation()
            count += 1
        now = time.perf_counter()
        return Slice(count, now - start, cpu_of_self() - cpu)

    return side


def whole(operation: Callable[[], int]) -> Side:
    """One run of something that has an end, and returns how many rows it went through."""

    def side(_seconds: float) -> Slice:
        cpu, start = cpu_of_self(), time.perf_counter()
        count = operation()
        return Slice(count, time.perf_counter() - start, cpu_of_self() - cpu)

    return side


# ── Several processes at once ───────────────────────────────────────────────────────────────────────────────────────


class Crew:
    """Processes that stay, each with its own database connection, and work when they are told to.

    `equip(number)` runs inside the process and returns its operation.
    """

    def __init__(self, size: int, equip: Callable[[int], Operation]) -> None:
        from django.db import connections

        connections.close_all()  # a connection must not be used on both sides of a fork
        context = multiprocessing.get_context("fork")
        self._pipes: list[Connection] = []
        self._processes = []
        for number in range(size):
            here, there = context.Pipe()
            process = context.Process(target=_worker, args=(there, equip, number), daemon=True)
            process.start()
            there.close()
            self._pipes.append(here)
            self._processes.append(process)
        for pipe in self._pipes:
            pipe.recv()

    def __call__(self, seconds: float) -> Slice:
        """Everybody at once; the slice adds them up."""
        for pipe in self._pipes:
            pipe.send(seconds)
        slices: list[Slice] = [pipe.recv() for pipe in self._pipes]
        return Slice(
            count=sum(each.count for each in slices),
            wall=median(each.wall for each in slices),
            cpu=sum(each.cpu for each in slices),
            took=tuple(took for each in slices for took in each.took),
            errors=tuple(error for each in slices for error in each.errors),
        )

    def dismiss(self) -> None:
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join()


def _worker(pipe: Connection, equip: Callable[[int], Operation], number: int) -> None:
    operation = equip(number)
    pipe.send("ready")
    while (seconds := pipe.recv()) is not None:
        pipe.send(_timed(operation, seconds))


def _timed(operation: Operation, seconds: float) -> Slice:
    """Each operation on its own clock. An error is counted, not raised: it is what some figures are about."""
    took: list[float] = []
    errors: list[str] = []
    cpu, start = cpu_of_self(), time.perf_counter()
    while (before := time.perf_counter()) < start + seconds:
        try:
            operation()
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        else:
            took.append(time.perf_counter() - before)
    return Slice(len(took), time.perf_counter() - start, cpu_of_self() - cpu, tuple(took), tuple(errors))


def percentile(values: tuple[float, ...], percent: int) -> float:
    return quantiles(values, n=100)[percent - 1]


# ── One line of the table ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Row:
    """`passed`: None where there is no goal to miss."""

    figure: str
    database: str
    ours: str
    base: str = "–"
    ratio: str = "–"
    goal: str = "–"
    passed: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "yes", False: "**no**", None: "–"}[self.passed]


HEADINGS = ("figure", "on", "ours", "baseline", "ratio: median [min–max]", "goal", "met")


def table(rows: list[Row]) -> Iterator[str]:
    """GitHub's form of a table, aligned for whoever reads it in a terminal."""
    cells = [HEADINGS, *[(row.figure, row.database, row.ours, row.base, row.ratio, row.goal, row.verdict) for row in rows]]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    for number, line in enumerate(cells):
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        if number == 0:
            yield f"|{'|'.join('-' * (width + 2) for width in widths)}|"
