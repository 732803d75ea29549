"""Whoever wrote a draft last does not publish it."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.actions.acts import four_eyes
from catalogue.models import PurposeVersion

OLA, IGA = "staff:" + "a" * 32, "staff:" + "b" * 32


@pytest.mark.parametrize(
    ("written_by", "by", "on", "refused"),
    [
        (OLA, OLA, True, True),
        (OLA, IGA, True, False),
        ("", OLA, True, False),
        ("system:pack", "system:pack", True, False),
        (OLA, OLA, False, False),
    ],
)
def test_it_takes_somebody_else(written_by: str, by: str, on: bool, refused: bool, settings: Any) -> None:
    settings.FOUR_EYES = on
    assert [problem.code for problem in four_eyes(PurposeVersion(written_by=written_by), by)] == (["four_eyes"] if refused else [])
