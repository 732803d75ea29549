from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from jobs.actions import enqueue
from jobs.handlers import UnknownHandler, Work
from jobs.models import Job
from jobs.tests.conftest import Say

on_commit = pytest.mark.django_db(transaction=True)


def nothing(work: Work) -> None: ...


@on_commit
def test_a_rollback_leaves_no_job_and_says_nothing_it_never_was(says: Say, hinted: list[int]) -> None:
    name = says(nothing)
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue(name, {"row": 1})
        assert hinted == []
        raise RuntimeError
    assert not Job.objects.exists()
    assert hinted == []


@on_commit
def test_a_commit_says_look_now_once_it_is_there_by_then(says: Say, hinted: list[int]) -> None:
    with transaction.atomic():
        job = enqueue(says(nothing), {"row": 1})
        assert hinted == []
    assert hinted == [job.pk]
    assert Job.objects.get().payload == {"row": 1}


@on_commit
def test_work_for_later_is_not_hinted_now_it_is_left_to_the_relay(says: Say, hinted: list[int]) -> None:
    later = timezone.now() + timedelta(hours=1)
    job = enqueue(says(nothing), {}, run_after=later, total=7)
    assert (hinted, job.run_after, job.hinted_until, job.total) == ([], later, None, 7)


@on_commit
def test_once_is_one_row_whatever_the_payload_it_returns_the_first(says: Say, hinted: list[int]) -> None:
    name = says(nothing)
    first = enqueue(name, {"n": 1}, once="tests 2026-11-24")
    again = enqueue(name, {"n": 2}, once="tests 2026-11-24")
    other = enqueue(name, {"n": 3}, once="tests 2026-11-25")
    assert first.pk == again.pk != other.pk
    assert again.payload == {"n": 1}
    assert hinted == [first.pk, other.pk]


def test_a_name_that_nobody_registered_is_refused_it_writes_nothing(db: None) -> None:
    with pytest.raises(UnknownHandler, match=r"tests\.nobody"):
        enqueue("tests.nobody", {})
    assert not Job.objects.exists()


def test_a_job_says_what_it_is(db: None, says: Say) -> None:
    job = enqueue(says(nothing), {})
    assert str(job) == f"tests.job {job.pk}"


@on_commit
def test_without_a_broker_nothing_is_said_it_waits_for_the_relay(says: Say, hinted: list[int], settings) -> None:
    settings.CELERY_BROKER_URL = ""
    enqueue(says(nothing), {})
    assert hinted == []
    assert Job.objects.count() == 1
