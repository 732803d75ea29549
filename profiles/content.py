"""What one version of a question holds, as plain values: drafts are written from it, it is judged, and its bytes are hashed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from catalogue.content import canonical_text
from profiles.eligibility import Row
from profiles.kinds import Shape
from profiles.models import QuestionText, QuestionVersion

Labels = tuple[tuple[str, str], ...]  # (key, label), in order


@dataclass(frozen=True)
class TextFacts:
    title: str
    why_now: str
    benefit: str
    if_not: str
    used_by: str
    save_label: str
    unit: str = ""
    options: Labels = ()
    columns: Labels = ()

    @classmethod
    def of(cls, row: QuestionText) -> Self:
        values = {each.name: getattr(row, each.name) for each in fields(cls)}
        return cls(**values | {name: tuple((key, label) for key, label in values[name]) for name in ("options", "columns")})

    def prose(self) -> list[tuple[str, str]]:
        """(field, text) of all that a person reads."""
        said = [(name, getattr(self, name)) for name in ("title", "why_now", "benefit", "if_not", "used_by", "save_label", "unit")]
        return [*said, *(("options", label) for _key, label in self.options), *(("columns", label) for _key, label in self.columns)]


@dataclass(frozen=True)
class Content:
    """`purpose`, `category`, `stage`: keys; `stage` "" is the first. `moments`: keys of events."""

    kind: str
    purpose: str
    category: str
    retention_days: int
    texts: Mapping[str, TextFacts]  # by language
    moments: tuple[str, ...] = ()
    stage: str = ""
    least: int | None = None
    most: int | None = None
    conditions: tuple[Row, ...] = ()

    @classmethod
    def of(cls, version: QuestionVersion) -> Self:
        return cls(
            kind=version.kind,
            purpose=version.purpose.key,
            category=version.category.key,
            retention_days=version.retention_days,
            texts={row.language: TextFacts.of(row) for row in version.texts.order_by("language")},
            moments=tuple(version.moments),
            stage=version.stage.key if version.stage else "",
            least=version.least,
            most=version.most,
            conditions=tuple(Row(row.fact, row.relation, row.about, row.value) for row in version.conditions.order_by("pk")),
        )

    def shape(self) -> Shape:
        """The keys of options and columns are the same in every language: any will do."""
        text = next(iter(self.texts.values()), None)
        keys = {name: tuple(key for key, _label in getattr(text, name)) if text else () for name in ("options", "columns")}
        return Shape(self.kind, keys["options"], keys["columns"], self.least, self.most)

    def asks_for_the_same(self, other: Content) -> bool:
        """Whether an answer to the one is an answer to the other."""
        return self.shape() == other.shape() and (self.purpose, self.category) == (other.purpose, other.category)


def body(version: QuestionVersion, number: int) -> str:
    """Everything the version says and asks for, as it reads today. JSON with sorted keys, compact, as the ledger writes its payloads."""
    question = version.question
    held: dict[str, Any] = asdict(Content.of(version))
    return canonical_text(
        held
        | {
            "v": 1,
            "brand": question.brand.key,
            "question": question.key,
            "topic": question.topic,
            "version": number,
            "category": {"key": version.category.key, "names": version.category.names, "sensitive": version.category.sensitive},
            "sensitive_reason": version.sensitive_reason,
        }
    )
