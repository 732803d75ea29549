"""What jobs do. An app registers its handlers in <app>/handlers.py, which is imported at start.

    @handler("accounts.send_code")
    def send_code(work: Work) -> None:
        ...network and files, outside a transaction...
        with work.finishing():
            ...writes, committed together with "done"...

A handler may run twice: what it writes inside `finishing` or `chunk` happens once, what it does outside happens at least once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from jobs.models import Job

LEASE = timedelta(seconds=60)


class LeaseLost(RuntimeError):
    """Another worker has taken the job since: whatever was written here is rolled back."""


class Work:
    """A claimed job, as its handler sees it."""

    def __init__(self, job: Job, now: datetime) -> None:
        self._job = job
        self.id = job.pk
        self.payload: dict[str, Any] = job.payload
        self.cursor: dict[str, Any] = job.cursor
        self.attempt = job.attempts
        self.now = now
        self.finished = False
        self._began: dict[str, Any] = {"began_at": timezone.now(), "began_with": job.done}

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """A transaction whose commit marks the job done."""
        with transaction.atomic():
            yield
            self._save(done_at=timezone.now(), leased_until=None, error="", done=self._job.total or self._job.done)
        self.finished = True

    def finish_and_forget(self) -> None:
        """Done, and what it was to be done with is gone: it names somebody."""
        with self.finishing():
            Job.objects.filter(pk=self.id).update(payload={})

    @contextmanager
    def chunk(self, *, done: int, cursor: dict[str, Any], total: int | None = None) -> Iterator[None]:
        """A transaction of a long job: its commit moves the cursor, the progress and the lease on. Tries count from the last one."""
        total = self._job.total if total is None else total
        with transaction.atomic():
            yield
            now = timezone.now()
            self._save(leased_until=now + LEASE, done=done, total=total, cursor=cursor, attempts=1, moved_at=now, **self._began)
        self._job.done, self._job.total, self._job.attempts = done, total, 1
        self.cursor = cursor

    def renew(self, *, done: int = 0) -> None:
        """The lease goes on: for work that has no chunks, called more often than LEASE from beside it. `done`: how far that is."""
        now = timezone.now()
        values = {"done": done, "moved_at": now, **self._began} if done else {}
        Job.objects.filter(pk=self.id, lease=self._job.lease, done_at=None).update(leased_until=now + LEASE, **values)

    def _save(self, **values: Any) -> None:
        if not Job.objects.filter(pk=self.id, lease=self._job.lease, done_at=None).update(**values):
            raise LeaseLost(f"job {self.id}")


Handler = Callable[[Work], None]


@dataclass(frozen=True)
class Daily:
    name: str
    at_hour: int


_handlers: dict[str, Handler] = {}
_daily: dict[str, Daily] = {}


class UnknownHandler(LookupError):
    """No app has registered a handler of this name."""


def handler(name: str) -> Callable[[Handler], Handler]:
    def registered(function: Handler) -> Handler:
        _handlers[name] = function
        return function

    return registered


def daily(name: str, *, at_hour: int) -> Callable[[Handler], Handler]:
    """A handler that is enqueued once a day, from `at_hour` UTC on; a day missed is made up for as soon as anything runs."""
    _daily[name] = Daily(name, at_hour)
    return handler(name)


def find(name: str) -> Handler:
    try:
        return _handlers[name]
    except KeyError:
        raise UnknownHandler(name) from None


def dailies() -> list[Daily]:
    return list(_daily.values())
