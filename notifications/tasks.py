from __future__ import annotations

from celery import shared_task

from ledger import gate
from notifications.sending import loop


@shared_task(ignore_result=True)
def send() -> None:
    """Sends for a while, and asks to be called again while there is more."""
    if gate.is_open() and loop.drain():
        send.apply_async(retry=False)
