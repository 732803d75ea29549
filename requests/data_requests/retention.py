"""Retention carried out: each table says how long its rows stay, and once a day what has outlived that goes. Systems whose description
says so, too. A dry run counts the same rows and deletes none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import DateTimeField, F, Model, Q, QuerySet
from django.utils import timezone

from brands.models import Brand
from catalogue.published import published
from data_requests import actions
from data_requests.connectors import Fault, Unreachable, connector_for
from data_requests.connectors.sql import SqlConnector
from data_requests.connectors.sql.description import Described
from data_requests.kinds import KINDS
from data_requests.models import Request, RetentionReport, System
from data_requests.models.systems import Connector
from data_requests.ordering import pointing_first
from data_requests.states import RELEASED
from data_requests.tables import points_at
from ledger.models import Entry
from ledger.personal_data import Days, declared

logger = logging.getLogger(__name__)
AT_ONCE = 1000  # rows a transaction
BY = "system:requests.retention"
# Rows of a request go with it, and with their entries in the ledger (actions.forget_request).
WITH_THE_REQUEST = frozenset(
    f"requests.{name}" for name in ("Request", "Wait", "Item", "Letter", "Package", "Claim", "Attachment", "Mandate")
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """One table: its period in words, how many rows have outlived it, and what deletes them and says how many."""

    table: str
    period: str
    count: int
    delete: Callable[[], int]


def everything_due(now: datetime) -> Iterator[Due]:
    """One after the other, so that each is counted when its turn comes: rows may go with those of an earlier table."""
    yield from _requests(now)
    for model, days in _of_days():
        rows = outlived(model, days, now)
        yield Due(model._meta.label, f"{days.days} days after {days.after}", rows.count(), partial(_delete, rows))
    yield from _proofs(now)
    yield from _systems(timezone.localdate(now))


def carry_out(now: datetime) -> list[RetentionReport]:
    """Twice on a day adds up."""
    reports, day = [], timezone.localdate(now)
    for due in everything_due(now):
        try:
            rows = due.delete() if due.count else 0
        except (Fault, Unreachable):  # of one connected system: the others have their turn
            logger.warning("retention could not be carried out in %s", due.table)
            continue
        if rows:
            report, made = RetentionReport.objects.get_or_create(day=day, table=due.table, defaults={"rows": rows})
            if not made:
                RetentionReport.objects.filter(pk=report.pk).update(rows=F("rows") + rows)
            reports.append(report)
    return reports


# ── Our own tables ──────────────────────────────────────────────────────────────────────────────────────────────────


def _of_days() -> list[tuple[type[Model], Days]]:
    """Tables with a period in days, those that point at others first."""
    every = [(model, declared(model).keep) for model in apps.get_models(include_auto_created=True)]
    found = {model: keep for model, keep in every if isinstance(keep, Days) and model._meta.label not in WITH_THE_REQUEST}
    return [(model, found[model]) for model in pointing_first(found, points_at)]


def outlived(model: type[Model], days: Days, now: datetime) -> QuerySet[Any]:
    """Rows whose time is over."""
    first: datetime | date = now - timedelta(days=days.days)
    if not isinstance(_field(model, days.after), DateTimeField):
        first = timezone.localdate(now) - timedelta(days=days.days)
    return model._default_manager.filter(**{f"{days.after}__lt": first})


def _field(model: type[Model], path: str) -> Any:
    found: Any = model
    field: Any = None
    for name in path.split("__"):
        field = found._meta.get_field(name)
        found = field.related_model
    return field


def _delete(rows: QuerySet[Any]) -> int:
    """Some at a time: nobody waits for a year's worth."""
    gone = 0
    while some := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        rows.model._default_manager.filter(pk__in=some)._raw_delete(rows.db)
        gone += len(some)
    return gone


def _requests(now: datetime) -> Iterator[Due]:
    """The log: each with all that hangs on it, and what the ledger holds of it. One that still holds data for a law stays with it."""
    days: Days = declared(Request).keep
    pausing = [kind for kind, each in KINDS.items() if each.restricts]
    holds_a_pause = Q(kind__in=pausing, state__in=RELEASED, customer__isnull=False, lifted_at=None)  # it is what can end it
    due = outlived(Request, days, now).filter(held=None, appeals=None).exclude(holds_a_pause).select_related("brand")

    def delete() -> int:
        return sum(actions.forget_request(request, by=BY) for request in list(due))

    yield Due("requests.Request", f"{days.days} days after {days.after}", due.count(), delete)


def _proofs(now: datetime) -> Iterator[Due]:
    """What people who are gone had allowed and refused: its content goes when the time to prove it is over."""
    today = timezone.localdate(now).isoformat()
    said = Entry.objects.filter(kind="person.erased", recorded_at__lt=now - timedelta(days=365)).readable()
    over = [entry for entry in said.iterator() if entry.act["proof_until"] < today]

    def delete() -> int:
        return sum(actions.forget_proof(entry, by=BY) for entry in over)

    yield Due("ledger.Entry", "the proof period of where they lived", len(over), delete)


# ── Other systems ───────────────────────────────────────────────────────────────────────────────────────────────────


def _systems(today: date) -> Iterator[Due]:
    for system in System.objects.filter(in_use=True, connector=Connector.SQL).select_related("brand"):
        try:
            yield from _of_system(system, today)
        except (Fault, Unreachable) as error:  # told with a dry run; the others go on
            yield Due(f"{system.brand.key} {system.key}: {error}"[:120], "could not be looked into", 0, lambda: 0)


def _of_system(system: System, today: date) -> Iterator[Due]:
    connector = connector_for(system)
    assert isinstance(connector, SqlConnector)
    for table in connector.retained():
        first = first_day_that_stays(system.brand, table, today)
        name = f"{system.brand.key} {system.key}: {table.name}"[:120]
        yield Due(name, f"from {first.isoformat()} on", connector.outlived(table, first), partial(connector.forget, table, first))


def first_day_that_stays(brand: Brand, table: Described, today: date) -> date:
    """Raises Fault where the published uses say nothing of that kind of data, or count from something that no column tells."""
    retention = table.retention
    assert retention
    if retention.days is not None:
        return today - timedelta(days=retention.days)
    paths = [path for purpose in published(brand).values() for path in purpose.uses if path.category == retention.category]
    firsts = [_first(path.retention_days, path.retention_after, today) for path in paths]
    known = [first for first in firsts if first is not None]
    if not known or len(known) < len(firsts):
        raise Fault(f"{table.name}: the published uses do not say how long {retention.category} stays after a day")
    return min(known)  # the longest of them


def _first(days: int, after: str, today: date) -> date | None:
    last = today - timedelta(days=days)
    return {"collected": last, "year_end": date(last.year, 1, 1)}.get(after)
