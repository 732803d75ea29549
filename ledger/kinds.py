"""The kinds of entries. An app registers its own in AppConfig.ready; an unnamed kind or field cannot be appended."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Payload = dict[str, Any]


class Period(enum.Enum):
    """When the payload goes."""

    PROOF = "proof"  # references and hashes only; after the regime's proof period
    WITH_PERSON = "with_person"  # at erasure
    PUBLIC = "public"  # never: it is about no person


@dataclass(frozen=True)
class Words:
    """One line of the history page in the reader's language, and a quieter one below it."""

    title: str
    detail: str = ""


@dataclass(frozen=True)
class Kind:
    name: str
    fields: frozenset[str]
    period: Period
    words: Callable[[Payload], Words]
    group: str  # the filter of the history page: choices, answers, requests, policy, sign_ins, account


COMMON = frozenset({"v", "id", "subject", "seq", "previous", "kind", "brand", "actor", "recorded_at"})
_kinds: dict[str, Kind] = {}


class UnknownKind(LookupError):
    """No app has registered a kind of this name."""


def register(kind: str, *, fields: tuple[str, ...], period: Period, words: Callable[[Payload], Words], group: str = "account") -> None:
    if clash := COMMON & set(fields):
        raise ValueError(f"{kind}: {sorted(clash)} are fields of every entry")
    _kinds[kind] = Kind(kind, frozenset(fields), period, words, group)


def kind(name: str) -> Kind:
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def kinds() -> list[Kind]:
    return list(_kinds.values())
