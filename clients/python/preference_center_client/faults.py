"""What can go wrong. No message carries a key or what was asked; `detail` is in the center's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# These may go away by themselves; what they were the answer to may be asked again.
PASSING = frozenset({429, 502, 503, 504})


class CenterError(Exception):
    """Either a Problem or Unreachable. `passing`: it may go away by itself."""

    passing: bool = False
    retry_after: float | None = None  # seconds that the center asks to wait

    @property
    def name(self) -> str:
        """For a log: no words of the center, which may name a person."""
        return type(self).__name__


class Problem(CenterError):
    """The center answered, and it is a no: `code` and `errors` are those of its contract (RFC 9457). Where what answered is not a
    center (a proxy, a redirect), the code is "unexplained"."""

    def __init__(
        self, code: str, status: int, detail: str = "", errors: tuple[Mapping[str, Any], ...] = (), retry_after: float | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {detail}" if detail else f"{status} {code}")
        self.code, self.status, self.detail, self.errors = code, status, detail, errors
        self.passing, self.retry_after = status in PASSING, retry_after

    @property
    def name(self) -> str:
        return f"{self.status} {self.code}"


class Unreachable(CenterError):
    """No answer came, or half of one: nobody knows whether the center did what it was asked."""

    passing = True


class NotUnderstood(Unreachable):
    """An answer came that is none: not JSON, a member missing or of the wrong type. Asking again brings the same."""

    passing = False


class NotGenuine(Exception):
    """A delivery that the center did not sign, or not lately."""
