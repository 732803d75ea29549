"""Messages that get lost, and a broker that is not there."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import kombu.transport.redis  # noqa: F401  (a second or so, once a process; here so that no test measures it)
import pytest
import redis
from celery import Celery
from django.utils import timezone

from jobs import tasks
from jobs.actions import HINT, RELAYED_AT_ONCE, enqueue, relay, run
from jobs.models import Job
from jobs.tests.conftest import Say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lost(says: Say, hinted: list[int]) -> Job:
    """A job whose message has not arrived."""
    job = enqueue(says(lambda work: None), {})
    hinted.clear()
    return job


def test_a_message_is_given_its_time_it_is_said_again_after_that(lost: Job, hinted: list[int]) -> None:
    now = timezone.now()
    assert relay(now) == 0
    assert relay(now + HINT) == 1
    assert relay(now + HINT) == 0
    assert relay(now + 3 * HINT) == 1
    assert hinted == [lost.pk, lost.pk]


def test_nothing_is_said_of_what_is_done_held_given_up_or_for_later(lost: Job, hinted: list[int], says: Say) -> None:
    later = timezone.now() + HINT
    for state in ({"done_at": later}, {"gave_up_at": later}, {"leased_until": later + HINT}, {"run_after": later + HINT}):
        Job.objects.filter(pk=lost.pk).update(**{"done_at": None, "gave_up_at": None, "leased_until": None, "run_after": later} | state)
        assert relay(later) == 0
    assert hinted == []


def test_work_for_later_is_said_when_its_time_comes(says: Say, hinted: list[int]) -> None:
    later = timezone.now() + timedelta(hours=1)
    job = enqueue(says(lambda work: None), {}, run_after=later)
    assert relay() == 0
    assert relay(later) == 1
    assert hinted == [job.pk]


def test_a_failed_job_is_said_again_when_its_wait_is_over(says: Say, hinted: list[int]) -> None:
    def breaks(work: object) -> None:
        raise OSError

    job = enqueue(says(breaks), {})
    run(job.pk)
    hinted.clear()
    assert relay() == 0
    job.refresh_from_db()
    assert relay(job.run_after) == 1


def test_of_many_the_oldest_are_said_first_it_takes_so_many_at_once(says: Say, hinted: list[int]) -> None:
    says(lambda work: None)
    now = timezone.now()
    Job.objects.bulk_create(Job(handler="tests.job", payload={}, run_after=now - timedelta(seconds=n)) for n in range(RELAYED_AT_ONCE + 5))
    assert relay(now) == RELAYED_AT_ONCE
    assert hinted == list(Job.objects.order_by("run_after").values_list("pk", flat=True)[:RELAYED_AT_ONCE])
    assert relay(now) == 5


def test_two_relays_at_once_say_it_once(lost: Job, hinted: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes between the look and the hint of the first."""
    when = timezone.now() + HINT
    real = Job.objects.filter
    again: list[int] = []

    def filter_and_interrupt(*args: object, **kwargs: object) -> object:
        if not again:
            again.append(1)
            again[0] = relay(when)
        return real(*args, **kwargs)

    monkeypatch.setattr(Job.objects, "filter", filter_and_interrupt)
    assert (relay(when), again) == (0, [1])
    assert hinted == [lost.pk]


# ── A broker that is down ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def point_at(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Callable[[str], None]]:
    """`point_at("redis://…")`: messages go through a Celery of our own with that broker and the options of production."""
    apps: list[Celery] = []

    def point(url: str) -> None:
        one = Celery("tests", set_as_current=False)
        one.conf.update(broker_url=url, broker_transport_options={"max_retries": 0, "socket_connect_timeout": 1}, task_ignore_result=True)
        apps.append(one)

        def send(arguments: tuple[int], **options: Any) -> None:
            one.send_task("jobs.tasks.run", arguments, **options)

        monkeypatch.setattr(tasks.run, "apply_async", send)

    yield point
    for each in apps:
        each.close()


def enqueued(name: str, n: int) -> float:
    """Seconds that it took."""
    before = time.perf_counter()
    enqueue(name, {"n": n})
    return time.perf_counter() - before


def test_a_broker_that_is_down_costs_little_and_loses_nothing(
    says: Say, point_at: Callable[[str], None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(f"redis://127.0.0.1:{free_port()}/0")
    name = says(lambda work: None)
    assert max(enqueued(name, n) for n in range(5)) < 0.5
    assert Job.objects.open().count() == 5
    assert "OperationalError" in caplog.text  # told in the log, never to the person
    sent: list[int] = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda arguments, **options: sent.append(arguments[0]))
    assert relay(timezone.now() + HINT) == 5  # once the broker is back
    assert len(sent) == 5


def test_a_redis_that_stops_costs_little_and_loses_nothing(says: Say, point_at: Callable[[str], None], tmp_path: Path) -> None:
    program = shutil.which("redis-server")
    assert program
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        while not answers(port):
            assert server.poll() is None
        point_at(f"redis://127.0.0.1:{port}/0")
        name = says(lambda work: None)
        enqueue(name, {"n": 0})  # a connection is open in the pool
        assert redis.Redis(port=port).llen("celery") == 1
        server.kill()
        server.wait()
        assert max(enqueued(name, n) for n in range(1, 5)) < 0.5
    assert Job.objects.open().count() == 5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        time.sleep(0.05)
        return False


# ── The tasks of Celery ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_tasks_call_the_actions(lost: Job, hinted: list[int]) -> None:
    Job.objects.filter(pk=lost.pk).update(hinted_until=None)
    tasks.relay()
    assert hinted == [lost.pk]
    tasks.run(lost.pk)
    lost.refresh_from_db()
    assert lost.done_at
    tasks.enqueue_daily()
    assert Job.objects.filter(once__isnull=False).exists()
