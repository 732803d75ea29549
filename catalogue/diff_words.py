"""What differs between two paragraphs, word by word, in segments that are the same, new or gone."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from operator import itemgetter
from typing import Literal

TOKEN = re.compile(r"(\w+(?:[’'\-]\w+)*|[^\w\s])(\s*)")  # a word or a mark, and the blank after it
COSTLY = 40_000  # pairs of words between two landmarks; above, they are shown as gone and new

Kind = Literal["same", "ins", "del"]


@dataclass(frozen=True)
class Segment:
    kind: Kind
    text: str


Row = tuple[Segment, ...]  # one paragraph, before and after
Token = tuple[str, str]
Pair = tuple[str, str]  # a piece before and after; "" where there is none


def before(row: Row) -> str:
    return "".join(segment.text for segment in row if segment.kind != "ins")


def after(row: Row) -> str:
    return "".join(segment.text for segment in row if segment.kind != "del")


def words(old: str, new: str) -> Row:
    """The segments of one paragraph, neighbours of different kinds."""
    row: list[Segment] = []
    for was, now in _merged(_pieces(old, new)):
        if was == now:
            row.append(Segment("same", was))
        else:
            row += [Segment("del", was)] if was else []
            row += [Segment("ins", now)] if now else []
    return tuple(row)


def _pieces(old: str, new: str) -> list[Pair]:
    if not old or not new:
        return [(old, new)] if old or new else []
    a, b = TOKEN.findall(old), TOKEN.findall(new)
    start = _shared(a, b)
    end = _shared(a[start:][::-1], b[start:][::-1])
    found = [(_blank(old), _blank(new)), (_text(a[:start]),) * 2]
    found += _by_word(a[start : len(a) - end], b[start : len(b) - end])
    found.append((_text(a[len(a) - end :]),) * 2)
    return [pair for pair in found if any(pair)]


def _by_word(a: Sequence[Token], b: Sequence[Token]) -> Iterator[Pair]:
    i = j = 0
    for same, run in groupby(_runs([word for word, _ in a], [word for word, _ in b]), key=itemgetter(0)):
        *_, (_same, k, m) = run
        if same:
            yield from _same_words(a[i:k], b[j:m])
        else:
            was, now = _text(a[i:k]), _text(b[j:m])
            blank = was[len(was.rstrip()) :]
            if was and now and blank and now.endswith(blank):  # the blank after a change is no part of it
                yield was[: -len(blank)], now[: -len(blank)]
                yield blank, blank
            else:
                yield was, now
        i, j = k, m


def _same_words(a: Sequence[Token], b: Sequence[Token]) -> Iterator[Pair]:
    """Only the blanks between them can differ, and that is a difference too: nothing is lost."""
    if a == b:
        yield (_text(a),) * 2
    else:
        for (word, blank), (_word, other) in zip(a, b, strict=True):
            yield word, word
            yield blank, other


def _runs(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[bool, int, int]]:
    """(whether the same, end in a, end in b) of each run. Words that stand once in either text are landmarks; what lies between two
    of them is short, and difflib is quick there."""
    i = j = 0
    for k, m in [*_landmarks(a, b), (len(a), len(b))]:
        was, now = a[i:k], b[j:m]
        if was == now:
            yield from [(True, k, m)] if was else []
        elif not was or not now or len(was) * len(now) > COSTLY:
            yield False, k, m
        else:
            for tag, _i1, i2, _j1, j2 in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
                yield tag == "equal", i + i2, j + j2
        if k < len(a):
            yield True, k + 1, m + 1
        i, j = k + 1, m + 1


def _landmarks(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Where words that stand once in each meet in the same order: the longest rising row of their places."""
    places = {word: m for m, word in enumerate(b)}
    once = {word for word, times in Counter(a).items() if times == 1} & {word for word, times in Counter(b).items() if times == 1}
    ends: list[int] = []  # for each length, the lowest place in b on which a row of it ends
    rows: list[list[tuple[int, int, int]]] = []  # for each length: (place in a, place in b, index of the row it goes on from)
    for k, word in enumerate(a):
        if word in once:
            m = places[word]
            length = bisect_left(ends, m)
            ends[length : length + 1] = [m]
            if length == len(rows):
                rows.append([])
            rows[length].append((k, m, len(rows[length - 1]) - 1 if length else -1))
    found: list[tuple[int, int]] = []
    index = len(rows[-1]) - 1 if rows else -1
    for line in reversed(rows):
        k, m, index = line[index]
        found.append((k, m))
    return found[::-1]


def _text(tokens: Sequence[Token]) -> str:
    return "".join(word + blank for word, blank in tokens)


def _blank(text: str) -> str:
    """What stands before the first word."""
    return text[: len(text) - len(text.lstrip())]


def _shared(a: Sequence[Token], b: Sequence[Token]) -> int:
    """How many tokens both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def _merged(pieces: Sequence[Pair]) -> list[Pair]:
    """Runs of one kind are one piece, and a blank or a comma between two changes belongs to them: nobody reads confetti."""
    found: list[Pair] = []
    for index, (was, now) in enumerate(pieces):
        changed = was != now or (_island(was) and 0 < index < len(pieces) - 1 and _differs(found[-1]) and _differs(pieces[index + 1]))
        if found and changed == _differs(found[-1]):
            found[-1] = (found[-1][0] + was, found[-1][1] + now)
        else:
            found.append((was, now))
    return found


def _differs(pair: Pair) -> bool:
    return pair[0] != pair[1]


def _island(text: str) -> bool:
    return not any(map(str.isalnum, text))


def bag(text: str) -> Counter[str]:
    return Counter(word.lower() for word, _blank in TOKEN.findall(text))


def likeness(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0
