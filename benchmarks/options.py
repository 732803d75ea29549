from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`slice`: seconds of one side of a round. `long`: the figures that take minutes take them."""

    database: str
    slice: float = 1.0
    long: bool = False
