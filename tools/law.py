"""Reads docs/law.md, the table of articles, screens and tests, and fails when a test that it names does not exist.

    python tools/law.py docs/law.md

Rows are `| article | screen | path/to/test_file.py::test_name |`; several tests are separated by <br> or a space.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = re.compile(r"([\w/.-]+\.py)(?:::(\w+))?(?:::(\w+))?")


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every row of every table, without heads and rules."""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.lstrip().startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        is_rule = all(set(cell) <= set("-: ") for cell in cells)
        is_head = number < len(lines) and re.fullmatch(r"[|\s:-]+", lines[number]) is not None
        if not is_rule and not is_head:
            yield number, cells


@cache
def tests_in(path: Path) -> frozenset[str]:
    """Names of the test functions of a file, a method as `Class::name`."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return frozenset(found)


def faults(text: str, root: Path = ROOT) -> list[str]:
    found = []
    named = 0
    for number, cells in rows(text):
        if len(cells) != 3 or not all(cells):
            found.append(f"line {number}: a row has three filled cells: article, screen, test")
            continue
        references = REFERENCE.findall(cells[2])
        if not references:
            found.append(f"line {number}: {cells[0]} names no test")
        for path, *names in references:
            named += 1
            name = "::".join(filter(None, names))
            if not (root / path).is_file():
                found.append(f"line {number}: {path} does not exist")
            elif not name or name not in tests_in(root / path):
                found.append(f"line {number}: {path} has no test named {name or '(none given)'}")
    if not named:
        found.append("the table names no test at all")
    return found


def main() -> int:
    path = Path(sys.argv[1])
    if not path.is_file():
        print(f"{path} does not exist", file=sys.stderr)
        return 1
    found = faults(path.read_text(encoding="utf-8"))
    for fault in found:
        print(f"{path}: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
