"""What one version of a policy says, as plain values: drafts are written from it, it is validated, its bytes are hashed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Self

from catalogue.content import canonical_text
from catalogue.models import PolicyVersion
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

    def tree(self) -> tuple[tuple[str, str], ...]:
        """(anchor, parent) of each clause: the same in every language."""
        return tuple((clause.anchor, clause.parent) for clause in self.clauses)


@dataclass(frozen=True)
class PolicyContent:
    """`removed` names the anchors of the version before that this one gives up."""

    texts: Mapping[str, PolicyWords] = field(default_factory=dict)  # by language
    removed: tuple[str, ...] = ()

    @classmethod
    def of(cls, version: PolicyVersion) -> Self:
        clauses: dict[str, list[ClauseContent]] = {}
        for row in version.clauses.order_by("order"):
            clauses.setdefault(row.language, []).append(ClauseContent(row.anchor, row.heading, row.body, row.parent))
        texts = {
            row.language: PolicyWords(row.title, row.summary, tuple(clauses.get(row.language, ())))
            for row in version.texts.order_by("language")
        }
        return cls(texts=texts, removed=tuple(version.removed))


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
