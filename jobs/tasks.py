from __future__ import annotations

from celery import shared_task

from jobs import actions
from ledger import gate


@shared_task(ignore_result=True)
def run(job_id: int) -> None:
    if gate.is_open():
        actions.run(job_id)


@shared_task(ignore_result=True)
def relay() -> None:
    if gate.is_open():
        actions.relay()


@shared_task(ignore_result=True)
def enqueue_daily() -> None:
    if gate.is_open():
        actions.enqueue_daily()
