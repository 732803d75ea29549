"""Starter packs of questions, in YAML beside those of the catalogue. `packs/shop.yaml` shows every part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from brands.models import Brand
from profiles.content import Content, Labels, TextFacts
from profiles.eligibility import Row

FOLDER = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class PackQuestion:
    key: str
    topic: str
    order: int
    content: Content


@dataclass(frozen=True)
class Pack:
    """`moments`, `stages`: the arguments of set_moment() and set_stage()."""

    moments: tuple[Mapping[str, Any], ...]
    stages: tuple[Mapping[str, Any], ...]
    questions: tuple[PackQuestion, ...]


def read(path: Path, brand: Brand) -> Pack:
    """The pack as it fits this brand: texts in its languages."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Pack(
        moments=tuple({"key": key, **fields} for key, fields in raw["moments"].items()),
        stages=tuple({"key": key, "order": order, **fields} for order, (key, fields) in enumerate(raw["stages"].items())),
        questions=tuple(
            PackQuestion(each["key"], each.get("topic", each["key"]), 10 * number, _content(each, brand))
            for number, each in enumerate(raw["questions"], start=1)
        ),
    )


def _content(raw: Mapping[str, Any], brand: Brand) -> Content:
    return Content(
        kind=raw["kind"],
        purpose=raw["purpose"],
        category=raw["category"],
        retention_days=raw["kept_days"],
        texts={language: _text(text, brand) for language, text in sorted(raw["texts"].items()) if language in brand.languages},
        moments=tuple(raw.get("at", ())),
        stage=raw.get("stage", ""),
        least=raw.get("least"),
        most=raw.get("most"),
        conditions=tuple(_row(row) for row in raw.get("when", ())),
    )


def _row(row: Iterable[Any]) -> Row:
    """[fact, of what, is, value]; "" where a fact is of nothing, or has no value."""
    fact, about, relation, *value = (str(part) for part in row)
    return Row(fact, relation, about, "".join(value))


def _text(raw: Mapping[str, Any], brand: Brand) -> TextFacts:
    """`{brand}` stands for the brand's name."""
    prose = {name: text.replace("{brand}", brand.name) for name, text in raw.items() if isinstance(text, str)}
    return TextFacts(**prose, options=_labels(raw.get("options", {})), columns=_labels(raw.get("columns", {})))


def _labels(raw: Mapping[Any, Any]) -> Labels:
    return tuple((str(key), str(label)) for key, label in raw.items())
