"""/healthz/: what an operator's monitor asks. 200 while all is well, 503 with the names of what is not. No personal data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.models import Job
from ledger import followers
from ledger.models import Entry, Seal, Waiting
from ledger.sequence import seal_age, seal_file
from ledger.triggers import missing

LONGEST_WAIT = timedelta(seconds=60)  # of a job that is due, or an entry without a position
LARGEST_LAG = 1000  # entries that a follower may be behind


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    try:
        figures = measured(timezone.now())
    except DatabaseError as error:
        return JsonResponse({"ok": False, "faults": ["database"], "error": type(error).__name__}, status=503)
    faults = list(judged(figures))
    return JsonResponse({"ok": not faults, "faults": faults, **figures}, status=503 if faults else 200)


def measured(now: datetime) -> dict[str, Any]:
    """Ages in seconds, counts, and the lag of each follower in entries."""
    oldest = Job.objects.due(now).order_by("run_after").values_list("run_after", flat=True).first()
    return {
        "oldest_job": (now - oldest).total_seconds() if oldest else 0,
        "jobs_given_up": Job.objects.exclude(gave_up_at=None).count(),
        "waiting_entries": Waiting.objects.count(),
        "longest_wait": _longest_wait(now),
        "follower_lag": followers.lag(),
        "parked": followers.given_up().count(),
        "seal_age": seal_age(now),
        "triggers_missing": len(missing(connection)),
        "seal_file": seal_file().exists() or not Seal.objects.exists(),
        "demo": settings.DEMO,
    }


def _longest_wait(now: datetime) -> float:
    """Of an entry for its position: not the age of the newest seal, which is old after a quiet night and missing before the first."""
    oldest = Waiting.objects.aggregate(entry=Min("entry"))["entry"]
    recorded_at = Entry.objects.filter(pk=oldest).values_list("recorded_at", flat=True).first()
    return (now - recorded_at).total_seconds() if recorded_at else 0


def judged(figures: dict[str, Any]) -> list[str]:
    return [
        name
        for name, bad in {
            "jobs": figures["oldest_job"] > LONGEST_WAIT.total_seconds() or figures["jobs_given_up"],
            "triggers": figures["triggers_missing"],
            "followers": any(lag > LARGEST_LAG for lag in figures["follower_lag"].values()) or figures["parked"],
            "seals": not figures["seal_file"] or figures["longest_wait"] > LONGEST_WAIT.total_seconds(),
        }.items()
        if bad
    ]
