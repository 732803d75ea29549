"""Puts a request to one connected system. Outside of any transaction: another database, or the network. What is done twice counts once:
the system's keys and what was found there are written down before anything is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.holds import held_until
from accounts.sealed import seal, unseal
from data_requests.actions.answering import go_on, item_done, may_execute, reopen
from data_requests.actions.systems import attach_rows
from data_requests.connectors import Connector, Fault, Keys, Later, Table, Unreachable, connector_for, keys_of
from data_requests.connectors.base import in_language
from data_requests.connectors.http import as_tables, tables_of
from data_requests.kinds import COPY
from data_requests.models import Item, Request
from data_requests.states import WORKING, NotPossible

BY = "system:connector"


def ask_systems(request: Request, *, today: date) -> list[str]:
    """Every system that a program asks and that has not answered. Returns the names of those that are tried again."""
    silent = []
    waiting = request.items.filter(outcome__in=WAITING, connected__isnull=False)
    for item in waiting.select_related("connected__brand"):
        if not _goes_on(request):  # cancelled or held, while the one before was asked
            break
        item.request = request
        try:
            connector = connector_for(item.connected)
            if connector is not None:
                ask_system(item, connector, today=today)
        except (Later, NotPossible):
            continue
        except Unreachable as error:
            silent.append(str(error))
        except Fault as fault:
            with suppress(NotPossible):  # cancelled in the same moment
                item_done(item, Item.Outcome.FAILED, by=BY, note=str(fault), machine=True)
    return silent


def _goes_on(request: Request) -> bool:
    now, found = timezone.now(), Request.objects.select_related("customer").get(pk=request.pk)
    begins = max(now, found.not_before or now)  # a wait that was over when the job began is over
    held = held_until(found.customer, now) if found.customer else None
    return may_execute(found, begins) and (held is None or request.kind == COPY)


def ask_system(item: Item, connector: Connector, *, today: date) -> None:
    """Raises Fault, Unreachable, Later."""
    if item.request.kind == COPY:
        _read(item, connector)
    else:
        _erase(item, connector, today)


def _read(item: Item, connector: Connector) -> None:
    assert item.request.customer
    with closing(connector.read(keys_of(item.request.customer), item.request.number)) as tables:
        count = attach_rows(item, tables, by=BY)
    item_done(item, Item.Outcome.DONE if count else Item.Outcome.NOTHING, by=BY, count=count, machine=True)


def _erase(item: Item, connector: Connector, today: date) -> None:
    keys, planned = _prepared(item, connector, today)
    answered = connector.erase(keys, today, item.request.number)
    after = connector.plan(keys, today)  # the second look
    if after is None:
        close(item, answered, keys)
        return
    if left := [table.name for table in after if table.count > table.kept]:
        raise Fault(f"rows are still there: {', '.join(left)}")
    now = {table.name: table for table in after}  # what stays, as it stands now: the plan may be some days old
    found = [replace(table, kept=now[table.name].kept, until=now[table.name].until, first=now[table.name].first) for table in planned]
    close(item, [table for table in found if table.count], keys)


def look_again(request: Request, *, today: date) -> list[str]:
    """Right before the center goes: systems that have answered, and hold something again since. They are asked once more; returns their
    names."""
    again = []
    for item in request.items.filter(connected__isnull=False, outcome__in=ANSWERED).select_related("connected__brand"):
        connector = connector_for(item.connected)
        tables = connector.plan(keys_of(request.customer), today) if connector is not None and request.customer is not None else None
        if any(table.count > table.kept for table in tables or ()):
            reopen(item, by=BY)
            again.append(item.system)
    return again


ANSWERED = (Item.Outcome.DONE, Item.Outcome.NOTHING, Item.Outcome.KEPT)


def close(item: Item, tables: Iterable[Table], keys: Keys) -> Item:
    """The system has done it: what went, and what stays and why; no table is that there was nothing."""
    found = list(tables)
    kept = [table for table in found if table.kept]
    outcome = Item.Outcome.KEPT if kept else Item.Outcome.DONE if found else Item.Outcome.NOTHING
    note = " ".join(why_kept(table, item.request.language) for table in kept)
    count = sum(table.count - table.kept for table in found)
    return item_done(item, outcome, by=BY, count=count, note=note, tables=found, keys=keys, machine=True)


def take_answer(item: Item, answer: Mapping[str, Any], keys: Keys) -> Item:
    """What a system has called back to say; then the request goes on. Twice is once. Raises Fault, NotPossible."""
    request = item.request
    if request.kind == COPY:
        count = attach_rows(item, tables_of(answer), by=BY) if item.outcome in WAITING else 0
        done = item_done(item, Item.Outcome.DONE if count else Item.Outcome.NOTHING, by=BY, count=count, machine=True)
    else:
        done = close(item, as_tables(item.system, answer), keys)
    if request.state in WORKING:
        go_on(request, f"{item.pk} {done.answered_at}")
    return done


WAITING = frozenset({Item.Outcome.OPEN, Item.Outcome.FAILED})


def _prepared(item: Item, connector: Connector, today: date) -> tuple[Keys, list[Table]]:
    """From the first time, where there was one: a system that has deleted already knows nobody any more."""
    if item.located:
        return Keys.from_json(unseal(item.located)), [Table.from_json(each) for each in item.found]
    assert item.request.customer
    keys = connector.locate(keys_of(item.request.customer))
    planned = connector.plan(keys, today) or []
    item.located, item.found = seal(keys.as_json()), [table.as_json() for table in planned]
    Item.objects.filter(pk=item.pk, located="").update(located=item.located, found=item.found)
    return keys, planned


def why_kept(table: Table, language: str) -> str:
    """Invoices: 6 rows, until 31 December 2031. Tax law."""
    with translation.override(language):
        rows = ngettext("%(n)d row", "%(n)d rows", table.kept) % {"n": table.kept}
        title, ground = in_language(table.title, language), in_language(table.ground, language)
        if table.until is None:
            return _("%(title)s: %(rows)s. %(ground)s.") % {"title": title, "rows": rows, "ground": ground}
        day = date_format(table.until, "DATE_FORMAT")
        return _("%(title)s: %(rows)s, until %(day)s. %(ground)s.") % {"title": title, "rows": rows, "day": day, "ground": ground}
