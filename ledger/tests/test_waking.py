"""“Look now” is said at once, and seldom."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from ledger import waking


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "_next", 0.0)


def said() -> int:
    """Messages that lie in the broker of files."""
    return len(list((Path(django_settings.BROKER_DIR) / "messages").iterdir()))


def test_many_turns_say_it_twice(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    before = said()
    waking.wake()
    assert said() == before + 1
    for _turn in range(20):
        waking.wake()
    assert said() == before + 2  # the last of a row is never left out: it comes after the pause
    time.sleep(waking.LEAST + 0.05)
    waking.wake()
    assert said() == before + 3


def test_without_redis_the_schedule_is_soon_enough(settings: Any) -> None:
    settings.REDIS_URL = ""
    before = said()
    waking.wake()
    assert said() == before
