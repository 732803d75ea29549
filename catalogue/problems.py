from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`message` is for the editor; `language` and `field` say where to look, "" when it is the whole."""

    code: str
    message: str
    language: str = ""
    field: str = ""

    def __str__(self) -> str:
        where = " · ".join(part for part in (self.language, self.field) if part)
        return f"{where}: {self.message}" if where else self.message


class Refused(ValueError):
    """Nothing was published. `problems` says why, each on its own."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(str(problem) for problem in self.problems))

    @property
    def codes(self) -> set[str]:
        return {problem.code for problem in self.problems}
