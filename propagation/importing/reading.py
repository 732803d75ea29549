"""Rows of a file that comes in pieces: CSV or one JSON object a line, in UTF-8. A row that cannot be read says so, and the next is read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

LONGEST_LINE = 64 * 1024  # characters
LONGEST_CELL = 16 * 1024
OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")
REPLACED = "\ufffd"


class Unreadable(ValueError):
    """The file as a whole: another encoding, no header, not what the preset takes."""


@dataclass(frozen=True)
class Row:
    """`line`: of the file, from 1; `fault`: why it cannot be read, "" where it can."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    fault: str = ""


def rows(pieces: Iterable[bytes], form: str, delimiter: str) -> Iterator[Row]:
    """Raises Unreadable."""
    lines = _lines(pieces)
    first = next(lines, "")
    if not first.strip():
        raise Unreadable("the file is empty")
    as_json = form == "ndjson" or (form == "any" and first.lstrip().startswith("{"))
    yield from _objects(first, lines) if as_json else _table(first, lines, delimiter)


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """With their ends. What is no UTF-8 becomes a mark by which its row is refused."""
    rest, begun, number = b"", False, 1
    for piece in pieces:
        rest += piece
        if not begun and len(rest) >= 3:
            if rest.startswith(OTHER_ENCODINGS):
                raise Unreadable("the file is UTF-16: save it as UTF-8")
            rest, begun = rest.removeprefix(b"\xef\xbb\xbf"), True
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace") + "\n"
        number += len(whole)
        if len(rest) > LONGEST_LINE * 4:
            raise Unreadable(f"line {number} does not end")
    if rest:
        yield rest.decode("utf-8", "replace")


def _objects(first: str, lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(_with(first, lines), 1):
        if line.strip():
            yield _object(number, line)


def _object(number: int, line: str) -> Row:
    if REPLACED in line:
        return Row(number, fault="not UTF-8")
    try:
        found = json.loads(line, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        return Row(number, fault="not JSON")
    if not isinstance(found, dict) or not all(isinstance(value, str | int | bool | None) for value in found.values()):
        return Row(number, fault="not an object of plain values")
    cells = {str(name): "" if value is None else str(value) for name, value in found.items()}
    return Row(number, cells, "a value is too long" if any(len(cell) > LONGEST_CELL for cell in cells.values()) else "")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice could say yes and no."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _table(first: str, lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    reader = csv.reader(_with(first, lines), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except csv.Error as error:
        raise Unreadable("the first line is no list of columns") from error
    if len(set(header)) < len(header) or any(REPLACED in name or "\x00" in name for name in header):
        raise Unreadable("the first line is no list of columns: a name stands twice, or is not UTF-8")
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):  # what follows lies within a value: no line of it may be taken for a row
                raise Unreadable(f"a value that begins in line {line} does not end") from error
            until = f", up to line {reader.line_num}" if reader.line_num > line else ""
            yield Row(line, fault=f"not a line of a table{until}")
            continue
        if cells:
            yield _row(line, header, cells)


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        return Row(line, fault="not as many cells as columns")
    if any(REPLACED in cell for cell in cells):
        return Row(line, fault="not UTF-8")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return Row(line, fault="a value is too long")
    return Row(line, dict(zip(header, cells, strict=True)))


def _with(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines
