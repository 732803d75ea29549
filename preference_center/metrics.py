"""/metrics: figures for Prometheus. Counts, ages and names of our own making, about no person and no brand.

Whichever process is asked, the answer is the same: it is read from the database at each scrape, but for the requests
(preference_center/access.py), which are added up in a folder that the web processes of a machine share.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import product

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from data_requests.kinds import KINDS
from data_requests.models import Request
from data_requests.states import OPEN
from jobs.figures import Figure, figures, register
from jobs.models import Job
from ledger.models import Log
from notifications.models import Message
from notifications.states import Class, State
from preference_center.health import measured, verdicts

MOST_WAITING = 100_000  # mails that wait are counted no further than this
NEWEST = 10_000  # mails of which it is counted what has become of them
UP = ("center_database_up", "Whether the database answers.")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_KEY:
        raise Http404
    if not _holds_the_key(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        return _answer(_Collector(figures()), 200)
    except (DatabaseError, InterfaceError):
        return _answer(_Collector([(*UP, {}, 0)]), 503)


def _holds_the_key(request: HttpRequest) -> bool:
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(key.strip().encode(), settings.METRICS_KEY.encode())


def _answer(collector: _Collector, status: int) -> HttpResponse:
    registry = CollectorRegistry()
    registry.register(collector)
    if settings.PROMETHEUS_MULTIPROC_DIR and status == 200:
        MultiProcessCollector(registry, settings.PROMETHEUS_MULTIPROC_DIR)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4, status=status)


class _Collector:
    def __init__(self, found: Iterable[Figure]) -> None:
        self._found = found

    def collect(self) -> Iterable[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, what, labels, value in self._found:
            order = sorted(labels)
            family = families.setdefault(name, GaugeMetricFamily(name, what, labels=order))
            family.add_metric([labels[label] for label in order], value)
        return families.values()


# ── Our own ─────────────────────────────────────────────────────────────────────────────────────────────────────────

# The figures of /healthz/ that stand for themselves: by their name there.
PLAIN = {
    "oldest_job": ("center_oldest_job_seconds", "How long a job has waited beyond its time."),
    "waiting_entries": ("center_entries_without_position", "Entries of the ledger that have no position yet."),
    "longest_wait": ("center_entry_without_position_seconds", "How long the oldest of them has waited."),
    "parked": ("center_entries_parked", "Entries that a follower has given up: they wait for a person."),
    "oldest_mail": ("center_oldest_mail_seconds", "How long a mail outside of campaigns has waited beyond its time."),
    "mails_stumbling": ("center_mails_stumbling", "Mails outside of campaigns that could not be written so far."),
    "campaigns_standing": ("center_campaigns_standing", "Campaigns whose mail waits while nothing of them moves."),
    "campaigns_stopped": ("center_campaigns_stopped", "Campaigns that paused themselves because a mail could not be written."),
    "requests_late": ("center_requests_late", "Requests that the law's time is over for."),
    "untold_in_time": ("center_mails_untold_in_time", "Mails of a policy that applies by now, which have not gone out."),
    "partners_untold": ("center_partners_untold", "Events that wait longer than they may, for endpoints that answer."),
    "partners_down": ("center_partners_down", "Endpoints given up after three days."),
    "partners_drifting": ("center_partners_drifting", "Days on which a partner has something else than what was sent."),
    "confirmations_late": ("center_confirmations_late", "Choices that a recipient has not confirmed in time."),
    "triggers_missing": ("center_triggers_missing", "Triggers that the database should have and has not."),
    "seal_file": ("center_seal_file", "Whether this node sees the file of seals."),
}


@register
def health() -> Iterator[Figure]:
    """What /healthz/ measures, and how it judges."""
    found = measured(timezone.now())
    yield *UP, {}, 1
    for key, (name, what) in PLAIN.items():
        yield name, what, {}, found[key]
    if found["seal_age"] is not None:
        yield "center_seal_age_seconds", "Since the newest seal; old after a quiet night.", {}, found["seal_age"]
    for follower, lag in found["follower_lag"].items():
        yield "center_follower_lag_entries", "Entries that a follower has yet to read.", {"follower": follower}, lag
    for fault, bad in verdicts(found).items():
        yield "center_fault", "Whether /healthz/ names it.", {"fault": fault}, bad
    yield *JOBS, {"state": "given_up"}, found["jobs_given_up"]


JOBS = ("center_jobs", "Jobs, but for those that are done.")


@register
def jobs() -> Iterator[Figure]:
    """Of those that are done nothing is told: rows of seven days, which nobody acts upon and which are many to count."""
    for state, count in _open_jobs(timezone.now()).items():
        yield *JOBS, {"state": state}, count


def _open_jobs(now: datetime) -> dict[str, int]:
    """By the index of open ones."""
    held, wanted = Q(leased_until__gte=now), Q(run_after__lte=now)
    found: dict[str, int] = Job.objects.open().aggregate(
        running=Count("pk", filter=held), due=Count("pk", filter=~held & wanted), later=Count("pk", filter=~held & ~wanted)
    )
    return found


@register
def mails() -> Iterator[Figure]:
    """The table keeps every mail of years. What waits is read by the index of each state, and no further than MOST_WAITING; how mail fares
    is told of the NEWEST rows by their number. Both are counts of what they say, not estimates."""
    for state in (State.QUEUED, State.STARTED):
        some = Message.objects.filter(state=state)[:MOST_WAITING]
        found = some.aggregate(**{klass.value: Count("pk", filter=Q(klass=klass)) for klass in Class})
        for klass, count in found.items():
            yield "center_mails_open", f"Mails not sent yet, up to {MOST_WAITING}.", {"state": state, "class": klass}, count
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    lately = Message.objects.filter(pk__gt=newest - NEWEST).values_list("state", "klass")
    counts = {(state, klass): count for state, klass, count in lately.annotate(count=Count("pk"))}
    for state, klass in product(State, Class):
        what = f"What has become of the newest {NEWEST} mails."
        yield "center_mails_newest", what, {"state": state, "class": klass}, counts.get((state, klass), 0)


@register
def requests() -> Iterator[Figure]:
    """Of the open ones, by the index of the queue."""
    found = Request.objects.filter(closed_at=None).order_by().values_list("state", "kind").annotate(count=Count("pk"))
    counts = {(state, kind): count for state, kind, count in found}
    for state, kind in product(sorted(OPEN), KINDS):
        yield "center_requests_open", "Requests that are not closed.", {"state": state, "kind": kind}, counts.get((state, kind), 0)


@register
def ledger() -> Iterator[Figure]:
    yield "center_ledger_position", "The newest position of the ledger.", {}, Log.objects.values_list("position", flat=True).get(pk=1)
