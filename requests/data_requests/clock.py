"""When a request is due: the law's reckoning for the person's place and the brand's home, the same for customer and agent."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from django.conf import settings

from data_requests.kinds import KINDS
from data_requests.models import Request, Wait
from regimes.deadlines import Pause, Reckoning, earliest
from regimes.law import Law, law
from regimes.resolver import Place


def reckoned(request: Request, *, extended: bool | date | None = None) -> Reckoning | None:
    """With the waits there were and the extension, if there was one. None: no law that binds here has a word on it.

    extended: as if it were, on that day; left out, as it is.
    """
    pauses = [Pause(Wait.LAW[wait.why], wait.asked_on, wait.answered_on) for wait in request.waits.order_by("asked_on", "pk")]
    chosen = (request.extended_on or False) if extended is None else extended
    return _earliest(Place(request.country, request.region), request.kind, request.received_on, request.brand.home_regime, pauses, chosen)


def _earliest(place: Place, kind: str, received_on: date, home: str, pauses: list[Pause], extended: bool | date) -> Reckoning | None:
    for deadline in KINDS[kind].deadlines:
        found = earliest(place, deadline, received_on, home=home, pauses=pauses, extended=extended)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=2048)
def _from_the_start(held: Law, place: Place, kind: str, received_on: date, home: str) -> Reckoning | None:
    """Before anything is asked or extended: the same for all who ask for the same at one place on one day."""
    return _earliest(place, kind, received_on, home, [], False)


def set_due(request: Request) -> None:
    """Writes what was reckoned into the row; the caller saves it."""
    if request.pk:
        found = reckoned(request)
    else:
        place = Place(request.country, request.region)
        found = _from_the_start(law(), place, request.kind, request.received_on, request.brand.home_regime)
    request.regime = found.regime if found else ""
    request.due = found.due if found else None
    request.until = found.until if found else None
    request.extend_by = found.extend_by if found else None


def target(kind: str, received_on: date) -> date:
    """Ours, apart from the law's, and never in its place."""
    wait: timedelta = settings.REQUEST_TARGET.get(kind, settings.DEFAULT_TARGET)
    return received_on + wait


def days_left(request: Request, today: date) -> int | None:
    return (request.due - today).days if request.due else None
