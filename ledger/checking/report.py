from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Where something does not fit, and what. `where`: "entry <public id>", "seal <position>", "subject <reference>", ..."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Report:
    """How much was read."""

    entries: int = 0
    read: int = 0  # entries in either reading: twice as many as there are, at the end
    subjects: int = 0
    seals: int = 0
    emptied: int = 0
