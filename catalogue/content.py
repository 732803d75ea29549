"""What one version of a purpose holds, as plain values: drafts are written from it, growth is judged on it, its bytes are hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from catalogue.models import PurposeText, PurposeVersion, Use
from catalogue.models.purposes import AGE_GROUPS, FACTS

# Words that addresses below /choices/ use for themselves: nobody could decide on a purpose of that name.
RESERVED_KEYS = frozenset({"address", "deny-all", "marketing", "taste", "undo"})


@dataclass(frozen=True)
class TextFacts:
    title: str
    sentence: str
    data: str = ""
    recipients: str = ""
    sold: str = ""
    kept: str = ""
    if_no: str = ""
    ground: str = ""
    channel_hints: Mapping[str, str] = field(default_factory=dict)
    for_children: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # {group: {"title": …, "sentence": …}}

    @classmethod
    def of(cls, row: PurposeText) -> Self:
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})

    def facts(self) -> dict[str, str]:
        """The six facts of the second layer, in the order they are shown."""
        return {name: getattr(self, name) for name in FACTS}

    def child_words(self, group: str) -> tuple[str, str]:
        """(title, sentence) for children of this group, else of the other one, else what everybody reads."""
        for each in (group, *AGE_GROUPS):
            words = self.for_children.get(each, {})
            if words.get("title") and words.get("sentence"):
                return words["title"], words["sentence"]
        return self.title, self.sentence

    def everything(self) -> list[tuple[str, str]]:
        """(field, text) of all that a person reads."""
        hints = [(f"channel_hints.{channel}", text) for channel, text in self.channel_hints.items()]
        return [("title", self.title), ("sentence", self.sentence), *self.facts().items(), *hints, *self.to_children()]

    def to_children(self) -> list[tuple[str, str]]:
        """(field, text) of what only children read."""
        return [(f"for_children.{group}.{name}", text) for group, words in self.for_children.items() for name, text in words.items()]


@dataclass(frozen=True, order=True)
class UseFacts:
    """`category`, `source`, `recipient` and `safeguards` are keys; `recipient` "" is nobody outside the brand.
    `country` is ISO 3166-1; the data goes `retention_days` after it was `collected`, the `year_end` or the use `stopped`."""

    category: str
    source: str
    recipient: str
    country: str
    retention_days: int
    retention_after: str
    role: str = ""
    sold: bool = False
    shared: bool = False
    transfer_ground: str = ""
    safeguards: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Use) -> Self:
        return cls(
            category=row.category.key,
            source=row.source.key,
            recipient=row.recipient.key if row.recipient else "",
            country=row.country,
            retention_days=row.retention_days,
            retention_after=row.retention_after,
            role=row.role,
            sold=row.sold,
            shared=row.shared,
            transfer_ground=row.transfer_ground,
            safeguards=tuple(sorted(row.safeguards)),
        )


@dataclass(frozen=True)
class Content:
    basis: str
    classes: tuple[str, ...]
    texts: Mapping[str, TextFacts]  # by language
    uses: tuple[UseFacts, ...]
    channels: tuple[str, ...] = ()
    lifetime_months: int | None = None
    explicit: bool = False
    conditional_benefit: bool = False
    audience: str = "everybody"  # everybody, adults, children
    pictogram: str = ""

    @classmethod
    def of(cls, version: PurposeVersion) -> Self:
        rows = version.uses.select_related("category", "source", "recipient")
        return cls(
            basis=version.basis,
            classes=tuple(version.classes),
            channels=tuple(version.channels),
            lifetime_months=version.lifetime_months,
            explicit=version.explicit,
            conditional_benefit=version.conditional_benefit,
            audience=version.audience,
            pictogram=version.pictogram,
            texts={row.language: TextFacts.of(row) for row in version.texts.order_by("language")},
            uses=tuple(sorted(UseFacts.of(row) for row in rows)),
        )

    def same_deeds(self, other: Content) -> bool:
        """Equal in everything but the prose and its picture."""
        return self.deeds() == other.deeds()

    def deeds(self) -> dict[str, Any]:
        held = asdict(self)
        del held["texts"], held["pictogram"]
        return held | {"classes": sorted(self.classes), "channels": sorted(self.channels), "uses": sorted(self.uses)}


def body(version: PurposeVersion, number: int) -> str:
    """Everything the version says and does, as it reads today: the vocabulary with its names, countries and roles included, so that
    the hash stands on its own. JSON with sorted keys, compact, as the ledger writes its payloads."""
    purpose = version.purpose
    rows = version.uses.select_related("category", "source", "recipient")
    content = asdict(Content.of(version)) | {"uses": [_use(row) for row in sorted(rows, key=UseFacts.of)]}
    safeguards = {key for row in rows for key in row.safeguards}
    return canonical_text(
        content
        | {
            "v": 1,
            "brand": purpose.brand.key,
            "purpose": purpose.key,
            "parent": purpose.parent.key if purpose.parent else None,
            "version": number,
            "safeguards": {row.key: row.names for row in purpose.brand.safeguards.filter(key__in=safeguards)},
        }
    )


def _use(row: Use) -> dict[str, Any]:
    recipient = row.recipient
    return asdict(UseFacts.of(row)) | {
        "category": {"key": row.category.key, "names": row.category.names, "sensitive": row.category.sensitive},
        "source": {
            "key": row.source.key,
            "names": row.source.names,
            "kind": row.source.kind,
            "since": row.source.since.isoformat() if row.source.since else None,
        },
        "recipient": recipient
        and {
            "key": recipient.key,
            "name": recipient.name,
            "country": recipient.country,
            "third_party": recipient.third_party,
            "what_for": recipient.what_for,
        },
    }


def canonical_text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
