from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from regimes.actions import SHIPPED
from regimes.law import reload

Shipped = dict[str, Any]


@pytest.fixture(autouse=True)
def fresh_law() -> Iterator[None]:
    """What one test loads into its own transaction must not stay in memory for the next."""
    reload()
    yield
    reload()


@pytest.fixture
def shipped() -> Shipped:
    """The law that ships, to be changed at will."""
    law: Shipped = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return law


@pytest.fixture
def law_file(tmp_path: Path) -> Callable[[Any], Path]:
    def write(law: Any) -> Path:
        path = tmp_path / "law.json"
        path.write_text(json.dumps(law), encoding="utf-8")
        return path

    return write
