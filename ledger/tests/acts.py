"""Acts of the tests: one turn each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from ledger.models import Entry
from ledger.turns import turn


def act(subject: str, kind: str, key: str | None = None, **fields: Any) -> Entry:
    with turn(subject, brand="linden", actor=f"self:{subject}") as t:
        return t.append(subject, kind, fields, key=key)


def happened(subject: str, *whats: Any) -> list[Entry]:
    with turn(subject, brand="linden", actor=f"self:{subject}") as t:
        return [t.append(subject, "thing.happened", {"what": what}) for what in whats or ("it",)]


def decided(subject: str, state: str, purpose: str = "news") -> Entry:
    return act(subject, "choice.decided", purpose=purpose, channel="email", party=subject, state=state)


def sql(statement: str, *values: Any) -> int:
    """As somebody with the database's password would; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def rows(table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
        return [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in cursor.fetchall()]


def at_once(*works: Callable[[], object]) -> None:
    """Each in a thread with a connection of its own, all started together; the first failure is raised here."""
    gate = threading.Barrier(len(works))
    failures: list[BaseException] = []

    def in_a_thread(work: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=in_a_thread, args=[work], daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "they wait for one another"
    if failures:
        raise failures[0]
