"""What proves a deletion: one entry of the ledger, whose receipt proves itself with no server; and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from data_requests.models import Item, Request
from ledger.models import Entry


@dataclass(frozen=True)
class Certificate:
    """`rows`: that went here; `systems`: name and what it says; `kept`: what stays elsewhere, in words."""

    certified_at: datetime
    rows: int
    tables: int
    systems: list[tuple[str, str]]
    kept: list[str]
    number: str


def entry_of(request: Request) -> Entry | None:
    found = Entry.objects.of(request.subject).readable().filter(kind="erasure.certified")
    return next((entry for entry in found if entry.act["request"] == request.number), None)


def shown(request: Request) -> Certificate | None:
    entry = entry_of(request)
    if entry is None:
        return None
    act = entry.act
    rows = [count for _label, count in act["tables"]]
    systems = [(each["system"], _said(each["outcome"], each["count"])) for each in act["systems"]]
    return Certificate(entry.recorded_at, sum(rows), len(rows), systems, [_stays(each) for each in act["kept"]], entry.number)


def _said(outcome: str, count: int) -> str:
    label = str(Item.Outcome(outcome).label)
    return f"{label}, " + ngettext("%(n)d row", "%(n)d rows", count) % {"n": count} if count else label


def _stays(kept: dict[str, str | int | None]) -> str:
    until = kept["until"]
    day = date_format(date.fromisoformat(until), "DATE_FORMAT") if isinstance(until, str) else _("an unknown day")
    said = {"system": kept["system"], "table": kept["table"], "day": day, "law": kept["law"]}
    assert isinstance(kept["count"], int)
    rows = ngettext("%(n)d row", "%(n)d rows", kept["count"]) % {"n": kept["count"]}
    return _("“%(system)s”, %(table)s: %(rows)s until %(day)s. %(law)s") % (said | {"rows": rows})
