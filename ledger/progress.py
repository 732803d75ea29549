"""How far long work at the command line has come: a bar that stays on its line in a terminal, plain lines in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

WIDTH = 30
EVERY = 5.0  # seconds between the lines of a log


def progress_in(out: Any, *, clock: Callable[[], float] = time.monotonic) -> Callable[[int, int], None]:
    """`progress(done, total)`: to be called as often as one likes. `out`: a stream, or the stdout of a command."""
    began, told = clock(), -EVERY
    bare = getattr(out, "_out", out)  # a command's stdout ends every piece with a line of its own
    terminal = bool(getattr(out, "isatty", lambda: False)())

    def progress(done: int, total: int) -> None:
        nonlocal told
        now = clock() - began
        if done < total and now - told < (0.1 if terminal else EVERY):
            return
        told = now
        line = in_words(done, total, now)
        if not terminal:
            out.write(line + "\n")
            return
        filled = WIDTH * done // max(total, 1)
        bare.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {line}\x1b[K" + ("\n" if done >= total else ""))
        bare.flush()

    return progress


@contextmanager
def beside(act: Callable[[], None], every: float, last: Callable[[], None] = lambda: None) -> Iterator[None]:
    """`act` every so many seconds on a thread of its own, while something long has no place to stop; `last` on it at the end."""
    over = Event()

    def go_on() -> None:
        while not over.wait(every):
            act()
        last()

    other = Thread(target=go_on, daemon=True)
    other.start()
    try:
        yield
    finally:
        over.set()
        other.join()


@contextmanager
def watched(out: Any, done: Callable[[], int], total: int, *, every: float = 0.5) -> Iterator[None]:
    """The same beside work that has no place to say how far it is: `done` is asked every so many seconds, and at the end."""
    progress = progress_in(out)
    with beside(lambda: progress(min(done(), total - 1) if total else done(), total), every):
        yield
    progress(done(), max(done(), 1) if total else 0)


def in_words(done: int, total: int, seconds: float) -> str:
    """“20,000 of 100,000, 4,000 a second, 20 s left”; of what nobody has counted only how much was done."""
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {(total - done) / rate:,.0f} s left" if rate and done < total else ""
    of = f" of {total:,}" if total else ""
    return f"{done:,}{of}, {rate:,.0f} a second{left}"
