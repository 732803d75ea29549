"""The Celery application. No broker holds truth here: a message only says "look now" (jobs/)."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "preference_center.settings")

app = Celery("preference_center")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect(weak=False)
@beat_init.connect(weak=False)
def stop_if_unsafe(**kwargs: Any) -> None:
    from preference_center import checks

    checks.stop_if_unsafe()
