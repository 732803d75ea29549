"""What differs between two texts, for people to read: clauses by their anchors, then paragraphs, then words inside changed paragraphs.

Flat word by word would be quadratic (23 kB take seconds); level by level two versions of 10,000 words cost milliseconds, and what
cannot be compared cheaply is shown as gone and new as a whole. Nothing is lost at any level: what is the same and what goes, put
together, is the old text; what is the same and what is new is the new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Generic, Literal, Protocol, TypeVar

from catalogue.diff_words import Pair, Row, Segment, bag, likeness, words

ALIKE = 0.4  # share of words in common from which on two paragraphs are one, reworded
COSTLY_PARAGRAPHS = 400  # pairs of paragraphs; above, they are paired as they stand


class Readable(Protocol):
    @property
    def anchor(self) -> str: ...
    @property
    def heading(self) -> str: ...
    @property
    def paragraphs(self) -> Sequence[str]: ...


Clause = TypeVar("Clause", bound=Readable)


@dataclass(frozen=True)
class Difference(Generic[Clause]):
    """One clause in both versions; `old` is None when it is new, `new` when it is gone."""

    old: Clause | None
    new: Clause | None
    heading: Row
    rows: tuple[Row, ...]

    @property
    def kind(self) -> Literal["same", "changed", "new", "gone"]:
        if self.old is None:
            return "new"
        if self.new is None:
            return "gone"
        return "same" if all(segment.kind == "same" for row in (self.heading, *self.rows) for segment in row) else "changed"


def clauses(old: Sequence[Clause], new: Sequence[Clause]) -> Iterator[Difference[Clause]]:
    """In the order of the new text; what is gone stands where it stood. Anchors are unique in each."""
    was, stays = {each.anchor: each for each in old}, {each.anchor for each in new}
    gone_after: dict[str, list[Clause]] = defaultdict(list)
    last = ""
    for each in old:
        if each.anchor in stays:
            last = each.anchor
        else:
            gone_after[last].append(each)
    yield from (_difference(gone, None) for gone in gone_after[""])
    for each in new:
        yield _difference(was.get(each.anchor), each)
        yield from (_difference(gone, None) for gone in gone_after[each.anchor])


def _difference(old: Clause | None, new: Clause | None) -> Difference[Clause]:
    heading = words(old.heading if old else "", new.heading if new else "")
    return Difference(old, new, heading, tuple(paragraphs(old.paragraphs if old else (), new.paragraphs if new else ())))


def paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """One row for each paragraph, in reading order; a reworded one is a single row. Paragraphs are not empty."""
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield from ((Segment("same", text),) for text in old[i1:i2])
        else:
            yield from (words(*pair) for pair in _paired(old[i1:i2], new[j1:j2]))


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    """Paragraphs of a changed stretch, each beside the one it became, in order; the rest alone."""
    i = j = 0
    for k, m in [*_matches(old, new), (len(old), len(new))]:
        yield from ((text, "") for text in old[i:k])
        yield from (("", text) for text in new[j:m])
        if k < len(old) and m < len(new):
            yield old[k], new[m]
        i, j = k + 1, m + 1


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of indexes, both rising, with the most words in common altogether."""
    bags, others = [bag(text) for text in old], [bag(text) for text in new]
    if len(old) * len(new) > COSTLY_PARAGRAPHS:
        return [(k, k) for k, (a, b) in enumerate(zip(bags, others, strict=False)) if likeness(a, b) >= ALIKE]
    best: list[list[tuple[float, tuple[tuple[int, int], ...]]]] = [[(0.0, ())] * (len(new) + 1)]
    for k, a in enumerate(bags):
        line: list[tuple[float, tuple[tuple[int, int], ...]]] = [(0.0, ())]
        for m, b in enumerate(others):
            choices = [best[k][m + 1], line[m]]
            if (alike := likeness(a, b)) >= ALIKE:
                score, pairs = best[k][m]
                choices.append((score + alike, (*pairs, (k, m))))
            line.append(max(choices, key=lambda choice: choice[0]))
        best.append(line)
    return list(best[-1][-1][1])
