"""Joins static/css/*.css, in the order of the layers, into the one file that pages load. --check: is it up to date?"""

from __future__ import annotations

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "static" / "css"
PARTS = ("tokens", "base", "layout", "components", "print")
TARGET = FOLDER / "app.css"


def joined() -> str:
    """The parts without comments, indents and empty lines. No cleverer: what a browser shows must be what the parts say."""
    text = "\n".join((FOLDER / f"{part}.css").read_text(encoding="utf-8") for part in PARTS)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def main(arguments: list[str]) -> int:
    css = joined()
    if "--check" not in arguments:
        TARGET.write_text(css, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == css:
        return 0
    sys.stderr.write("static/css/app.css is not what its parts say. Run: python tools/css.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
