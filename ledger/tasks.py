from __future__ import annotations

from celery import shared_task

from ledger import gate
from ledger.proving import prove as _prove


@shared_task(ignore_result=True)
def prove() -> None:
    if gate.is_open():
        _prove()
