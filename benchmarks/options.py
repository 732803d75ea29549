from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`quick`: short slices and no large tables, to see that it runs. `long`: writers for a minute instead of twenty seconds."""

    database: str
    quick: bool = False
    long: bool = False

    @property
    def slice(self) -> float:
        """Seconds of one side of a round."""
        return 0.25 if self.quick else 1.0
