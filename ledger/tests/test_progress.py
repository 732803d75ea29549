"""Long work at the command line says how far it is: a bar in a terminal, plain lines in a log."""

from __future__ import annotations

import io
import time

from django.core.management.base import OutputWrapper

from ledger.progress import in_words, progress_in, watched


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_now_and_then_and_one_at_the_end() -> None:
    out, clock = io.StringIO(), Clock()
    progress = progress_in(out, clock=clock)
    for done in range(1, 101):
        clock.now = done / 10
        progress(done, 100)
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[-1] == "100 of 100, 10 a second"
    assert "\r" not in out.getvalue()


def test_a_terminal_gets_a_bar_that_stays_on_its_line() -> None:
    out, clock = Terminal(), Clock()
    progress = progress_in(out, clock=clock)
    clock.now = 10
    progress(50, 100)
    clock.now = 20
    progress(100, 100)
    first, last = out.getvalue().strip("\r").split("\r")
    assert first.startswith("[" + "#" * 15 + "." * 15 + "] 50 of 100, 5 a second, 10 s left")
    assert last.startswith("[" + "#" * 30 + "] 100 of 100")
    assert last.endswith("\n")


def test_nothing_to_do_and_no_time_gone_divide_by_nothing() -> None:
    assert in_words(0, 0, 0) == "0, 0 a second"
    out = Terminal()
    progress_in(out)(0, 0)
    assert out.getvalue().endswith("\n")


def test_work_that_cannot_say_how_far_it_is_is_asked_from_beside() -> None:
    out, done = io.StringIO(), [0]
    with watched(out, lambda: done[0], 30, every=0.01):
        for _each in range(30):
            done[0] += 1
            time.sleep(0.005)
    lines = out.getvalue().splitlines()
    assert len(lines) >= 2
    assert " of 30, " in lines[0]
    assert lines[-1].startswith("30 of 30, ")


def test_what_breaks_off_claims_no_end() -> None:
    out = io.StringIO()
    try:
        with watched(out, lambda: 5, 30, every=60):
            raise KeyError
    except KeyError:
        pass
    assert out.getvalue() == ""


def test_a_commands_stdout_ends_no_line_of_the_bar() -> None:
    out, clock = Terminal(), Clock()
    progress = progress_in(OutputWrapper(out), clock=clock)
    for done in (10, 20, 30):
        clock.now += 10
        progress(done, 30)
    assert out.getvalue().count("\n") == 1
