"""What an operator watches of partners: figures for /metrics, and what turns /healthz/ red."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count

from consents.models import Passing
from jobs.figures import Figure
from propagation import reconciling
from propagation.models import Delivery, Endpoint, Import
from propagation.states import State

LONGEST_WAIT = timedelta(minutes=15)  # until a partner is told (our own limit; the law's is fifteen working days)


def figures() -> Iterator[Figure]:
    states = dict(Delivery.objects.exclude(state=State.DELIVERED).values_list("state").annotate(n=Count("pk")))
    for state in (State.QUEUED, State.DEAD):
        yield "center_deliveries", "Events for partners that have not been taken.", {"state": state.value}, states.get(state.value, 0)
    closed = dict(Endpoint.objects.exclude(closed_at=None).values_list("closed_why").annotate(n=Count("pk")))
    for why in Endpoint.Closed:
        yield (
            "center_endpoints_closed",
            "Endpoints that are not called, by what closed them.",
            {"state": why.value},
            closed.get(why.value, 0),
        )
    yield "center_endpoints_failing", "Endpoints whose last call failed.", {}, Endpoint.objects.open().filter(failures__gt=0).count()
    yield "center_imports_open", "Imports that are being worked on.", {}, Import.objects.filter(state__in=("waiting", "running")).count()


def watched(now: datetime) -> dict[str, int]:
    """Four queries, on indexes."""
    return {
        "partners_untold": Delivery.objects.overdue(now - LONGEST_WAIT).filter(endpoint__failures=0).count(),
        "partners_down": Endpoint.objects.filter(closed_why=Endpoint.Closed.DOWN).count(),
        "partners_drifting": len(reconciling.drifting()),
        "confirmations_late": Passing.objects.late(now).count(),
    }
