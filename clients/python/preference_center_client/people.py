"""How a person is named to the center."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

By = Literal["id", "email", "phone", "pairwise"]
PAIRWISE = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Person:
    """Made by one of the four below. Its repr leaves the value out: it ends up in logs and tracebacks. Raises TypeError for a value
    that is no text, ValueError for an empty one."""

    by: By
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.value, str):
            raise TypeError(f"a person's {self.by} is text")
        if not self.value.strip():
            raise ValueError(f"a person's {self.by} is empty")
        if self.by == "pairwise" and not PAIRWISE.match(self.value):
            raise ValueError("a pairwise code is 32 hexadecimal digits")

    def as_json(self) -> dict[str, str]:
        return {self.by: self.value}


def by_id(value: str) -> Person:
    """The brand's own id, such as a customer number."""
    return Person("id", value)


def by_email(value: str) -> Person:
    return Person("email", value)


def by_phone(value: str) -> Person:
    """With the country: +48600100100."""
    return Person("phone", value)


def by_pairwise(value: str) -> Person:
    """The code that the center has given this person for you alone: 32 hexadecimal digits."""
    return Person("pairwise", value)
