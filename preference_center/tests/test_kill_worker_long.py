"""The worker is killed again and again, and the broker loses all it has: every job is done, and none twice.

On SQLite with the broker in files, on PostgreSQL with Redis: the pairs of the two modes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from django.conf import settings

from preference_center.tests.servers import Installation, Running, wait_for
from preference_center.tests.test_worker import COUNTING, counting, effects, enqueue, jobs, still_open

__all__ = ["counting"]  # a fixture
pytestmark = pytest.mark.long

JOBS = 500
KILLS = 6


def test_five_hundred_jobs_have_five_hundred_effects(counting: Callable[..., Installation], request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("redis_server") if settings.DATABASE_URL else ""
    here = counting(REDIS_URL=url)
    worker = here.worker()
    enqueue(here, 1)
    wait_for(lambda: not still_open(here), "the worker", 60)
    started = time.monotonic()
    enqueuing = here.start("enqueue", sys.executable, "-m", f"{COUNTING}.enqueue", str(JOBS - 1), "0.06")
    done_at_kill: list[int] = []
    for n in range(KILLS):
        next_kill = JOBS * (n + 1) // (KILLS + 1)
        while len(jobs(here)) < next_kill:
            time.sleep(0.02)
        worker.kill()
        done_at_kill.append(len(effects(here)))
        if n == KILLS // 2:
            lost = forget_messages(here.data / "broker", url)
        worker = here.worker()
    assert enqueuing.process.wait(120) == 0, enqueuing.output
    wait_for(lambda: not still_open(here), "the jobs", 180)
    assert len(jobs(here)) == JOBS
    assert effects(here) == jobs(here)
    tries = here.rows("SELECT sum(attempts), max(attempts) FROM jobs_job WHERE handler = 'tests.count'")[0]
    tell(here, worker, time.monotonic() - started, done_at_kill, lost, tries)


def forget_messages(broker: Path, url: str) -> int:
    """Everything the broker held; returns how many messages that were."""
    if url:
        server = redis.Redis.from_url(url)
        held = int(server.llen("celery")) + int(server.hlen("unacked"))
        server.flushall()
        return held
    files = [file for file in broker.rglob("*") if file.is_file()]
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def tell(here: Installation, worker: Running, seconds: float, done_at_kill: list[int], lost: int, tries: tuple[int, int]) -> None:
    assert worker.process.poll() is None, worker.output
    mode = "PostgreSQL and Redis" if here.database_url else "SQLite and files"
    sys.stdout.write(
        f"\n{mode}: {JOBS} jobs, {len(effects(here))} effects, each once; {KILLS} kills at {done_at_kill} done, "
        f"{lost} messages lost, {tries[0]} tries, at most {tries[1]} a job, {seconds:.0f} s\n"
    )
