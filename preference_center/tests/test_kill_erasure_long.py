"""kill -9 before and after each step of a deletion, and a hundred times at random: everything happens, once, and no mail is missing."""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import sys
import time
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from jobs.models import Job
from preference_center.tests.dying import AFTER_THE_WAIT, Center, as_usual, center, dies_at
from preference_center.tests.erasing_worker import POINTS

__all__ = ["center"]  # a fixture
pytestmark = pytest.mark.long

PEOPLE, KILLS, LONGEST = 30, 100, 0.4
TWICE = ("rows of the shop inside", "a mail", "the job of a mail")  # steps that a deletion passes twice


def test_killed_before_and_after_each_step(center: Center, capsys: Any) -> None:
    faulthandler.cancel_dump_traceback_later()  # it takes longer than what counts as hanging, and moves all the time
    started, usual = time.monotonic(), as_usual(center)
    places = [(point, 1) for point in POINTS] + [(point, 2) for point in POINTS if point.endswith(TWICE)]
    for point, passing in places:
        dies_at(center, point, passing, usual)
    center.assert_nothing_is_left(len(places))
    mails = center.mails()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{mode()}: killed at {len(places)} places of a deletion: {len(center.people)} people gone, each once, "
            f"{len(mails)} addresses told, {mails.total() - len(mails)} of them twice; {time.monotonic() - started:.0f} s\n"
        )


def test_a_hundred_kills_at_random(center: Center, capsys: Any) -> None:
    faulthandler.cancel_dump_traceback_later()
    started, usual, chance = time.monotonic(), as_usual(center), random.Random(100)
    now, kills, too_late, hit = timezone.now() + AFTER_THE_WAIT, 0, 0, Counter[str]()
    for _ in range(PEOPLE):
        center.somebody_asks()
    while kills < KILLS:
        if not Job.objects.due(now).exists():
            center.somebody_asks()
        process = center.worker.begin(now)
        time.sleep(chance.uniform(0, LONGEST))
        os.kill(process, signal.SIGKILL)  # of one that has ended nothing comes of it
        killed = center.worker.end() == -signal.SIGKILL
        kills, too_late = kills + killed, too_late + (not killed)
        hit.update(Job.objects.filter(done_at=None, leased_until__isnull=False).values_list("handler", flat=True) if killed else ())
    asked_again = center.finish()
    for gone in center.people:
        center.assert_gone(gone, usual)
    center.assert_nothing_is_left(kills)
    mails = center.mails()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{mode()}: {kills} kills at random ({too_late} more came too late): {len(center.people)} people gone, each once, "
            f"{len(mails)} addresses told, {mails.total() - len(mails)} mails too many; {asked_again} jobs asked for once more; "
            f"under way were {dict(hit)}; "
            f"{time.monotonic() - started:.0f} s\n"
        )


def mode() -> str:
    return "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
