"""Keeps the translations whole.

    python tools/messages.py            collects strings from code and templates, then compiles
    python tools/messages.py --check    fails when a string is missing, fuzzy or untranslated, or when a .mo is older than its .po

The compiled .mo files are part of the repository: whoever runs the product needs no gettext.
"""

from __future__ import annotations

import gettext
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = [".venv*", "data", "benchmarks", "*/tests/*", "tools", "conftest.py", "htmlcov"]


def catalogues(root: Path = ROOT) -> list[Path]:
    return sorted((root / "locale").glob("*/LC_MESSAGES/django.po"))


def collect(root: Path = ROOT) -> None:
    """Writes what code and templates of `root` say into its .po files. A new string comes without a guess."""
    locales = [f"--locale={path.parts[-3]}" for path in catalogues(root)] or ["--locale=pl"]
    options = [
        "--extension=html,txt,py,subject",
        "--no-wrap",
        "--no-location",
        "--no-obsolete",
        *(f"--ignore={pattern}" for pattern in LEFT_OUT),
    ]
    command = [sys.executable, "manage.py", "makemessages", *locales, *options]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def compile_to(source: Path, target: Path) -> str:
    """Runs msgfmt and returns its statistics line, such as `12 translated messages.`"""
    done = subprocess.run(
        ["msgfmt", "--check", "--statistics", "-o", str(target), str(source)],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stderr.strip().splitlines()[-1]


def untranslated(source: Path) -> list[str]:
    """The sentences that wait for a translator."""
    command = ["msgattrib", "--untranslated", "--no-obsolete", "--no-wrap", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line.startswith("msgid ") and line != 'msgid ""']


def catalogue(path: Path) -> dict[object, str]:
    with path.open("rb") as file:
        return dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def faults() -> list[str]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv*", ".git", "data", ".*_cache", "__pycache__"))
        collect(copy)
        for source in catalogues():
            compiled, fresh = source.with_suffix(".mo"), Path(folder) / "fresh.mo"
            statistics = compile_to(copy / source.relative_to(ROOT), fresh)
            if re.search("fuzzy|untranslated", statistics):
                found += [f"{source}: {statistics}", *untranslated(copy / source.relative_to(ROOT))]
            compile_to(source, fresh)
            if not compiled.exists() or catalogue(compiled) != catalogue(fresh):
                found.append(f"{compiled} does not hold what its .po says: run `make messages`")
    return found


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        found = faults()
        for fault in found:
            print(fault.replace(f"{ROOT}/", ""), file=sys.stderr)
        return 1 if found else 0
    collect()
    for source in catalogues():
        print(f"{source.relative_to(ROOT)}: {compile_to(source, source.with_suffix('.mo'))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
