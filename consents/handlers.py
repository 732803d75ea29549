from __future__ import annotations

from consents.actions import record_expiry
from consents.models import Choice
from jobs.handlers import Work, daily

AT_ONCE = 200


@daily("consents.record_expiry", at_hour=1)
def record_expiries(work: Work) -> None:
    """One turn a person. decide() denies from the instant of expiry: nothing waits for this."""
    after, done = work.cursor.get("after", 0), work.cursor.get("done", 0)
    run_out = Choice.objects.run_out(work.now).select_related("customer__brand").order_by("pk")
    while batch := list(run_out.filter(pk__gt=after)[:AT_ONCE]):
        for choice in batch:
            after, done = choice.pk, done + 1
            with work.chunk(done=done, cursor={"after": after, "done": done}):
                record_expiry(choice)
