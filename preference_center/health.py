"""/healthz/: what an operator's monitor asks. 200 while all is well, 503 with the names of what is not. No personal data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Exists, Min, OuterRef
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from data_requests.models import Request
from jobs.models import Job
from ledger import followers
from ledger.models import Entry, Seal, Waiting
from ledger.sequence import seal_age, seal_file
from ledger.triggers import missing
from notifications.models import Campaign, Message
from notifications.states import State
from propagation import figures as partners

LONGEST_WAIT = timedelta(seconds=60)  # of a job that is due, or an entry without a position
LONGEST_MAIL = timedelta(minutes=15)  # that a mail waits beyond its time: a server that is gone, or nobody sends
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
        "oldest_job": _age(oldest, now),
        "jobs_given_up": Job.objects.exclude(gave_up_at=None).count(),
        "waiting_entries": Waiting.objects.count(),
        "longest_wait": _longest_wait(now),
        "follower_lag": followers.lag(),
        "parked": followers.given_up().count(),
        "oldest_mail": _age(Message.objects.overdue(now).order_by("run_after").values_list("run_after", flat=True).first(), now),
        "mails_stumbling": Message.objects.stumbling().count(),
        "campaigns_standing": _standing(now),
        "campaigns_stopped": Campaign.objects.exclude(error="").exclude(paused_at=None).count(),
        "requests_late": Request.objects.late(now).count(),
        "untold_in_time": Message.objects.open().filter(campaign__version__in_force_from__lte=now).count(),
        "seal_age": seal_age(now),
        "triggers_missing": len(missing(connection)),
        "seal_file": seal_file().exists() or not Seal.objects.exists(),
        **partners.watched(now),
        "demo": settings.DEMO,
    }


def _standing(now: datetime) -> int:
    """Campaigns with mail that waits, that nobody paused, and of which nothing has moved for a while."""
    lately = Message.objects.filter(campaign=OuterRef("pk"), started_at__gt=now - LONGEST_MAIL)
    waiting = Message.objects.filter(campaign=OuterRef("pk"), state=State.QUEUED, run_after__lt=now - LONGEST_MAIL)
    return Campaign.objects.filter(Exists(waiting), ~Exists(lately), paused_at=None).count()


def _age(moment: datetime | None, now: datetime) -> float:
    return (now - moment).total_seconds() if moment else 0


def _longest_wait(now: datetime) -> float:
    """Of an entry for its position: not the age of the newest seal, which is old after a quiet night and missing before the first."""
    oldest = Waiting.objects.aggregate(entry=Min("entry"))["entry"]
    recorded_at = Entry.objects.filter(pk=oldest).values_list("recorded_at", flat=True).first()
    return _age(recorded_at, now)


def judged(figures: dict[str, Any]) -> list[str]:
    return [name for name, bad in verdicts(figures).items() if bad]


def verdicts(figures: dict[str, Any]) -> dict[str, bool]:
    """Every fault there can be, and whether it is there."""
    found = {
        "jobs": figures["oldest_job"] > LONGEST_WAIT.total_seconds() or figures["jobs_given_up"],
        "mail": any(figures[name] for name in ("mails_stumbling", "campaigns_standing", "campaigns_stopped"))
        or figures["oldest_mail"] > LONGEST_MAIL.total_seconds(),
        # Somebody who was to be told before a policy applies has not been, and it does; or has not been answered in the law's time.
        "deadlines": figures["untold_in_time"] or figures["requests_late"],
        "triggers": figures["triggers_missing"],
        "followers": any(lag > LARGEST_LAG for lag in figures["follower_lag"].values()) or figures["parked"],
        # Told too late, given up, or with something else than what was sent. Who has not confirmed is a matter of the desk.
        "partners": any(figures[name] for name in ("partners_untold", "partners_down", "partners_drifting")),
        "seals": not figures["seal_file"] or figures["longest_wait"] > LONGEST_WAIT.total_seconds(),
    }
    return {name: bool(bad) for name, bad in found.items()}
