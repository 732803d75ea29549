"""From a row to what somebody decided, by the words of a preset. What is not understood is refused, with its reason and no value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.addresses import canonical_email, canonical_phone
from accounts.models import LONGEST_ID
from catalogue.published import Published
from consents.actions import Elsewhere
from consents.states import Verb
from ledger.canonical import NotCanonical, canonical
from propagation.importing.presets import Preset, Said
from propagation.importing.reading import Row

AHEAD = timedelta(seconds=120)
EARLIEST = 1990
FORMULA = ("=", "@", "\t", "\r", "+", "-")
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
CHANNELS = frozenset({"", "email", "sms", "phone", "post", "push"})
LONGEST = {"wording": 5000, "source": 200}
LONGEST_ADDRESS = 320
MOST_BYTES = {"wording": 12_000, "source": 1200}  # together with what else is on a screen it has to fit into one


Names = tuple[tuple[str, str], ...]  # ("id", …), ("email", canonical), ("phone", …), as far as the row has them


class Refused(ValueError):
    """This line is not taken, and why."""


@dataclass(frozen=True)
class Decided:
    """One decision of one line. `name`: by which they are meant; `names`: all that the row has; `address`: the email as it was
    written."""

    line: int
    name: tuple[str, str]
    names: Names
    address: str
    purpose: Published
    channel: str
    verb: Verb
    elsewhere: Elsewhere
    language: str


@dataclass(frozen=True)
class Setting:
    """What the preset leaves open. `purpose`: what the lines are about; `status`: what the file as a whole is of."""

    purpose: str = ""
    language: str = ""
    status: str = ""


class Reader:
    """One preset with its setting, at one brand."""

    def __init__(self, preset: Preset, setting: Setting, offered: Mapping[str, Published], sha256: str) -> None:
        self.preset, self.setting, self.offered, self.sha256 = preset, setting, offered, sha256

    def decisions(self, row: Row) -> Iterator[Decided | Refused]:
        """Nothing where the row says nothing. What is not understood of one column does not take the others with it."""
        if row.fault:
            yield Refused(row.fault)
            return
        people: tuple[Names, str] | None = None
        for said in self.preset.decisions:
            try:
                verb = self._verb(said, row.cells)
                if verb is not None:
                    people = people or self._person(row.cells)
                    yield self._decided(row, *people, said, verb)
            except Refused as refused:
                yield refused

    def _verb(self, said: Said, cells: Mapping[str, str]) -> Verb | None:
        if self.preset.file_says:
            return VERBS[self.preset.file_says[self.setting.status]]
        if said.column not in cells:
            raise Refused(f"there is no column {said.column}")
        word = cells[said.column].strip().casefold()
        if word in said.yes:
            return Verb.ALLOW
        if word in said.no:
            return Verb.DENY
        if word in said.open:
            return None
        raise Refused(f"column {said.column} says neither yes nor no")

    def _person(self, cells: Mapping[str, str]) -> tuple[Names, str]:
        """Every way in which the row names them, and the email as it was written."""
        names, address = [], ""
        for kind in ("id", "email", "phone"):
            value = _first(cells, self.preset.person.get(kind, ())).strip().lstrip("'").strip()
            if value:
                names.append((kind, _name(kind, value)))
                address = value if kind == "email" else address
        if not names:
            raise Refused("nobody is named")
        return tuple(names), address

    def _decided(self, row: Row, names: Names, address: str, said: Said, verb: Verb) -> Decided:
        cells = row.cells
        key = cells.get(said.purpose_column, "").strip() if said.purpose_column else self.setting.purpose
        if self.setting.purpose not in {"", key}:
            raise Refused("not about the purpose that the import is about")
        channel = cells.get(said.channel_column, "").strip() if said.channel_column else said.channel
        purpose = self.offered.get(key)
        if purpose is None or channel not in CHANNELS or (channel not in (purpose.channels or ("",)) and purpose.channels):
            raise Refused("there is no such purpose, or not on that channel")
        columns = said.no_time or said.time if verb is Verb.DENY else said.time
        elsewhere = Elsewhere(
            occurred_at=_moment(_first(cells, columns), said), wording=_text(cells, said.wording, "wording"),
            source=_text(cells, said.source, "source"), evidence=self.sha256,
        )  # fmt: skip
        language = _first(cells, said.language).strip() or self.setting.language
        if language and not LANGUAGE.fullmatch(language):
            raise Refused("the language is none")
        return Decided(row.line, names[0], names, address, purpose, channel if purpose.channels else "", verb, elsewhere, language)


VERBS = {"yes": Verb.ALLOW, "no": Verb.DENY, "open": None}


def _first(cells: Mapping[str, str], columns: tuple[str, ...]) -> str:
    return next((cells[column] for column in columns if cells.get(column, "").strip()), "")


def _name(kind: str, value: str) -> str:
    if kind == "id":
        if len(value) > LONGEST_ID or value.startswith(FORMULA) or not value.isprintable():
            raise Refused("the id is none")
        return value
    if len(value) > LONGEST_ADDRESS:
        raise Refused(f"the {kind} is none")
    try:
        return canonical_email(value) if kind == "email" else canonical_phone(value)
    except ValidationError:
        raise Refused(f"the {kind} is none") from None


def _text(cells: Mapping[str, str], columns: tuple[str, ...], what: str) -> str:
    """A cell that a spreadsheet would run is no sentence that anybody read."""
    value = _first(cells, columns).strip()
    if value.startswith(FORMULA) or "\x00" in value or len(value) > LONGEST[what]:
        raise Refused(f"the {what} is none")
    try:
        size = len(canonical({"text": value}))
    except NotCanonical:
        raise Refused(f"the {what} is none") from None
    if size > MOST_BYTES[what]:
        raise Refused(f"the {what} is too long")
    return value


def _moment(text: str, said: Said) -> datetime | None:
    """In UTC. A time without its zone counts where the preset says which zone it is."""
    text = text.strip()
    if not text:
        return None
    try:
        found = datetime.strptime(text, said.time_format) if said.time_format else parse_datetime(text)
        if found is not None and found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(said.time_zone)) if said.time_zone else None
        moment = found.astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year < EARLIEST:
        raise Refused("the time is none, or lacks its zone")
    if moment > timezone.now() + AHEAD:
        raise Refused("the time lies in the future")
    return moment
