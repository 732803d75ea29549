from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobs import handlers
from jobs.handlers import Handler, handler

Say = Callable[..., str]


@pytest.fixture
def says() -> Iterator[Say]:
    """`says(function)` registers a handler for this test and returns its name."""
    before, daily_before = dict(handlers._handlers), dict(handlers._daily)

    def registered(function: Handler, name: str = "tests.job") -> str:
        handler(name)(function)
        return name

    yield registered
    handlers._handlers.clear()
    handlers._handlers.update(before)
    handlers._daily.clear()
    handlers._daily.update(daily_before)


@pytest.fixture
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that a message was sent for, in order, instead of the messages."""
    from jobs import tasks

    sent: list[int] = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda args, **options: sent.append(args[0]))
    return sent


@pytest.fixture
def effects(db: Any) -> Callable[[], list[str]]:
    """What handlers wrote: rows of a table that has nothing else in this test."""
    from django.contrib.auth.models import Group

    return lambda: list(Group.objects.filter(name__startswith="effect").order_by("name").values_list("name", flat=True))
