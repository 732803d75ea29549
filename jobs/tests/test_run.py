from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from jobs.actions import BACK_OFF, TRIES, enqueue, run, run_due, try_again
from jobs.handlers import LEASE, LeaseLost, Work
from jobs.models import Job
from jobs.tests.conftest import Say

Effects = Callable[[], list[str]]
MOMENT = datetime(2026, 11, 30, tzinfo=UTC)


def effect(name: str = "effect") -> None:
    Group.objects.create(name=name)


# ── Done exactly once ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_effect_and_done_are_one_commit_it_runs_once(db: None, says: Say, effects: Effects) -> None:
    def act(work: Work) -> None:
        assert work.payload == {"row": 5}
        with work.finishing():
            effect()
        assert work.finished

    job = enqueue(says(act), {"row": 5}, total=3)
    assert run(job.pk)
    assert not run(job.pk)
    job.refresh_from_db()
    assert effects() == ["effect"]
    assert (job.done_at is None, job.leased_until, job.attempts, job.done, job.total) == (False, None, 1, 3, 3)


def test_a_handler_that_does_not_finish_is_finished_for_it(db: None, says: Say) -> None:
    job = enqueue(says(lambda work: None), {})
    assert run(job.pk)
    job.refresh_from_db()
    assert job.done_at


def test_a_fault_while_finishing_undoes_the_effect_it_is_tried_again(db: None, says: Say, effects: Effects) -> None:
    def act(work: Work) -> None:
        with work.finishing():
            effect(f"effect {work.attempt}")
            if work.attempt == 1:
                raise OSError("anna@example.com")

    job = enqueue(says(act), {})
    assert not run(job.pk)
    assert effects() == []
    job.refresh_from_db()
    assert (job.error, job.done_at, job.leased_until) == ("OSError", None, None)  # the class alone: messages hold what people typed
    assert run(job.pk, timezone.now() + BACK_OFF[0])
    assert effects() == ["effect 2"]
    job.refresh_from_db()
    assert job.error == ""


def test_a_fault_after_finishing_changes_nothing_it_is_done(db: None, says: Say, effects: Effects) -> None:
    def act(work: Work) -> None:
        with work.finishing():
            effect()
        raise OSError

    job = enqueue(says(act), {})
    run(job.pk)
    job.refresh_from_db()
    assert job.done_at
    assert job.error == ""
    assert effects() == ["effect"]


def test_finishing_twice_writes_once_it_refuses_the_second(db: None, says: Say, effects: Effects) -> None:
    def act(work: Work) -> None:
        with work.finishing():
            effect("effect 1")
        with work.finishing():
            effect("effect 2")

    run(enqueue(says(act), {}).pk)
    assert effects() == ["effect 1"]


def test_no_such_job_is_nobodys_work(db: None) -> None:
    assert not run(12345)


def test_a_job_for_later_is_not_done_now(db: None, says: Say) -> None:
    later = timezone.now() + timedelta(hours=1)
    job = enqueue(says(lambda work: None), {}, run_after=later)
    assert not run(job.pk)
    assert run(job.pk, later)


# ── Leases ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_gets_the_job(says: Say) -> None:
    started = threading.Barrier(2)
    ran: list[int] = []

    def act(work: Work) -> None:
        ran.append(work.id)
        with work.finishing():
            effect(f"effect {work.id}")

    jobs = [enqueue(says(act), {"n": n}).pk for n in range(20)]
    done: list[bool] = []

    def worker() -> None:
        started.wait()
        try:
            done.extend(run(job) for job in jobs)
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert sorted(ran) == jobs
    assert sorted(done) == [False] * 20 + [True] * 20


def test_a_lease_keeps_others_away_until_it_ends(db: None, says: Say) -> None:
    job = enqueue(says(lambda work: None), {})
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() + LEASE)
    assert not run(job.pk)
    assert run(job.pk, timezone.now() + LEASE + timedelta(seconds=1))


def taken_over(job_id: int) -> None:
    Job.objects.filter(pk=job_id).update(lease="another worker", leased_until=timezone.now() + LEASE)


def test_who_has_lost_the_lease_writes_nothing_it_rolls_back(db: None, says: Say, effects: Effects) -> None:
    def act(work: Work) -> None:
        with work.finishing():
            effect()
            taken_over(work.id)

    job = enqueue(says(act), {})
    assert not run(job.pk)
    assert effects() == []
    job.refresh_from_db()
    assert job.done_at is None
    assert job.error == ""  # no fault of the job: nothing to tell, nothing to wait for


def test_who_has_lost_the_lease_in_the_middle_stops_there(db: None, says: Say, effects: Effects) -> None:
    def act(work: Work) -> None:
        with work.chunk(done=1, cursor={"at": 1}):
            effect("effect 1")
        taken_over(work.id)
        with work.chunk(done=2, cursor={"at": 2}):
            effect("effect 2")

    job = enqueue(says(act), {})
    assert not run(job.pk)
    job.refresh_from_db()
    assert effects() == ["effect 1"]
    assert (job.lease, job.cursor, job.done) == ("another worker", {"at": 1}, 1)


def test_a_fault_of_who_has_lost_the_lease_is_not_written_over_the_other(db: None, says: Say) -> None:
    def act(work: Work) -> None:
        taken_over(work.id)
        raise OSError

    job = enqueue(says(act), {})
    assert not run(job.pk)
    job.refresh_from_db()
    assert (job.error, job.lease) == ("", "another worker")
    assert job.leased_until


# ── Long work ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Killed(BaseException):
    """As if the process had ended: nothing of ours catches it."""


def test_long_work_goes_on_where_it_was_killed_it_repeats_nothing(db: None, says: Say, effects: Effects) -> None:
    def act(work: Work) -> None:
        for n in range(work.cursor.get("next", 0), 6):
            if n == 3 and work.attempt == 1:
                raise Killed
            with work.chunk(done=n + 1, total=6, cursor={"next": n + 1}):
                effect(f"effect {n}")
            assert work.cursor == {"next": n + 1}

    job = enqueue(says(act), {})
    Job.objects.filter(pk=job.pk).update(attempts=TRIES - 1)
    with pytest.raises(Killed):
        act_once(job.pk)
    job.refresh_from_db()
    assert (job.done, job.total, job.cursor) == (3, 6, {"next": 3})
    assert job.attempts == 1  # it came on: its tries count anew
    assert not run(job.pk)  # held by the dead worker's lease
    assert run(job.pk, timezone.now() + LEASE + timedelta(seconds=1))
    job.refresh_from_db()
    assert (job.done, job.total, job.done_at is None) == (6, 6, False)
    assert effects() == [f"effect {n}" for n in range(6)]


def act_once(job_id: int) -> None:
    Job.objects.filter(pk=job_id).update(attempts=0)
    run(job_id)


def test_a_chunk_that_breaks_moves_nothing_on(db: None, says: Say, effects: Effects) -> None:
    def act(work: Work) -> None:
        with work.chunk(done=1, cursor={"next": 1}):
            effect()
            raise OSError

    job = enqueue(says(act), {}, total=2)
    assert not run(job.pk)
    job.refresh_from_db()
    assert (job.done, job.cursor, effects()) == (0, {}, [])


def test_a_chunk_renews_the_lease(db: None, says: Say) -> None:
    def act(work: Work) -> None:
        Job.objects.filter(pk=work.id).update(leased_until=timezone.now() + timedelta(seconds=1))
        with work.chunk(done=1, cursor={}):
            pass
        left = Job.objects.get(pk=work.id).leased_until
        assert left
        assert left > timezone.now() + LEASE / 2

    assert run(enqueue(says(act), {}).pk)


# ── Failing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def always_breaks(work: Work) -> None:
    raise ValueError


def test_each_failure_waits_longer_it_gives_up_after_nine_tries(db: None, says: Say, hinted: list[int]) -> None:
    job = enqueue(says(always_breaks), {})
    for wait in BACK_OFF:
        before = timezone.now()
        assert not run(job.pk, job.run_after)
        job.refresh_from_db()
        assert before + wait <= job.run_after <= timezone.now() + wait
        assert (job.gave_up_at, job.hinted_until) == (None, None)
        assert not run(job.pk)
    assert not run(job.pk, job.run_after)
    job.refresh_from_db()
    assert job.gave_up_at
    assert (job.attempts, job.error) == (9, "ValueError") == (TRIES, "ValueError")
    assert not run(job.pk, job.run_after + timedelta(days=30))


def test_a_handler_that_has_gone_is_a_failure_like_any_other(db: None, says: Say) -> None:
    job = enqueue(says(always_breaks), {})
    Job.objects.filter(pk=job.pk).update(handler="tests.gone")
    assert not run(job.pk)
    job.refresh_from_db()
    assert job.error == "UnknownHandler"


def test_a_job_whose_worker_dies_each_time_is_given_up_it_takes_no_more_with_it(db: None, says: Say) -> None:
    def kills(work: Work) -> None:
        raise Killed

    job = enqueue(says(kills), {})
    moment = timezone.now()
    for _ in range(TRIES):
        with pytest.raises(Killed):
            run(job.pk, moment)
        moment += 2 * LEASE
    assert not run(job.pk, moment)
    job.refresh_from_db()
    assert job.gave_up_at
    assert job.error == "WorkerDied"


# ── Trying again ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_a_person_asks_again_it_is_due_with_all_its_tries(says: Say, hinted: list[int]) -> None:
    job = enqueue(says(always_breaks), {})
    Job.objects.filter(pk=job.pk).update(attempts=TRIES - 1)
    run(job.pk)
    hinted.clear()
    assert try_again(job)
    assert hinted == [job.pk]
    job.refresh_from_db()
    assert (job.gave_up_at, job.attempts) == (None, 0)
    assert list(Job.objects.due(timezone.now())) == [job]
    assert try_again(job)  # twice is once: it is as due as before


@pytest.mark.django_db(transaction=True)
def test_asking_again_for_what_is_done_or_held_does_nothing(says: Say, hinted: list[int]) -> None:
    done, held = enqueue(says(lambda work: None), {}), enqueue(says(lambda work: None), {})
    run(done.pk)
    Job.objects.filter(pk=held.pk).update(leased_until=timezone.now() + LEASE, attempts=3)
    hinted.clear()
    assert not try_again(done)
    assert not try_again(held)
    assert hinted == []
    held.refresh_from_db()
    assert held.attempts == 3


# ── By hand ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_run_due_does_what_is_due_and_what_that_enqueues_it_counts_the_done(db: None, says: Say, effects: Effects) -> None:
    def chain(work: Work) -> None:
        with work.finishing():
            effect(f"effect {work.payload['n']}")
            if work.payload["n"]:
                enqueue("tests.job", {"n": work.payload["n"] - 1})

    enqueue(says(chain), {"n": 3})
    enqueue(says(always_breaks, "tests.breaks"), {})
    enqueue("tests.job", {"n": 0}, run_after=timezone.now() + timedelta(hours=1))
    assert run_due() == 4
    assert effects() == [f"effect {n}" for n in range(4)]
    assert Job.objects.open().count() == 2


def test_failures_before_it_do_not_hold_up_the_rest(db: None, says: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.actions.RELAYED_AT_ONCE", 3)
    says(always_breaks, "tests.breaks")
    says(lambda work: None)
    for _ in range(7):
        enqueue("tests.breaks", {})
    enqueue("tests.job", {})
    assert run_due() == 1
    assert set(Job.objects.open().values_list("attempts", flat=True)) == {1}


def test_a_moment_ahead_tries_a_failing_job_once_it_ends(db: None, says: Say) -> None:
    job = enqueue(says(always_breaks), {})
    assert run_due(timezone.now() + timedelta(days=30)) == 0
    job.refresh_from_db()
    assert job.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_lease_lost_is_an_error_to_whoever_calls_it_by_itself(says: Say) -> None:
    job = enqueue(says(lambda work: None), {})
    work = Work(job, timezone.now())
    taken_over(job.pk)
    with pytest.raises(LeaseLost), transaction.atomic(), work.finishing():
        effect()
    assert not Group.objects.filter(name="effect").exists()


# ── How far it is ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_rate_is_that_of_the_worker_who_has_it(db: None, says: Say) -> None:
    def act(work: Work) -> None:
        with work.chunk(done=60, cursor={}, total=100):
            pass
        Job.objects.filter(pk=work.id).update(moved_at=F("began_at") + timedelta(seconds=10))
        raise OSError

    job = enqueue(says(act), {}, total=100)
    Job.objects.filter(pk=job.pk).update(done=40)
    assert not run(job.pk)
    job.refresh_from_db()
    assert (job.began_with, job.rate, job.time_left) == (40, 2.0, timedelta(seconds=20))


def test_work_without_chunks_says_how_far_it_is_from_beside(db: None, says: Say) -> None:
    def act(work: Work) -> None:
        work.renew(done=30)
        job.refresh_from_db()
        work.renew()

    job = enqueue(says(act), {}, total=90)
    assert run(job.pk)
    assert job.done == 30
    assert job.rate is not None
    assert job.leased_until is not None


@pytest.mark.parametrize(
    ("values", "rate"),
    [({}, None), ({"done": 5}, None), ({"done": 5, "began_at": MOMENT}, None), ({"done": 5, "began_at": MOMENT, "moved_at": MOMENT}, None)],
)
def test_nobody_can_say_a_rate_yet(values: dict[str, Any], rate: float | None) -> None:
    job = Job(total=10, **values)
    assert (job.rate, job.time_left) == (rate, None)


def test_more_than_was_reckoned_with_has_no_time_left() -> None:
    job = Job(total=10, done=12, began_at=MOMENT, moved_at=MOMENT + timedelta(seconds=6))
    assert (job.rate, job.time_left) == (2.0, None)
