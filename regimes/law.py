"""The law in memory: read once a process, by one query, and asked as often as anybody likes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol, TypeVar

from regimes import documents
from regimes.models import RegimeVersion
from regimes.readings import READINGS, Reading


class NoLaw(RuntimeError):
    """No law is loaded, or a stored document is not what it was when loaded. Whoever asks must answer no."""


@dataclass(frozen=True)
class Regime:
    id: str
    jurisdictions: frozenset[str]
    effective_from: date | None
    effective_to: date | None  # last day
    extends: str
    readings: dict[str, Reading]  # by class; "general" speaks for every class without a reading of its own
    proof: dict[str, Any]
    rights: frozenset[str]
    entry: dict[str, Any]  # as loaded: deadlines, extension and clock are read from it by regimes.periods

    def reading(self, purpose_class: str) -> Reading | None:
        return self.readings.get(purpose_class, self.readings.get("general"))


@dataclass(frozen=True)
class Age:
    """A row of the ages of digital consent. `age` None: the law names none. `joint`: below it, child and guardian together."""

    code: str
    age: int | None
    scope: str
    effective_from: date | None
    effective_to: date | None
    joint: bool
    basis: str
    verify: bool


class Law:
    """All of it, as of one RegimeVersion id (`newest`). Compared by identity, so it can key a cache."""

    def __init__(self, newest: int, bodies: dict[str, Any]) -> None:
        self.newest = newest
        self.documents = bodies  # by key, as models.RegimeVersion says; never to be changed
        self._common: dict[str, Any] = bodies[documents.COMMON]
        self._regimes: dict[str, list[Regime]] = {}
        self._ages: dict[tuple[str, str], list[Age]] = {}
        for key, entries in bodies.items():
            if key.startswith(documents.AGE):
                for row in map(_age, entries):
                    self._ages.setdefault((row.code, row.scope), []).append(row)
            elif key != documents.COMMON:
                self._regimes[key] = [_regime(entry) for entry in entries]
        self._in_force: dict[date, dict[str, Regime]] = {}

    @cached_property
    def classes(self) -> frozenset[str]:
        return frozenset(self._common["canonical_purposes"])

    @property
    def default_age(self) -> int:
        return int(self._common["resolution_policy"]["global_floor"]["age_default"])

    @property
    def computation_rules(self) -> dict[str, Any]:
        return dict(self._common.get("computation_rules") or {})

    @property
    def global_floor(self) -> dict[str, Any]:
        return dict(self._common["resolution_policy"]["global_floor"])

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._regimes)

    def wording(self, key: str, on: date) -> Regime:
        """A regime in the wording of a day. Where it binds nobody on that day: the next to come, else the last there was."""
        entries = sorted(self._regimes[key], key=lambda entry: entry.effective_from or date.min)
        coming = [entry for entry in entries if (entry.effective_from or date.min) > on]
        return _of_day(entries, on) or next(iter(coming), entries[-1])

    def in_force(self, on: date) -> dict[str, Regime]:
        """The regimes that apply on a day, each in the wording of that day."""
        if on not in self._in_force:
            # One day is asked about thousands of times, and a handful of days in a process's life: a plain dict does.
            if len(self._in_force) > 64:
                self._in_force = {}
            self._in_force[on] = {key: regime for key, entries in self._regimes.items() if (regime := _of_day(entries, on))}
        return self._in_force[on]

    @property
    def age_codes(self) -> frozenset[str]:
        """Countries and regions with a row of their own."""
        return frozenset(code for code, _scope in self._ages)

    def ages(self, codes: Iterable[str], on: date) -> Iterator[Age]:
        wanted = frozenset(codes)
        for (code, _scope), rows in self._ages.items():
            if code in wanted and (row := _of_day(rows, on)):
                yield row


class Dated(Protocol):
    @property
    def effective_from(self) -> date | None: ...
    @property
    def effective_to(self) -> date | None: ...


Entry = TypeVar("Entry", bound=Dated)


def _of_day(entries: list[Entry], on: date) -> Entry | None:
    """The newest entry whose first day has come, unless its last day is over. No first day means since ever."""
    begun = [entry for entry in entries if (entry.effective_from or date.min) <= on]
    newest = max(begun, key=lambda entry: entry.effective_from or date.min, default=None)
    return newest if newest and (newest.effective_to is None or on <= newest.effective_to) else None


def _day(entry: dict[str, Any], field: str) -> date | None:
    return date.fromisoformat(entry[field]) if entry.get(field) else None


def _regime(entry: dict[str, Any]) -> Regime:
    return Regime(
        id=entry["id"],
        jurisdictions=frozenset(entry["jurisdictions"]),
        effective_from=_day(entry, "effective_from"),
        effective_to=_day(entry, "effective_to"),
        extends=entry.get("extends") or "",
        readings={name: READINGS[name, phrase] for name, phrase in (entry.get("consent_model") or {}).items()},
        proof=entry.get("proof_retention") or {},
        rights=frozenset(entry.get("rights") or ()),
        entry=entry,
    )


def _age(row: dict[str, Any]) -> Age:
    return Age(
        code=row["country"],
        age=row.get("age"),
        scope=row.get("scope") or "",
        effective_from=_day(row, "effective_from"),
        effective_to=_day(row, "effective_to"),
        joint=bool(row.get("dual_consent")),
        basis=row.get("basis") or "",
        verify=bool(row.get("verify")),
    )


def _read() -> Law:
    rows = list(RegimeVersion.objects.current().values_list("id", "key", "sha256", "body"))
    if not rows:
        raise NoLaw("No law is loaded: run manage.py load_regimes.")
    altered = [key for _id, key, sha256, body in rows if documents.sha256(body) != sha256]
    if altered:
        raise NoLaw(f"Stored law was altered outside manage.py load_regimes: {', '.join(altered)}.")
    return Law(max(row[0] for row in rows), {key: json.loads(body) for _id, key, _sha256, body in rows})


_held: Law | None = None


def law() -> Law:
    """The law this process holds. The first call makes one query, the later ones none."""
    global _held
    if _held is None:
        _held = _read()
    return _held


def reload() -> None:
    """Forgets what is held; the next question reads the newest."""
    global _held
    _held = None
