"""What the columns of an export mean: one file of propagation/presets for each tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "presets"


class NoPreset(LookupError):
    """No such tool, or not with this setting."""


@dataclass(frozen=True)
class Said:
    """How one column, or the file as a whole, says something about one channel. Names of columns are compared as they stand."""

    channel: str
    column: str
    yes: frozenset[str]
    no: frozenset[str]
    open: frozenset[str]
    time: tuple[str, ...]
    no_time: tuple[str, ...]
    time_format: str | None
    time_zone: str | None
    source: tuple[str, ...]
    wording: tuple[str, ...]
    language: tuple[str, ...]
    purpose_column: str
    channel_column: str


@dataclass(frozen=True)
class Preset:
    key: str
    titles: Mapping[str, str]
    format: str  # csv, ndjson or any
    delimiter: str
    person: Mapping[str, tuple[str, ...]]
    file_says: Mapping[str, str]  # status of the file -> yes, no, open; empty: a column says it
    decisions: tuple[Said, ...]

    @property
    def names_purposes(self) -> bool:
        return any(each.purpose_column for each in self.decisions)


def presets() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@lru_cache
def preset(key: str) -> Preset:
    """Raises NoPreset."""
    if key not in presets():
        raise NoPreset(key)
    content: dict[str, Any] = yaml.safe_load((FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))
    return Preset(
        key=key,
        titles=content["title"],
        format=content["format"],
        delimiter=content.get("delimiter", ","),
        person={kind: tuple(columns) for kind, columns in content["person"].items()},
        file_says=content.get("file_says", {}),
        decisions=tuple(_said(each) for each in content["decisions"]),
    )


def _said(each: dict[str, Any]) -> Said:
    words = {name: frozenset(str(word).casefold() for word in each.get(name, ())) for name in ("yes", "no", "open")}
    columns = {name: tuple(each.get(name, ())) for name in ("time", "no_time", "source", "wording", "language")}
    return Said(
        channel=each.get("channel", ""), column=each.get("column", ""), time_format=each.get("time_format"),
        time_zone=each.get("time_zone"), purpose_column=each.get("purpose_column", ""), channel_column=each.get("channel_column", ""),
        yes=words["yes"], no=words["no"], open=words["open"], time=columns["time"], no_time=columns["no_time"],
        source=columns["source"], wording=columns["wording"], language=columns["language"],
    )  # fmt: skip
