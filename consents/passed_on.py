"""How far a choice has come at those who have to hear of it: told, confirmed, since when. For the history, the receipt and the map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Customer
from consents.models import Passing


@dataclass(frozen=True)
class At:
    """One recipient's newest word, in words."""

    name: str
    text: str


def passed_on(customer: Customer, entries: Iterable[int]) -> dict[int, str]:
    """By entry: “Told 3 of 4, confirmed by 2, since 12 May 2027, 14:05.” One query."""
    by_entry: dict[int, list[Passing]] = defaultdict(list)
    for row in customer.passings.filter(entry__in=list(entries)):
        by_entry[row.entry].append(row)
    return {entry: _so_far(rows) for entry, rows in by_entry.items()}


def _so_far(rows: list[Passing]) -> str:
    """Each company once, whatever the number of uses that one word stopped."""
    told, confirmed = {row.recipient for row in rows if row.told_at}, {row.recipient for row in rows if row.confirmed_at}
    every = {row.recipient for row in rows}
    since = max(row.confirmed_at or row.told_at or row.recorded_at for row in rows)
    counts = {"told": len(told), "all": len(every), "confirmed": len(confirmed), "when": _moment(since)}
    if not told:
        return _("Told 0 of %(all)s yet.") % counts
    if all(row.confirm_by is None for row in rows):  # nobody has to confirm that they may
        return _("Told %(told)s of %(all)s, since %(when)s.") % counts
    if not confirmed:
        return _("Told %(told)s of %(all)s, none has confirmed yet, since %(when)s.") % counts
    return _("Told %(told)s of %(all)s, confirmed by %(confirmed)s, since %(when)s.") % counts


def by_recipient(customer: Customer, entry: int | None = None) -> dict[str, At]:
    """Each recipient's newest word, or that on one entry. One query."""
    rows = customer.passings.order_by("entry")
    if entry is not None:
        rows = rows.filter(entry=entry)
    return {row.recipient: At(row.name, how_far(row)) for row in rows}


def how_far(row: Passing) -> str:
    if row.confirmed_at is not None:
        return CONFIRMED[row.outcome](row.change) % {"when": _moment(row.confirmed_at)}
    if row.told_at is not None:
        return _told(row.change) % {"when": _moment(row.told_at)}
    return {
        Passing.Change.STOPPED: _("Will be told to stop"),
        Passing.Change.STARTED: _("Will be told of your yes"),
        Passing.Change.CORRECTED: _("Will be told what is right"),
    }[Passing.Change(row.change)]


def _told(change: str) -> str:
    return {
        Passing.Change.STOPPED: _("Told to stop on %(when)s, not confirmed yet"),
        Passing.Change.STARTED: _("Told of your yes on %(when)s"),
        Passing.Change.CORRECTED: _("Told what is right on %(when)s, not confirmed yet"),
    }[Passing.Change(change)]


def _done(change: str) -> str:
    return {
        Passing.Change.STOPPED: _("Confirmed on %(when)s that it stopped"),
        Passing.Change.STARTED: _("Confirmed on %(when)s that it knows"),
        Passing.Change.CORRECTED: _("Confirmed on %(when)s that it is corrected"),
    }[Passing.Change(change)]


CONFIRMED: Mapping[str, Callable[[str], str]] = {
    Passing.Outcome.DONE: _done,
    Passing.Outcome.NOTHING: lambda change: _("Confirmed on %(when)s that it had nothing"),
    Passing.Outcome.KEPT: lambda change: _("Answered on %(when)s that it keeps something"),
}


def _moment(when: datetime) -> str:
    return date_format(timezone.localtime(when), "DATETIME_FORMAT")
