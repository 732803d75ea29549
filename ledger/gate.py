"""Whether the work of this installation may go on: not while a restored backup has yet to catch up with what happened since. Pages and
tasks ask; whoever can tell registers an answer (preference_center/backups/gate.py). Commands that an operator types do not ask."""

from __future__ import annotations

from collections.abc import Callable

_answers: list[Callable[[], bool]] = []


def register(is_open: Callable[[], bool]) -> None:
    _answers[:] = [is_open]


def is_open() -> bool:
    return all(answer() for answer in _answers)
