"""Does due jobs and dies at a point of one's choice: python -m preference_center.tests.erasing_worker

Reads a line of JSON for each run: {"now": an ISO time, "point": a name of POINTS or "", "passing": which passing of it ends the process}.
Each run is a process of its own, forked from this one, which has loaded everything and opened no connection: `runs <number>` is printed,
and it does what is due. After one more line, whatever it says, how it ended is printed: `exit 0`, or `exit -9` where it was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

import django
from django.db import transaction

die_at: tuple[str, int] = ("", 0)
passed: dict[str, int] = {}


def passing(point: str) -> None:
    passed[point] = passed.get(point, 0) + 1
    if die_at == (point, passed[point]):
        os.kill(os.getpid(), signal.SIGKILL)


def around(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Two points: before it, and after it."""

    def wrapped(step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def stepped(*args: Any, **options: Any) -> Any:
            passing(f"before {name}")
            answer = step(*args, **options)
            passing(f"after {name}")
            return answer

        return stepped

    return wrapped


# Where the chain of a deletion can be cut. What is "inside" is not committed yet.
STEPS = (
    "asking the system", "rows of the shop inside", "erasing in the system", "the answer of the system", "rows inside", "erasing here",
    "the job of the deletion", "files", "certifying", "the job of the certificate", "a mail", "the job of a mail",
)  # fmt: skip
POINTS = tuple(f"{when} {step}" for step in STEPS for when in ("before", "after"))


def wrap_the_steps() -> None:
    from data_requests import actions, handlers
    from data_requests.connectors.sql import SqlConnector
    from data_requests.erasing import asking, walker
    from data_requests.package import sealing
    from jobs.handlers import _handlers

    for owner, name, step in (
        (asking, "_prepared", "asking the system"),
        (SqlConnector, "_erase", "rows of the shop inside"),
        (SqlConnector, "erase", "erasing in the system"),
        (asking, "item_done", "the answer of the system"),
        (walker, "erase_rows", "rows inside"),
        (actions, "erase", "erasing here"),
        (actions, "certify", "certifying"),
        (handlers, "mail_erased", "a mail"),
    ):
        setattr(owner, name, around(step)(getattr(owner, name)))
    for handler, step in (("delete", "job of the deletion"), ("certify", "job of the certificate"), ("tell_erased", "job of a mail")):
        _handlers[f"data_requests.{handler}"] = around(f"the {step}")(_handlers[f"data_requests.{handler}"])
    remove = sealing.remove_after_commit

    def remove_between(names: Any) -> None:
        """Committed, and the files are there; then they are gone."""
        transaction.on_commit(lambda: passing("before files"))
        remove(names)
        transaction.on_commit(lambda: passing("after files"))

    vars(walker)["remove_after_commit"] = remove_between  # the name that the walker imported


def run(order: dict[str, Any]) -> None:
    from jobs.actions import run_due

    global die_at
    die_at = (order["point"], order["passing"])
    run_due(datetime.fromisoformat(order["now"]))


def main() -> None:
    django.setup()
    wrap_the_steps()
    say("ready")
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            run(json.loads(line))
            os._exit(0)
        say(f"runs {child}")
        sys.stdin.readline()  # asked how it ended: until then its number stays its own
        say(f"exit {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
