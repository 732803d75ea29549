"""What every connector can be asked, and how it answers."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Protocol


class Fault(Exception):
    """It cannot be done like this, and trying again changes nothing: somebody has to put it right. The words are for the desk."""


class AnotherPersons(Fault):
    """The system gave rows that are not this person's. Nothing of it was used or deleted."""


class Unreachable(Exception):
    """It did not answer, or not in time: it is tried again."""


class Later(Exception):
    """It has taken the question, and answers by a call of its own."""


@dataclass(frozen=True)
class Keys:
    """How other systems know a person. `emails`: canonical; `code`: the customer's public code at the brand; `located`: what a system
    was found to know them by, table.column -> values, which stays true when the address there has gone."""

    emails: frozenset[str]
    code: str
    located: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Keys that JSON has no word for (a UUID, a decimal) become text, which the database compares as well."""
        located = {name: [value if isinstance(value, int | str) else str(value) for value in some] for name, some in self.located.items()}
        return {"emails": sorted(self.emails), "code": self.code, "located": located}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Keys:
        return cls(frozenset(values["emails"]), values["code"], {name: tuple(some) for name, some in values["located"].items()})


@dataclass(frozen=True)
class Table:
    """One table of a system and one person. `title`: by language, as they read it. `count`: rows; of these `kept` stay, for `ground`
    and `law` (by language), until the day `until` at the latest, the first of them until `first`. `masked`: rows that stay for others
    with nothing of this person in them."""

    name: str
    title: Mapping[str, str]
    count: int = 0
    masked: int = 0
    kept: int = 0
    ground: Mapping[str, str] = field(default_factory=dict)
    law: Mapping[str, str] = field(default_factory=dict)
    until: date | None = None
    first: date | None = None

    @property
    def deleted(self) -> int:
        return self.count - self.masked - self.kept

    def as_json(self) -> dict[str, Any]:
        days = {name: day.isoformat() if day else None for name, day in (("until", self.until), ("first", self.first))}
        return asdict(self) | days

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Table:
        days = {name: date.fromisoformat(values[name]) if values.get(name) else None for name in ("until", "first")}
        return cls(**{**values, **days})


def in_language(words: Mapping[str, str], language: str) -> str:
    """Of a text by language: this one, English, or any there is."""
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


Rows = tuple[str, list[str], Iterable[list[Any]]]  # name of the table, its columns, its rows


class Connector(Protocol):
    """Raises Fault where something has to be put right, Unreachable where it is tried again, Later where an answer comes by itself."""

    def check(self) -> None:
        """Whether it could be asked at all."""

    def locate(self, keys: Keys) -> Keys:
        """The keys, with all that the system knows the person by. Changes nothing."""

    def read(self, keys: Keys, reference: str) -> Generator[Rows]:
        """What it holds, for a copy. Changes nothing. `reference`: the number of the request."""

    def plan(self, keys: Keys, today: date) -> list[Table] | None:
        """What a deletion today would do: the dry run. None: it cannot tell before. Changes nothing."""

    def erase(self, keys: Keys, today: date, reference: str) -> list[Table]:
        """Does it, and says what there was; twice is once."""

    def end(self, keys: Keys, kept: list[Table], today: date, reference: str) -> list[Table]:
        """Deletes of what had to stay at a deletion whatever may go now, and says what still stays. By the keys of then alone: what
        somebody gave since, who came back, is not touched. Twice is once."""
