"""Background work in a process of its own: the real worker, on both brokers."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

import pytest

from preference_center.tests.counting.handlers import TABLE
from preference_center.tests.servers import Installation, wait_for

Install = Callable[..., Installation]
COUNTING = "preference_center.tests.counting"


@pytest.fixture
def counting(installation: Install) -> Install:
    """An installation whose worker counts, ready but for its processes."""

    def make(**environment: str) -> Installation:
        here = installation(DJANGO_SETTINGS_MODULE=f"{COUNTING}.settings", **environment).prepare()
        here.manage("shell", "--no-imports", "-c", f"from django.db import connection as c; c.cursor().execute({TABLE!r})")
        return here

    return make


def enqueue(here: Installation, number: int, pause: float = 0.0) -> None:
    assert here.start("enqueue", sys.executable, "-m", f"{COUNTING}.enqueue", str(number), str(pause)).process.wait(120) == 0


def effects(here: Installation) -> list[int]:
    return sorted(row[0] for row in here.rows("SELECT job FROM effects"))


def jobs(here: Installation) -> list[int]:
    return [row[0] for row in here.rows("SELECT id FROM jobs_job WHERE handler = 'tests.count' ORDER BY id")]


def still_open(here: Installation) -> int:
    return int(here.rows("SELECT count(*) FROM jobs_job WHERE done_at IS NULL AND handler = 'tests.count'")[0][0])


@pytest.mark.parametrize("broker", ["files", "redis"])
def test_a_worker_does_a_job_it_was_told_of(counting: Install, request: pytest.FixtureRequest, broker: str) -> None:
    here = counting(REDIS_URL=request.getfixturevalue("redis_server")) if broker == "redis" else counting()
    here.worker()
    enqueue(here, 5)
    wait_for(lambda: not still_open(here), "the jobs", 90)
    assert effects(here) == jobs(here)
    assert len(jobs(here)) == 5


@pytest.mark.long  # the relay waits ten seconds before it says anything again
def test_a_message_that_got_lost_costs_seconds_it_is_said_again(counting: Install) -> None:
    here = counting()
    enqueue(here, 3)
    shutil.rmtree(here.data / "broker" / "messages")  # and the folder with them
    here.worker()
    wait_for(lambda: not still_open(here), "the jobs", 90)
    assert effects(here) == jobs(here)


def test_jobs_that_were_enqueued_without_a_worker_are_done_by_tick(counting: Install) -> None:
    here = counting()
    enqueue(here, 3)
    assert "jobs done" in here.manage("tick").stdout
    assert effects(here) == jobs(here)
    assert not still_open(here)
