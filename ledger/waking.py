"""“There is something to prove”, said when a turn has committed, so that whoever follows the ledger hears of a withdrawal at once. A few
times a second at most, and the last is never left out. Lost, it costs two seconds: the schedule says it, too."""

from __future__ import annotations

import threading
import time

from django.conf import settings

LEAST = 0.25  # seconds between two

_saying = threading.Lock()
_next = 0.0  # on the monotonic clock: until when one is said, or about to be


def wake() -> None:
    """Only where the broker is Redis: in files it would cost more than waiting does."""
    global _next
    if not settings.REDIS_URL:
        return
    with _saying:
        now = time.monotonic()
        if _next > now:  # one is on its way that comes after this commit, unless it is being read just now: then the schedule sees to it
            return
        wait = max(0.0, _next + LEAST - now)
        _next = now + wait
    from ledger.tasks import prove

    prove.apply_async(countdown=wait, expires=4, retry=False)
