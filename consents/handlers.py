from __future__ import annotations

from consents.actions import record_expiry
from consents.models import Choice
from jobs.handlers import Work, daily


@daily("consents.record_expiry", at_hour=1)
def record_expiries(work: Work) -> None:
    """One turn a person. decide() denies from the instant of expiry: nothing waits for this."""
    for choice in Choice.objects.run_out(work.now).select_related("customer__brand").order_by("pk").iterator(chunk_size=200):
        record_expiry(choice)
