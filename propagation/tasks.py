from __future__ import annotations

from celery import shared_task

from ledger import gate
from propagation.webhooks.sending import deliver as _deliver


@shared_task(ignore_result=True)
def deliver() -> None:
    if gate.is_open():
        _deliver()
