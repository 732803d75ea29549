"""The gate of `make test`: every line and branch of what the law and the ledger hang on is reached by the tests of its own app.

    GATE=FOLDER pytest …             measures, a file of the folder for each process
    python -m tools.gate FOLDER      says what was not reached, and ends with 1 if there is anything

Coverage's tracer is called at each step of every program, which makes the tests half as slow again. Here the files in question are changed
while they are imported, and all others run as they are. `make test-long` measures all of them, with coverage.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import slipcover

ROOT = Path(__file__).resolve().parents[1]
GATED = ("*/actions.py", "*/actions/*.py", "*/gates.py", "ledger/*.py", "*/checking/*.py")
NO_PROGRAMS = {"tests", "migrations", ".venv"}
# "__name__": what a program of its own begins with; the tests run it as one, and look at how it ends (ledger/tests/test_verify_command.py).
NEVER_RUN = ["if TYPE_CHECKING:", "if __name__ ==", "@overload", "raise NotImplementedError", r"assert_never\("]


def gated() -> set[Path]:
    """The files in question."""
    found = {path for pattern in GATED for root in (ROOT, ROOT / "requests") for path in root.glob(pattern)}
    return {path for path in found if not NO_PROGRAMS & set(path.relative_to(ROOT).parts) and path.stat().st_size}


class _Gated:
    """Answers slipcover, which asks of each module that is imported."""

    def __init__(self) -> None:
        self.files = {str(path) for path in gated()}

    def matches(self, filename: object) -> bool:
        return str(filename) in self.files


def measure(folder: Path) -> None:
    """From here on, in this process; what was reached is written into the folder at its end."""
    folder.mkdir(exist_ok=True)
    measuring = slipcover.Slipcover(branch=True, exclude_also=NEVER_RUN)
    slipcover.ImportManager(measuring, _Gated()).__enter__()
    mine = folder / f"{os.getpid()}-{time.time_ns()}.json"
    atexit.register(lambda: mine.write_text(json.dumps(measuring.get_coverage())))


def main(folder: Path) -> int:
    whole = _together([json.loads(path.read_text()) for path in folder.glob("*.json")])
    names = {str(path.relative_to(ROOT)) for path in gated()}
    faults = [f"{name}: never imported" for name in sorted(names - whole.keys())]
    faults += [fault for name, file in sorted(whole.items()) for fault in _faults(name, file)]
    lines = sum(len(file["executed_lines"]) + len(file["missing_lines"]) for file in whole.values())
    print(*faults, f"The gate: {len(names)} files, {lines} lines and their branches, {len(faults)} faults.", sep="\n")
    return 1 if faults else 0


def _together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """By file, what all processes reached."""
    if not parts:
        return {}
    for part in parts[1:]:
        slipcover.merge_coverage(parts[0], part)
    return dict(parts[0]["files"])


def _faults(name: str, file: dict[str, Any]) -> Iterator[str]:
    if lines := file["missing_lines"]:
        yield f"{name}: not reached: lines {', '.join(map(str, lines))}"
    if branches := [f"{start} to {end or 'its end'}" for start, end in file["missing_branches"]]:
        yield f"{name}: not reached: from line {', '.join(branches)}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
