from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


class InACircle(ValueError):
    """These point at each other, and none can be first."""


def pointing_first(things: Iterable[T], points_at: Callable[[T, T], bool]) -> list[T]:
    """Those that nothing else points at come first, otherwise in their order: children before parents, so that rows can go one table after
    the other. Raises InACircle."""
    waiting, ordered = list(things), list[T]()
    while waiting:
        free = [one for one in waiting if not any(points_at(other, one) for other in waiting if other is not one)]
        if not free:
            raise InACircle(str(waiting[0]))
        ordered += free
        waiting = [one for one in waiting if not any(one is each for each in free)]
    return ordered
