"""“Look now”, said to the senders. A broker that is down or loses it costs two seconds: the schedule says it again."""

from __future__ import annotations

from django.conf import settings


def look_now() -> None:
    from propagation.tasks import deliver

    if settings.CELERY_BROKER_URL:
        deliver.apply_async(retry=False)
