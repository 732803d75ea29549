"""What one version of a policy says, as plain values: drafts are written from it, it is validated, its bytes are hashed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Self

from catalogue.content import canonical_text
from catalogue.models import Change, PolicyVersion
from ledger.canonical import timestamp


@dataclass(frozen=True)
class ClauseContent:
    """`parent` is the anchor of the clause above it, "" on the first level; `body` is Markdown."""

    anchor: str
    heading: str
    body: str
    parent: str = ""


@dataclass(frozen=True)
class PolicyWords:
    """The policy in one language, its clauses in the order they are read: each below its parent."""

    title: str
    summary: str
    clauses: tuple[ClauseContent, ...] = ()

    def anchors(self) -> tuple[str, ...]:
        return tuple(clause.anchor for clause in self.clauses)

    def read(self) -> dict[str, tuple[str, str]]:
        """What stands in each clause, by its anchor."""
        return {clause.anchor: (clause.heading, clause.body) for clause in self.clauses}

    def tree(self) -> tuple[tuple[str, str], ...]:
        """(anchor, parent) of each clause: the same in every language."""
        return tuple((clause.anchor, clause.parent) for clause in self.clauses)


@dataclass(frozen=True)
class ChangeContent:
    """One change as people read it: see catalogue.models.Change for the words of `kind`, `materiality` and `audience`."""

    key: str
    kind: str
    materiality: str
    titles: Mapping[str, str]  # by language
    for_you: Mapping[str, str]
    favourable: bool = False
    anchors: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    audience: str = "everybody"

    @property
    def asks(self) -> bool:
        """Whether it is off for everybody who has not said yes."""
        return self.materiality == Change.Materiality.NEEDS_CONSENT

    @property
    def editorial(self) -> bool:
        """Whether it changes only how things are said: nobody is told of it."""
        return self.materiality == Change.Materiality.EDITORIAL

    @classmethod
    def of(cls, row: Change) -> Self:
        said = {each.name: getattr(row, each.name) for each in fields(cls)}
        return cls(**said | {name: tuple(said[name]) for name in ("anchors", "purposes", "countries")})


@dataclass(frozen=True)
class PolicyContent:
    """`removed` names the anchors of the version before that this one gives up; `changes` tell what differs from it."""

    texts: Mapping[str, PolicyWords] = field(default_factory=dict)  # by language
    removed: tuple[str, ...] = ()
    changes: tuple[ChangeContent, ...] = ()

    @classmethod
    def of(cls, version: PolicyVersion) -> Self:
        clauses: dict[str, list[ClauseContent]] = {}
        for row in version.clauses.order_by("order"):
            clauses.setdefault(row.language, []).append(ClauseContent(row.anchor, row.heading, row.body, row.parent))
        texts = {
            row.language: PolicyWords(row.title, row.summary, tuple(clauses.get(row.language, ())))
            for row in version.texts.order_by("language")
        }
        changes = tuple(ChangeContent.of(row) for row in version.changes.order_by("order"))
        return cls(texts=texts, removed=tuple(version.removed), changes=changes)

    @property
    def needs_notice(self) -> bool:
        """Whether people must be told before it applies: a change of it is more than a better word."""
        return any(not change.editorial for change in self.changes)

    def differing(self, newest: PolicyContent) -> tuple[str, ...]:
        """The anchors of clauses that do not read as in the version before, in any language: new, gone or reworded."""
        found: dict[str, None] = {}
        for language in {*self.texts, *newest.texts}:
            now, was = (each.texts[language].read() if language in each.texts else {} for each in (self, newest))
            found |= {anchor: None for anchor in (*now, *was) if now.get(anchor) != was.get(anchor)}
        return tuple(found)


def numbered(clauses: Iterable[ClauseContent]) -> Iterator[tuple[ClauseContent, str]]:
    """Each clause with its number ("3.2"), or "" when it does not stand below its parent."""
    counts: dict[str, int] = {}
    path: list[tuple[str, str]] = []  # (anchor, number) of the clauses we are inside of
    for clause in clauses:
        if clause.parent and clause.parent not in {anchor for anchor, _number in path}:
            yield clause, ""
            continue
        while path and path[-1][0] != clause.parent:
            path.pop()
        above = path[-1][1] if path else ""
        counts[above] = counts.get(above, 0) + 1
        number = f"{above}.{counts[above]}" if above else str(counts[above])
        path.append((clause.anchor, number))
        yield clause, number


def body(version: PolicyVersion, number: int) -> str:
    """The whole version in every language, numbers of clauses included: the bytes that are hashed, shown and given to machines."""
    assert version.in_force_from
    content = PolicyContent.of(version)
    return canonical_text(
        {
            "v": 1,
            "brand": version.policy.brand.key,
            "policy": version.policy.key,
            "version": number,
            "in_force_from": timestamp(version.in_force_from),
            "removed": sorted(content.removed),
            "changes": [asdict(change) for change in content.changes],
            "texts": {
                language: {
                    "title": words.title,
                    "summary": words.summary,
                    "clauses": [asdict(clause) | {"number": place} for clause, place in numbered(words.clauses)],
                }
                for language, words in content.texts.items()
            },
        }
    )
