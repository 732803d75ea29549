"""What the center says, read strictly: a member that is missing or of another type makes the whole answer none (NotUnderstood)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from .faults import NotUnderstood
from .people import By, Person

T = TypeVar("T")

# The reasons for which something is allowed. A yes with any other reason (also one that is newer than this package) is no yes.
PERMITS = frozenset({"granted", "not_objected", "contract", "legal_duty"})


@dataclass(frozen=True, slots=True)
class Decision:
    """`proof`: the receipt of what the person said. `position`, `at`: of the ledger when it was answered (None in a batch). In a
    condition it counts as its answer, so that `if center.decide(…)` cannot be a yes by mistake."""

    allowed: bool
    reason: str
    person: Person
    purpose: str
    channel: str = ""
    proof: str | None = None
    position: int | None = None
    at: datetime | None = None

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a choice: "saved", "stands" (it said so already), "superseded" (a later word stands), "unproven" (`missing` says
    what the evidence lacks), "pending" (a mail asks the person), "no_control" (nobody decides that purpose)."""

    result: str
    receipt: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One person of an audience. `cursor`: where to go on after this person."""

    person: Person
    cursor: str


@dataclass(frozen=True, slots=True)
class Tied:
    pairwise: str = field(repr=False)
    created: bool


@dataclass(frozen=True, slots=True)
class Found:
    pairwise: str = field(repr=False)
    ids: tuple[str, ...] = field(repr=False)
    emails: tuple[str, ...] = field(repr=False)
    phones: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody told. `value`: {"text"}, {"one"}, {"some"}, {"day"}, {"number"} or {"sizes"}; `title`, `words`: as they read it."""

    question: str
    version: int
    value: Mapping[str, Any] = field(repr=False)
    title: str
    words: str = field(repr=False)
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """Without a yes there are no answers, and `reason` says why. In a condition it counts as whether there are some."""

    allowed: bool
    reason: str
    purpose: str
    answers: tuple[Answer, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.answers)

    def answer(self, question: str) -> Answer | None:
        return next((each for each in self.answers if each.question == question), None)


@dataclass(frozen=True, slots=True)
class Prompt:
    """`html`: to include as it is in a page of yours, "" when nothing is asked; `why`: then why; `style`: where its style sheet is."""

    html: str
    question: str | None
    why: str | None
    style: str


@dataclass(frozen=True, slots=True)
class Import:
    """`state`: waiting, running, dry (tried, nothing saved), done or failed. `lines`: of the file, `done`: so far. `counts`: lines by
    outcome."""

    id: str
    state: str
    lines: int = 0
    done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportLine:
    line: int
    outcome: str
    why: str


@dataclass(frozen=True, slots=True)
class Event:
    """`id`: of the delivery, the same each time it is repeated: your key against doing a thing twice; "" where it was read from
    `changes`, whose key is `position`."""

    id: str
    type: str
    timestamp: datetime
    data: Mapping[str, Any] = field(repr=False)

    @property
    def position(self) -> int | None:
        """Of the ledger; None where the event is about none of its entries."""
        value = self.data.get("position")
        return value if type(value) is int else None

    @property
    def person(self) -> Person | None:
        """None where it is about nobody. Raises Unreachable for a person named in a way that this package does not know."""
        value = self.data.get("person")
        return as_person(value) if value is not None else None

    @property
    def confirm(self) -> str:
        """The URL for Receiver.confirm; "" where nobody waits for it."""
        value = self.data.get("confirm")
        return value if isinstance(value, str) else ""


def parsed(data: bytes) -> dict[str, Any]:
    """One JSON object."""
    try:
        value = json.loads(data.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):  # also a number of more digits than Python reads
        raise NotUnderstood("not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise NotUnderstood("not an object")
    return value


def _no_number(name: str) -> None:
    raise ValueError(name)


def taken(answer: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """The member of that name. Its type is meant exactly: true is no number."""
    value = answer.get(name)
    if type(value) is not kind:
        raise NotUnderstood(f"{name} is missing, or of another type")
    return value


def taken_or_none(answer: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    return None if answer.get(name) is None else taken(answer, name, kind)


def texts(answer: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = taken(answer, name, list)
    if not all(isinstance(value, str) for value in values):
        raise NotUnderstood(f"{name} is not a list of texts")
    return tuple(values)


def as_person(value: Any) -> Person:
    if not isinstance(value, dict) or len(value) != 1:
        raise NotUnderstood("not one person")
    kinds: tuple[By, ...] = ("id", "email", "phone", "pairwise")
    for by in kinds:
        if by in value:
            try:
                return Person(by, value[by])
            except (TypeError, ValueError):
                break
    raise NotUnderstood("not a person")


def as_decision(answer: Mapping[str, Any], person: Person, purpose: str, channel: str) -> Decision:
    """Of a single question. An answer about something else than what was asked is none."""
    if taken(answer, "purpose", str) != purpose or taken(answer, "channel", str) != channel:
        raise NotUnderstood("an answer to another question")
    at = as_moment(taken(answer, "at", str))
    return Decision(*_word(answer), person, purpose, channel, taken_or_none(answer, "proof", str), taken(answer, "position", int), at)


def as_batch_decision(answer: Mapping[str, Any], line: int, person: Person, purpose: str, channel: str) -> Decision:
    """Of line `line` (from 1) of a batch: the answers come in the order asked."""
    if taken(answer, "line", int) != line:
        raise NotUnderstood("an answer to another line")
    return Decision(*_word(answer), person, purpose, channel, taken_or_none(answer, "proof", str))


def _word(answer: Mapping[str, Any]) -> tuple[bool, str]:
    reason = taken(answer, "reason", str)
    return taken(answer, "allowed", bool) and reason in PERMITS, reason


def as_outcome(answer: Mapping[str, Any]) -> Outcome:
    missing = texts(answer, "missing") if answer.get("missing") is not None else ()
    return Outcome(taken(answer, "result", str), taken_or_none(answer, "receipt", str), missing)


def as_told(answer: Mapping[str, Any], purpose: str) -> Told:
    """Of a reading. What was allowed for a reason that this package does not know is not."""
    if taken(answer, "purpose", str) != purpose:
        raise NotUnderstood("an answer to another question")
    allowed, reason = _word(answer)
    given = [_as_answer(each) for each in taken(answer, "answers", list)]
    return Told(allowed, reason, purpose, tuple(given) if allowed else ())


def _as_answer(value: Any) -> Answer:
    if not isinstance(value, dict):
        raise NotUnderstood("not an answer")
    return Answer(
        taken(value, "question", str), taken(value, "version", int), taken(value, "value", dict), taken(value, "title", str),
        taken(value, "words", str), as_moment(taken(value, "given_at", str)),
    )  # fmt: skip


def as_prompt(answer: Mapping[str, Any]) -> Prompt:
    question, why = taken_or_none(answer, "question", str), taken_or_none(answer, "why", str)
    return Prompt(taken(answer, "html", str), question, why, taken(answer, "style", str))


def as_import(answer: Mapping[str, Any]) -> Import:
    counts = taken(answer, "counts", dict) if "counts" in answer else {}
    if not all(type(count) is int for count in counts.values()):
        raise NotUnderstood("counts are numbers")
    count, done = taken_or_none(answer, "lines", int) or 0, taken_or_none(answer, "done", int) or 0
    return Import(taken(answer, "id", str), taken(answer, "state", str), count, done, counts)


def as_event(answer: Mapping[str, Any], number: str = "") -> Event:
    """`number`: the webhook-id it came with."""
    return Event(number, taken(answer, "type", str), as_moment(taken(answer, "timestamp", str)), taken(answer, "data", dict))


# ── Times ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def as_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotUnderstood("not a time") from None
    if moment.tzinfo is None:
        raise NotUnderstood("a time of no zone")
    return moment


def as_text(moment: datetime) -> str:
    """Raises ValueError for a time of no zone: it would be a guess when the person said it."""
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone: datetime.now(UTC)")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
