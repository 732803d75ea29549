from __future__ import annotations

from celery import shared_task

from jobs import actions


@shared_task(ignore_result=True)
def run(job_id: int) -> None:
    actions.run(job_id)


@shared_task(ignore_result=True)
def relay() -> None:
    actions.relay()


@shared_task(ignore_result=True)
def enqueue_daily() -> None:
    actions.enqueue_daily()
