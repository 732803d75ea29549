from __future__ import annotations

from datetime import timedelta

from jobs.handlers import Work, daily
from jobs.models import Job

KEPT = timedelta(days=7)
AT_ONCE = 500  # rows a transaction: nobody waits for a week's worth


@daily("jobs.forget_done", at_hour=2)
def forget_done(work: Work) -> None:
    """Done jobs go after a week. Those given up stay until somebody has looked."""
    forgotten = 0
    while old := list(Job.objects.filter(done_at__lt=work.now - KEPT).values_list("pk", flat=True)[:AT_ONCE]):
        forgotten += len(old)
        with work.chunk(done=forgotten, cursor={}):
            Job.objects.filter(pk__in=old).delete()
