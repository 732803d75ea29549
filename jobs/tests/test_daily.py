from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from jobs import handlers
from jobs.actions import enqueue, enqueue_daily, run
from jobs.forgetting import AT_ONCE
from jobs.handlers import Work, daily
from jobs.models import Job
from jobs.tests.conftest import Say


@pytest.fixture
def at_three(db: None, says: Say) -> None:
    """One daily job and no other."""
    handlers._daily.clear()
    daily("tests.daily", at_hour=3)(lambda work: None)


def rows() -> list[str | None]:
    return list(Job.objects.order_by("pk").values_list("once", flat=True))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_it_is_enqueued_once_a_day_when_its_hour_has_come(at_three: None) -> None:
    assert enqueue_daily(at(23, 3)) == 1
    assert [enqueue_daily(at(24, hour)) for hour in range(24)] == [0, 0, 0, 1, *[0] * 20]
    assert rows() == ["tests.daily 2026-11-23", "tests.daily 2026-11-24"]


def test_a_standstill_over_its_hour_is_made_up_for_at_once(at_three: None) -> None:
    enqueue_daily(at(20, 3))
    assert enqueue_daily(at(24, 1)) == 1  # the hour of the 23rd was missed, and so were two before it
    assert enqueue_daily(at(24, 2, 59)) == 0
    assert enqueue_daily(at(24, 3)) == 1
    assert rows() == ["tests.daily 2026-11-20", "tests.daily 2026-11-23", "tests.daily 2026-11-24"]


def test_the_hour_is_of_utc_wherever_the_clock_hangs(at_three: None) -> None:
    enqueue_daily(at(23, 3))
    warsaw = at(24, 2, 30).astimezone(ZoneInfo("Europe/Warsaw"))  # half past three there
    assert enqueue_daily(warsaw) == 0
    assert enqueue_daily(warsaw + timedelta(minutes=30)) == 1
    tokyo = at(24, 20).astimezone(ZoneInfo("Asia/Tokyo"))  # tomorrow there
    assert enqueue_daily(tokyo) == 0


def test_now_is_the_moment_it_takes_unless_told(at_three: None) -> None:
    assert enqueue_daily() == 1
    assert enqueue_daily() == 0


def test_done_jobs_go_after_a_week_it_keeps_open_and_given_up(db: None, says: Say) -> None:
    says(lambda work: None)
    now = timezone.now()
    week = now - timedelta(days=7)
    Job.objects.bulk_create(Job(handler="tests.job", run_after=now, done_at=week - timedelta(seconds=1)) for _ in range(AT_ONCE + 3))
    kept = {
        Job.objects.create(handler="tests.job", run_after=now, done_at=week + timedelta(minutes=1)).pk,
        Job.objects.create(handler="tests.job", run_after=week - timedelta(days=30)).pk,
        Job.objects.create(handler="tests.job", run_after=week, gave_up_at=week - timedelta(days=30)).pk,
    }
    forget = enqueue("jobs.forget_done", {})
    assert run(forget.pk)
    assert set(Job.objects.values_list("pk", flat=True)) == kept | {forget.pk}
    forget.refresh_from_db()
    assert forget.done == AT_ONCE + 3


def test_forgetting_is_a_daily_job() -> None:
    assert "jobs.forget_done" in {each.name for each in handlers.dailies()}


def test_work_tells_the_moment_it_was_started_for(db: None, says: Say) -> None:
    seen: list[datetime] = []

    def act(work: Work) -> None:
        seen.append(work.now)

    moment = timezone.now() + timedelta(days=3)
    run(enqueue(says(act), {}).pk, moment)
    assert seen == [moment]
