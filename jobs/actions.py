from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jobs.handlers import LEASE, LeaseLost, Work, dailies, find
from jobs.models import Job

logger = logging.getLogger(__name__)

HINT = timedelta(seconds=10)  # after which a message is taken for lost
RELAYED_AT_ONCE = 500
# How long to wait after each failure. Nine tries over a day and a half; then a person has to look, and /healthz/ says so.
BACK_OFF = [timedelta(seconds=s) for s in (2, 10, 60, 300, 1800, 7200, 21600, 86400)]
TRIES = len(BACK_OFF) + 1


class WorkerDied(RuntimeError):
    """Every try ended with the end of its worker."""


def enqueue(
    handler_name: str, payload: dict[str, Any], *, run_after: datetime | None = None, total: int = 0, once: str | None = None
) -> Job:
    """In the caller's transaction: no commit, no job. `once` names work of which there may be only one row."""
    find(handler_name)
    now = timezone.now()
    values = {
        "handler": handler_name, "payload": payload, "run_after": run_after or now, "total": total,
        "hinted_until": None if run_after else now + HINT,
    }  # fmt: skip
    if once is None:
        job = Job.objects.create(**values)
    else:
        job, created = Job.objects.get_or_create(once=once, defaults=values)
        if not created:
            return job
    if not run_after:
        transaction.on_commit(lambda: hint(job.pk), robust=True)
    return job


def hint(job_id: int) -> None:
    """Says "look now". A broker that is down or loses it costs two seconds: the relay says it again."""
    from jobs.tasks import run as task

    if settings.CELERY_BROKER_URL:
        task.apply_async((job_id,), retry=False)


def relay(now: datetime | None = None) -> int:
    """Says "look now" again for every due job that nobody holds; returns how many."""
    now = now or timezone.now()
    waiting = Job.objects.due(now).unhinted(now).order_by("run_after").values_list("pk", flat=True)
    count = 0
    for job_id in list(waiting[:RELAYED_AT_ONCE]):
        if Job.objects.filter(pk=job_id).unhinted(now).update(hinted_until=now + HINT):
            hint(job_id)
            count += 1
    return count


def run(job_id: int, now: datetime | None = None) -> bool:
    """Does the job unless somebody else holds it; returns whether it was done here."""
    now = now or timezone.now()
    job = _claim(job_id, now)
    if job is None:
        return False
    work = Work(job, now)
    try:
        find(job.handler)(work)
        if not work.finished:
            with work.finishing():
                pass
    except LeaseLost:
        logger.warning("job %s (%s) went to another worker", job.pk, job.handler)
        return False
    except Exception as error:  # kept with the job, retried, and shown by /healthz/ when it does not end
        logger.exception("job %s (%s) failed", job.pk, job.handler)
        _failed(job, error, timezone.now())
        return False
    return True


def _claim(job_id: int, now: datetime) -> Job | None:
    """One conditional UPDATE: of any number of workers one gets the job."""
    values = {"lease": secrets.token_hex(16), "leased_until": timezone.now() + LEASE, "attempts": F("attempts") + 1}
    if not Job.objects.due(now).filter(pk=job_id).update(**values):
        return None
    job = Job.objects.get(pk=job_id)
    if job.attempts <= TRIES:
        return job
    # Its worker died each time and could not say so; it would go on taking workers down with it.
    _failed(job, WorkerDied(), timezone.now())
    return None


def _failed(job: Job, error: Exception, now: datetime) -> None:
    """The class of the error only: its message may hold what a person typed."""
    values: dict[str, Any] = {"error": type(error).__name__, "leased_until": None, "hinted_until": None}
    if job.attempts >= TRIES:
        values["gave_up_at"] = now
    else:
        values["run_after"] = now + BACK_OFF[job.attempts - 1]
    Job.objects.filter(pk=job.pk, lease=job.lease, done_at=None).update(**values)


def try_again(job: Job) -> bool:
    """A person asked for it: the job is due now, with all its tries. False when it is done, or a worker holds it."""
    now = timezone.now()
    with transaction.atomic():
        idle = Job.objects.idle(now).filter(pk=job.pk, done_at=None)
        asked = idle.update(gave_up_at=None, attempts=0, run_after=now, hinted_until=now + HINT)
        if asked:
            transaction.on_commit(lambda: hint(job.pk), robust=True)
    return bool(asked)


def run_due(now: datetime | None = None) -> int:
    """Every due job, and those that they enqueue, once each, here and now: `manage.py tick`, and tests. Returns how many were done.

    `now` may lie ahead; behind the clock it does not stay, or what a job enqueues would not be due.
    """
    count = last = 0
    while True:
        moment = max(now or timezone.now(), timezone.now())
        due = Job.objects.due(moment).filter(pk__gt=last).order_by("pk")
        batch = list(due.values_list("pk", flat=True)[:RELAYED_AT_ONCE])
        if not batch:
            return count
        count += sum(run(job_id, moment) for job_id in batch)
        last = batch[-1]


def enqueue_daily(now: datetime | None = None) -> int:
    """Makes the row of every daily job whose hour has come and that has none since; returns how many are new. Twice is once.

    After a standstill the newest hour missed is made up for at once, the ones before it never: each run does what there is.
    """
    now = (now or timezone.now()).astimezone(UTC)
    count = 0
    for each in dailies():
        newest = now - timedelta(hours=each.at_hour)
        once = f"{each.name} {newest:%Y-%m-%d}"
        if not Job.objects.filter(once=once).exists():
            with transaction.atomic():
                enqueue(each.name, {}, once=once)
            count += 1
    return count
