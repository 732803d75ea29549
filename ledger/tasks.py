from __future__ import annotations

from celery import shared_task

from ledger.proving import prove as _prove


@shared_task(ignore_result=True)
def prove() -> None:
    _prove()
