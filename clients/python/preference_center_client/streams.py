"""Answers that come in pieces: how one knows that a stream or a row of pages is whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .answers import Event, taken, taken_or_none
from .faults import NotUnderstood, Unreachable


class Changes(Iterator[Event]):
    """The events, page by page. `position`: where to begin next time, once every event that has come out is done; keep it after a
    loop, or within one after each event is done. It moves with whole pages, so a few may come twice: do by Event.position."""

    def __init__(self, page: Callable[[int], tuple[list[Event], int, bool]], after: int) -> None:
        self.position = self._next = after
        self._page, self._events, self._more = page, deque[Event](), True

    def __next__(self) -> Event:
        while not self._events:
            self.position = self._next
            if not self._more:
                raise StopIteration
            events, self._next, self._more = self._page(self._next)
            self._events.extend(events)
        return self._events.popleft()


@dataclass
class Place:
    """How far an audience has come. `idle`: attempts since it last got any further."""

    cursor: str | None
    idle: int = 0

    def move(self, cursor: str) -> None:
        self.cursor, self.idle = cursor, 0

    def turn(self, following: str | None, start: str | None) -> bool:
        """To the page that follows one which began at `start`, if there is one."""
        if following is None:
            return False
        if following == start:
            raise NotUnderstood("a page that leads to itself")
        self.move(following)
        return True


class BrokeOff(Unreachable):
    """In the middle of a stream that can go on where it was; to be told from one that did not open, which has been repeated already."""


def unbroken(stream: Iterator[dict[str, Any]]) -> Generator[dict[str, Any], None, None]:
    try:
        yield from stream
    except Unreachable as fault:
        if not fault.passing:
            raise
        raise BrokeOff(f"the stream broke off: {fault}") from None


def next_of(stream: Iterator[dict[str, Any]]) -> dict[str, Any]:
    for line in stream:
        return line
    raise Unreachable("the stream broke off before its end line")


def end_of(line: Mapping[str, Any], count: int) -> str | None:
    """The cursor of the page that follows. `count`: the lines that have come."""
    if line["end"] is not True or taken(line, "count", int) != count:
        raise NotUnderstood("an end line that counts other lines than have come")
    return taken_or_none(line, "next", str)
