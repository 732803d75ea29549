"""A condition on customers, in SQL: what is asked of any number of people at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Self


class Condition(NamedTuple):
    """SQL that is true, false or null of each row of `c`, and its parameters in order."""

    sql: str
    values: tuple[Any, ...] = ()

    @classmethod
    def all(cls, conditions: Iterable[Self | Condition]) -> Condition:
        return cls._joined(" AND ", conditions, "TRUE")

    @classmethod
    def any(cls, conditions: Iterable[Self | Condition]) -> Condition:
        return cls._joined(" OR ", conditions, "FALSE")

    @classmethod
    def _joined(cls, word: str, conditions: Iterable[Self | Condition], empty: str) -> Condition:
        found = list(conditions)
        if not found:
            return Condition(empty)
        return Condition(f"({word.join(each.sql for each in found)})", tuple(value for each in found for value in each.values))
