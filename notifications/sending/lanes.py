"""One sender a lane, held by a lock that dies with its holder: an advisory lock of the database session, or of the file on SQLite.

So "the dead sender is gone" is a fact and not a guess by the clock, and what it left may be taken over at once.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

NAMESPACE = 0x6D61696C  # "mail", among the advisory locks of this database
_in_this_process = threading.Lock()  # one mail at the server a process: a kill leaves one in doubt, however many threads it had


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nothing else in this process sends; held until the end."""
    held = _in_this_process.acquire(blocking=False)
    try:
        yield held
    finally:
        if held:
            _in_this_process.release()


@contextmanager
def lane(number: int) -> Iterator[bool]:
    """Whether the lane was free; held until the end."""
    with _on_postgresql(number) if connection.vendor == "postgresql" else _on_a_file(number) as held:
        yield held


@contextmanager
def _on_postgresql(number: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [NAMESPACE, number])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [NAMESPACE, number])


@contextmanager
def _on_a_file(number: int) -> Iterator[bool]:
    folder = Path(settings.DATA_DIR) / "lanes"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"mail-{number}").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
