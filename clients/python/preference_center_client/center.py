"""The center, as a partner of a brand talks to it."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal, Self
from urllib.parse import urlsplit

from . import answers
from .answers import Decision, Event, Found, Import, Member, Outcome, Prompt, ReportLine, Tied, Told, taken, taken_or_none, texts
from .faults import CenterError, NotUnderstood, Problem, Unreachable
from .people import By, Person
from .streams import BrokeOff, Changes, Place, end_of, next_of, unbroken
from .wire import Call, Wire, backoff, lines, safe_origin

logger = logging.getLogger(__name__)

BATCH = 10_000  # checks in one question, the most that the center takes
PAGE = 1000  # events likewise
PURPOSE = re.compile(r"[A-Za-z0-9_-]+\Z")
KEY = re.compile(r"pck_[\x21-\x7e]+\Z")
SCOPES = ("marketing", "sale", "sensitive")
NDJSON = (".ndjson", ".jsonl")

Scope = Literal["marketing", "sale", "sensitive"]


@dataclass(frozen=True, slots=True)
class Check:
    """One question of many: may `person` be reached for `purpose` through `channel` ("": the purpose itself)?"""

    person: Person
    purpose: str
    channel: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.person, Person):
            raise TypeError("a person is made with by_id, by_email, by_phone or by_pairwise")
        if not all(isinstance(each, str) for each in (self.purpose, self.channel)):
            raise TypeError("purpose and channel are text")
        if not PURPOSE.match(self.purpose):
            raise ValueError("a purpose is its key: letters, digits, - and _")

    def as_json(self) -> dict[str, Any]:
        return {"person": self.person.as_json(), "purpose": self.purpose, "channel": self.channel}


@dataclass(frozen=True, slots=True)
class Evidence:
    """`wording`: what the person read. `source`: where. `sha256`: 64 hexadecimal digits, of the original record that you keep."""

    wording: str
    source: str
    sha256: str = ""

    def as_json(self) -> dict[str, str]:
        return {"wording": self.wording, "source": self.source} | ({"sha256": self.sha256} if self.sha256 else {})


class Center:
    """`timeout`: seconds to connect, and between two bytes. `retries`: how often a call is repeated at most, after a connection that
    failed, a timeout, or an answer of 429, 502, 503 or 504. Threads may share one. Raises ValueError for an address that is not https
    (http is for this machine alone) or a key that is none.

    Every method raises Problem where the center says no and Unreachable where it says nothing, except `allowed`.
    """

    def __init__(self, origin: str, key: str, timeout: tuple[float, float] = (2, 5), retries: int = 3) -> None:
        self.origin = safe_origin(origin)
        if urlsplit(origin).path.strip("/") or urlsplit(origin).query or urlsplit(origin).fragment:
            raise ValueError("the address of a center has no path")
        if not KEY.match(key):
            raise ValueError("a key begins with pck_")
        self._wire = Wire(key, timeout, retries)

    def __repr__(self) -> str:
        return f"Center({self.origin!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._wire.close()

    # ── Ask ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def allowed(self, person: Person, purpose: str, channel: str = "", *, min_position: int | None = None) -> bool:
        """True only where the center has just said yes for a reason that this package knows. Whatever else happens is False, and comes
        back within connect + read seconds. Raises TypeError and ValueError for a question that is none (an empty purpose): a mistake in
        the program would otherwise look as if everybody had refused."""
        check = Check(person, purpose, channel)
        _check_position(min_position)
        try:
            return self._decide(check, min_position).allowed is True
        except CenterError as fault:
            logger.warning("no answer about %s, which counts as no: %s", purpose, fault.name)
        except Exception:  # a fault of ours must not become a yes, nor stop who asks
            logger.exception("no answer about %s, which counts as no", purpose)
        return False

    def decide(self, person: Person, purpose: str, channel: str = "", *, min_position: int | None = None) -> Decision:
        """`min_position`: answer only from a ledger that has come so far, such as the position of an event; otherwise the Problem is
        "not-yet". Takes connect + read seconds at most."""
        check = Check(person, purpose, channel)
        _check_position(min_position)
        return self._decide(check, min_position)

    def decide_many(self, checks: Iterable[Check], *, min_position: int | None = None) -> Iterator[Decision]:
        """One answer for each, in the order asked, while they arrive; 10,000 are asked at once. What the center does not get to say is a
        no with the reason "error". Raises Problem where it refuses to be asked (a bad key, a purpose not in its scope)."""
        _check_position(min_position)
        return self._decide_many(iter(checks), min_position)

    def _decide(self, check: Check, min_position: int | None) -> Decision:
        answer = self._wire.ask(self._post("/decisions", check.as_json() | _position(min_position)), within=sum(self._wire.timeout))
        return answers.as_decision(answer, check.person, check.purpose, check.channel)

    def _decide_many(self, checks: Iterator[Check], min_position: int | None) -> Iterator[Decision]:
        while batch := list(islice(checks, BATCH)):
            answered = 0
            try:
                for decision in self._batch(batch, min_position):
                    answered += 1
                    yield decision
            except CenterError as fault:
                if isinstance(fault, Problem) and not fault.passing and fault.status < 500:
                    raise
                logger.warning("%d of %d answers are missing, which counts as no: %s", len(batch) - answered, len(batch), fault.name)
            for check in batch[answered:]:
                yield Decision(False, "error", check.person, check.purpose, check.channel)

    def _batch(self, batch: list[Check], min_position: int | None) -> Iterator[Decision]:
        call = self._post("/decisions/batch", {"checks": [check.as_json() for check in batch]} | _position(min_position))
        with self._wire.open(call) as response, closing(lines(response)) as stream:
            for number, check in enumerate(batch, 1):
                yield answers.as_batch_decision(next_of(stream), number, check.person, check.purpose, check.channel)
            with suppress(Unreachable):  # nothing is missing any more; a connection that is read to its end is used again
                for _ in islice(stream, 2):
                    pass

    def audience(
        self, purpose: str, channel: str = "", topic: str | None = None, identify: By = "pairwise", after: str | None = None
    ) -> Iterator[Member]:
        """Everybody who may be reached, each once, while they arrive. A stream that breaks off goes on where it was; Unreachable comes
        when it does not get any further in retries + 1 attempts, and `after` may be the cursor of the last member then. Who takes
        longer than a moment over it asks again with `allowed` before each message: an audience grows old."""
        if not PURPOSE.match(purpose):
            raise ValueError("a purpose is its key: letters, digits, - and _")
        params = {"identify": identify} | ({"channel": channel} if channel else {}) | ({"topic": topic} if topic else {})
        return self._audience(f"/audiences/{purpose}", params, identify, Place(after))

    def _audience(self, path: str, params: dict[str, str], identify: By, place: Place) -> Iterator[Member]:
        more = True
        while more:
            try:
                more = yield from self._page(path, params, identify, place)
            except BrokeOff:
                if place.idle == self._wire.retries:
                    raise
                time.sleep(backoff(place.idle))
                place.idle += 1

    def _page(self, path: str, params: dict[str, str], identify: By, place: Place) -> Generator[Member, None, bool]:
        """From `place` on, which moves along. Returns whether there is another. Raises BrokeOff."""
        count, start = 0, place.cursor
        call = self._get(path, params | ({"after": start} if start else {}))
        with self._wire.open(call) as response, closing(unbroken(lines(response))) as stream:
            for line in stream:
                if "end" in line:
                    return place.turn(end_of(line, count), start)
                count += 1
                member = Member(answers.as_person(line.get("person")), taken(line, "cursor", str))
                if member.person.by != identify or not member.cursor:
                    raise NotUnderstood("a person named otherwise than asked")
                if member.cursor != start:  # a center that begins with the last one again
                    place.move(member.cursor)
                    yield member
        raise BrokeOff("the stream broke off before its end line")

    # ── Hear ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def changes(self, after: int) -> Changes:
        """What has happened after that position, in order, until there is no more."""
        _check_position(after)
        return Changes(self._changes, after)

    def _changes(self, after: int) -> tuple[list[Event], int, bool]:
        answer = self._wire.ask(self._get("/changes", {"after": str(after), "limit": str(PAGE)}))
        events = [answers.as_event(_object(each)) for each in taken(answer, "events", list)]
        following, more = taken(answer, "next", int), taken(answer, "more", bool)
        if following < after or (more and following == after):
            raise NotUnderstood("a page that leads nowhere")
        return events, following, more

    # ── Tell ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def deny(self, person: Person, purpose: str, channel: str = "", *, occurred_at: datetime | None = None, language: str = "") -> Outcome:
        """A no, which the center always takes, also about somebody it does not know yet. Where this raises, the no is not safe: keep it
        and say it again."""
        return self._choose(person, purpose, channel, "deny", occurred_at, language, {})

    def allow(
        self, person: Person, purpose: str, channel: str = "", *, evidence: Evidence | None = None, occurred_at: datetime | None = None,
        double_opt_in: bool = False, language: str = "",
    ) -> Outcome:  # fmt: skip
        """A yes. Either you have the proof, and `evidence` and `occurred_at` say what it is; or the center asks the person with a mail
        (`double_opt_in`, by_email only), and the result is "pending". Raises ValueError for neither and for both."""
        if (evidence is None) is not double_opt_in or (evidence is not None and occurred_at is None):
            raise ValueError("a yes needs evidence and occurred_at, or double_opt_in")
        proof = {"evidence": evidence.as_json()} if evidence else {"double_opt_in": True}
        return self._choose(person, purpose, channel, "allow", occurred_at, language, proof)

    def _choose(
        self, person: Person, purpose: str, channel: str, decision: str, occurred_at: datetime | None, language: str, proof: dict[str, Any]
    ) -> Outcome:
        said = Check(person, purpose, channel).as_json() | {"decision": decision} | proof | _when(occurred_at)
        return answers.as_outcome(self._wire.ask(self._change("/choices", said | ({"language": language} if language else {}))))

    def stop(self, person: Person, scope: Scope, *, occurred_at: datetime | None = None) -> Outcome:
        """A wide no: to all marketing, to being sold or shared, to the use of sensitive data. See `deny`."""
        if not isinstance(person, Person):
            raise TypeError("a person is made with by_id, by_email, by_phone or by_pairwise")
        if scope not in SCOPES:
            raise ValueError(f"a scope is one of {', '.join(SCOPES)}")
        return answers.as_outcome(
            self._wire.ask(self._change("/scopes", {"person": person.as_json(), "scope": scope} | _when(occurred_at)))
        )

    def tie(self, id: str, *, email: str = "", phone: str = "", language: str = "", country: str = "") -> Tied:
        """Ties your own id of a person to their address."""
        if not id:
            raise ValueError("an id is not empty")
        given = {"email": email, "phone": phone, "language": language, "country": country}
        answer = self._wire.ask(self._change("/people", {"id": id} | {name: value for name, value in given.items() if value}))
        return Tied(taken(answer, "pairwise", str), taken(answer, "created", bool))

    def look_up(self, person: Person) -> Found:
        """Raises Problem "unknown-person"."""
        answer = self._wire.ask(self._post("/people/lookup", {"person": person.as_json()}))
        return Found(taken(answer, "pairwise", str), texts(answer, "ids"), texts(answer, "emails"), texts(answer, "phones"))

    # ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────

    def told(self, person: Person, purpose: str, questions: Iterable[str] = (), *, language: str = "") -> Told:
        """What somebody told, for a purpose that they allow; each reading is counted, and they see it. `person`: by_id or by_pairwise, for
        an address does not belong in a URL."""
        if person.by not in {"id", "pairwise"}:
            raise ValueError("answers are read of a person by id or by pairwise")
        if not PURPOSE.match(purpose):
            raise ValueError("a purpose is its key: letters, digits, - and _")
        params: dict[str, str | list[str]] = {person.by: person.value, "purpose": purpose}
        params |= {"question": list(questions)} | ({"language": language} if language else {})
        return answers.as_told(self._wire.ask(self._get("/answers", params)), purpose)

    def happened(self, person: Person, event: str, *, occurred_at: datetime | None = None) -> bool:
        """Something on the way with a person, such as "order.placed". False where nothing is kept of it. Raises Problem "unknown-event"
        for one that the brand has not named."""
        said = {"person": person.as_json(), "event": event} | _when(occurred_at)
        return taken(self._wire.ask(self._change("/events", said)), "noted", bool)

    def prompt(self, person: Person, visit: str, *, language: str = "", back: str = "", paying: bool = False) -> Prompt:
        """A question for this page, if one is due. `visit`: what names the visit, the same on each of its pages; `back`: the address of
        the page, to which the answer returns; `paying`: it lies on the way to paying, and nothing is asked."""
        said: dict[str, Any] = {"person": person.as_json(), "visit": visit, "back": back, "paying": paying}
        return answers.as_prompt(self._wire.ask(self._post("/prompts", said | ({"language": language} if language else {}))))

    # ── Bring and take ──────────────────────────────────────────────────────────────────────────────────────────────

    def import_consents(self, source: str | os.PathLike[str] | IO[bytes], preset: str, dry_run: bool = True) -> Import:
        """Sends a file as it is read. `source`: its path, or a binary file that can be sought; NDJSON where its name ends in .ndjson or
        .jsonl, otherwise CSV. Nothing is saved by a dry run: read its report, then `apply_import`."""
        name, opener = _opener(source)
        headers = {"Content-Type": "application/x-ndjson" if name.endswith(NDJSON) else "text/csv"} | _once()
        params = {"preset": preset, "dry_run": "true" if dry_run else "false"}
        # How long it takes to send is a matter of its size: only the network's own timeouts end it.
        return answers.as_import(self._wire.ask(Call("POST", self._url("/imports"), params, headers, opener), within=math.inf))

    def import_status(self, number: str) -> Import:
        """`number`: Import.id."""
        return answers.as_import(self._wire.ask(self._get(f"/imports/{uuid.UUID(number)}")))

    def import_report(self, number: str) -> Iterator[ReportLine]:
        """What became of each line, and why."""
        with self._wire.open(self._get(f"/imports/{uuid.UUID(number)}/report")) as response, closing(lines(response)) as stream:
            for line in stream:
                if "end" in line:
                    return
                yield ReportLine(taken(line, "line", int), taken(line, "outcome", str), taken_or_none(line, "why", str) or "")

    def apply_import(self, number: str) -> Import:
        """Saves what a dry run has tried."""
        return answers.as_import(self._wire.ask(self._change(f"/imports/{uuid.UUID(number)}/apply", {})))

    def export(self) -> Iterator[dict[str, Any]]:
        """Everything, as the center keeps it. Raises Unreachable at the end of what came, where it is not all."""
        count = 0
        with self._wire.open(self._get("/export")) as response, closing(lines(response)) as stream:
            for line in stream:
                if line.get("end") is True:
                    end_of(line, count)
                    return
                count += 1
                yield line
        raise Unreachable("the stream broke off before its end line")

    # ── The calls ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _url(self, path: str) -> str:
        return f"{self.origin}/api/v1{path}"

    def _get(self, path: str, params: Mapping[str, str | list[str]] | None = None) -> Call:
        return Call("GET", self._url(path), params or {})

    def _post(self, path: str, said: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Call:
        body = json.dumps(said, allow_nan=False, separators=(",", ":")).encode()
        return Call("POST", self._url(path), headers={"Content-Type": "application/json"} | dict(headers or {}), body=body)

    def _change(self, path: str, said: Mapping[str, Any]) -> Call:
        return self._post(path, said, _once())


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise NotUnderstood("not an object")
    return value


def _once() -> dict[str, str]:
    """Made once for each call, so that its repetitions do it once."""
    return {"Idempotency-Key": uuid.uuid4().hex}


def _when(moment: datetime | None) -> dict[str, str]:
    return {} if moment is None else {"occurred_at": answers.as_text(moment)}


def _position(position: int | None) -> dict[str, int]:
    return {} if position is None else {"min_position": position}


def _check_position(position: int | None) -> None:
    if position is not None and (type(position) is not int or position < 0):
        raise ValueError("a position is a whole number from 0")


def _opener(source: str | os.PathLike[str] | IO[bytes]) -> tuple[str, Callable[[], AbstractContextManager[IO[bytes]]]]:
    """The name of a file, and what opens it at its beginning (of a file that is open already: where it stands now)."""
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        return path.name.lower(), lambda: path.open("rb")
    if not isinstance(source.read(0), bytes):
        raise TypeError("a file is opened with rb")
    start, name = source.tell(), getattr(source, "name", "")
    return name.lower() if isinstance(name, str) else "", lambda: _again(source, start)


def _again(source: IO[bytes], start: int) -> AbstractContextManager[IO[bytes]]:
    """From where it stood; it is its owner's to close."""
    source.seek(start)
    return nullcontext(source)
