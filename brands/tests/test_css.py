"""static/css: one file for pages, made of its parts."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = (ROOT / "static" / "css" / "app.css").read_text(encoding="utf-8")


def test_the_file_is_what_its_parts_say():
    check = subprocess.run([sys.executable, "tools/css.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr


def test_the_order_of_layers_comes_first():
    assert APP.startswith("@layer tokens, brand, base, layout, components, print;")


def test_it_asks_nothing_of_anybody():
    assert not re.search(r"url\(|@import|@font-face|data:|https?:", APP)


def test_it_is_small():
    assert len(gzip.compress(APP.encode())) < 8_000


def test_braces_are_balanced():
    assert APP.count("{") == APP.count("}")


def test_the_two_answers_have_one_style():
    """No rule tells the first from the last but for the corners and the line between them."""
    own = re.findall(r"\.decide__btn:(?:first|last)-child \{([^}]*)\}", APP)
    properties = {line.split(":")[0].strip() for rule in own for line in rule.split(";") if line.strip()}
    assert properties == {
        "border-start-start-radius", "border-end-start-radius", "border-start-end-radius", "border-end-end-radius", "inset-inline-start",
    }  # fmt: skip
    assert not re.search(r"\.decide__btn\[value", APP)
