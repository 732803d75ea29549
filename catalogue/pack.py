"""Starter packs: a catalogue in YAML, read into the plain values that the actions take. `packs/shop.yaml` shows every part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from brands.models import Brand
from catalogue.content import Content, TextFacts, UseFacts
from catalogue.models import DataCategory, Recipient, Safeguard, Source

Word = DataCategory | Source | Recipient | Safeguard
FOLDER = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class PackPurpose:
    key: str
    order: int
    parent: str
    content: Content
    in_force_after_days: int = 0  # after it is published; 0: at once


@dataclass(frozen=True)
class Pack:
    words: tuple[tuple[type[Word], str, Mapping[str, Any]], ...]  # (model, key, fields)
    purposes: tuple[PackPurpose, ...]


def read(path: Path, brand: Brand) -> Pack:
    """The pack as it fits this brand: texts in its languages, data at home in its country unless the pack says otherwise."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Pack(
        words=tuple(_words(raw)),
        purposes=tuple(
            PackPurpose(each["key"], 10 * number, each.get("parent", ""), _content(each, brand), each.get("in_force_after_days", 0))
            for number, each in enumerate(raw["purposes"], start=1)
        ),
    )


def _words(raw: Mapping[str, Any]) -> Iterator[tuple[type[Word], str, Mapping[str, Any]]]:
    for key, fields in raw["categories"].items():
        yield DataCategory, key, {"sensitive": False} | fields
    for key, fields in raw["sources"].items():
        yield Source, key, fields
    for key, fields in raw.get("recipients", {}).items():
        yield Recipient, key, {"third_party": fields["role"] != Recipient.Role.PROCESSOR} | fields
    for key, fields in raw.get("safeguards", {}).items():
        yield Safeguard, key, fields


def _content(raw: Mapping[str, Any], brand: Brand) -> Content:
    return Content(
        basis=raw["basis"],
        classes=tuple(raw["classes"]),
        channels=tuple(raw.get("channels", ())),
        lifetime_months=raw.get("lifetime_months"),
        explicit=raw.get("explicit", False),
        conditional_benefit=raw.get("conditional_benefit", False),
        audience=raw.get("audience", "everybody"),
        pictogram=raw.get("pictogram", ""),
        texts={language: _text(text, brand) for language, text in sorted(raw["texts"].items()) if language in brand.languages},
        uses=tuple(sorted(use for line in raw["uses"] for use in _uses(line, brand))),
    )


def _text(raw: Mapping[str, Any], brand: Brand) -> TextFacts:
    """`{brand}` stands for the brand's name."""
    prose = _spoken({name: text for name, text in raw.items() if name not in ("channel_hints", "for_children")}, brand)
    for_children = {group: _spoken(words, brand) for group, words in raw.get("for_children", {}).items()}
    return TextFacts(channel_hints=raw.get("channel_hints", {}), for_children=for_children, **prose)


def _spoken(texts: Mapping[str, str], brand: Brand) -> dict[str, str]:
    return {name: text.replace("{brand}", brand.name) for name, text in texts.items()}


def _uses(line: Mapping[str, Any], brand: Brand) -> Iterator[UseFacts]:
    """One line of a pack is every combination of its data, recipients and countries."""
    for data, to, country in product(_list(line["data"]), _list(line.get("to", "")), _list(line.get("in", brand.country))):
        yield UseFacts(
            category=data,
            source=line["from"],
            recipient=to,
            role=line.get("as", "processor") if to else "",
            sold=line.get("sold", False),
            shared=line.get("shared", False),
            country=country,
            transfer_ground=line.get("transfer_ground", {}).get(country, ""),
            safeguards=tuple(sorted(line.get("protected_by", ()))),
            retention_days=line["days"],
            retention_after=line["after"],
        )


def _list(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value
