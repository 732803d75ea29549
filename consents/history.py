"""The record as somebody reads it: newest first, by month, and one entry as a receipt."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import colleagues
from accounts.models import Customer
from brands.models import Brand
from consents import shown, words
from consents.passed_on import by_recipient, passed_on
from consents.states import How, State
from ledger.kinds import UnknownKind, Words, kind, kinds
from ledger.models import Entry

AT_ONCE = 30
DECISIONS = ("choice.decided", "scope.changed")


@dataclass(frozen=True)
class Line:
    recorded_at: datetime
    when: str
    title: str
    detail: str
    receipt_url: str
    change_url: str = ""
    passed_on: str = ""  # "Told 3 of 4, confirmed by 2."


@dataclass(frozen=True)
class Month:
    name: str
    entries: list[Line]


@dataclass(frozen=True)
class HistoryPage:
    months: list[Month]
    older: int | None  # the seq before which the next page begins

    @property
    def empty(self) -> bool:
        return not self.months


def page(customer: Customer, *, group: str = "", before: int | None = None, reader: str = "") -> HistoryPage:
    """AT_ONCE entries by keyset, two queries whatever their number. `group`: a filter of the page, "" for all; `reader`: the reference of
    who reads, where it is not whose record it is."""
    entries = Entry.objects.of(customer.subject)
    if group:
        entries = entries.filter(kind__in=[each.name for each in kinds() if each.group == group])
    if before is not None:
        entries = entries.filter(seq__lt=before)
    found = list(entries.order_by("-seq")[: AT_ONCE + 1])
    shown_here = found[:AT_ONCE]
    passed = passed_on(customer, [entry.pk for entry in shown_here])
    names = colleagues.names_of(entry.actor for entry in shown_here)
    with words.read_at(customer.brand, reader):
        lines = [replace(_by(line(entry), entry, names), passed_on=passed.get(entry.pk, "")) for entry in shown_here]
    months = [Month(name, list(each)) for name, each in groupby(lines, key=_month)]
    return HistoryPage(months, shown_here[-1].seq if len(found) > AT_ONCE else None)


def _by(line: Line, entry: Entry, names: Mapping[str, str]) -> Line:
    """The line with the colleague who acted, where one did."""
    if not entry.actor.startswith(colleagues.STAFF):
        return line
    who = colleagues.in_words(entry.actor, names)
    return replace(line, detail=f"{who}. {line.detail}".strip())


def latest(customer: Customer, count: int) -> list[Line]:
    with words.read_at(customer.brand):
        return [line(entry, short=True) for entry in Entry.objects.of(customer.subject).order_by("-seq")[:count]]


def line(entry: Entry, *, short: bool = False) -> Line:
    said = words_of(entry)
    local = timezone.localtime(entry.recorded_at)
    when = date_format(local, "MONTH_DAY_FORMAT" if short else "D j, H:i")
    receipt = reverse("consents:receipt", args=[entry.public_id]) if entry.payload else ""
    change = f"{reverse('consents:choices')}#{entry.act['purpose']}" if entry.kind == "choice.decided" and entry.payload else ""
    return Line(entry.recorded_at, when, said.title, said.detail, receipt, "" if short else change)


def words_of(entry: Entry) -> Words:
    """The words of the entry's kind; of an emptied one, that its content has gone."""
    if not entry.payload:
        return Words(_("An entry whose content was deleted"), _("Its place in the record is kept, so that nothing can be slipped in."))
    try:
        return kind(entry.kind).words(entry.act)
    except UnknownKind:
        return Words(entry.kind)


def _month(line: Line) -> str:
    return date_format(timezone.localtime(line.recorded_at), "F Y")


# ── One receipt ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ReceiptPage:
    entry: Entry
    title: str
    detail: str
    facts: list[tuple[str, str]]
    saw: dict[str, Any] | None
    saw_facts: list[tuple[str, str]]
    fingerprint: str
    change_url: str


def find(customer: Customer, receipt: uuid.UUID) -> Entry | None:
    """An entry of this customer's own record that still has its content; None for anybody else's, as for one that never was."""
    return Entry.objects.of(customer.subject).readable().filter(public_id=receipt).first()


def receipt_page(customer: Customer, entry: Entry) -> ReceiptPage:
    act = entry.act
    with words.read_at(customer.brand):
        said = words_of(entry)
    saw = shown.again(act.get("shown"))
    change = f"{reverse('consents:choices')}#{act['purpose']}" if entry.kind == "choice.decided" else ""
    return ReceiptPage(
        entry,
        said.title,
        said.detail,
        [*_facts(customer.brand, customer, entry, act), *((at.name, at.text) for at in by_recipient(customer, entry.pk).values())],
        saw,
        _saw_facts(saw),
        _grouped(entry.commitment),
        change,
    )


def _facts(brand: Brand, customer: Customer, entry: Entry, act: dict[str, Any]) -> list[tuple[str, str]]:
    local = timezone.localtime(entry.recorded_at)
    zone = timezone.get_current_timezone_name()
    facts = [
        (_("Number"), entry.number),
        (_("When"), f"{date_format(local, 'DATE_FORMAT')}, {local:%H:%M:%S} ({zone})"),
        (_("Who decided") if entry.kind in DECISIONS else _("Who"), _who(customer, entry, act)),
        (_("With"), brand.legal_name),
    ]
    if where := " ".join(filter(None, [words.where_words(act["where"]) if "where" in act else "", _how(act)])):
        facts.append((_("Where"), where))
    if entry.kind == "choice.decided":
        facts += [
            (_("Before"), words.state_words(act["before"])),
            (_("After"), words.state_words(act["state"])),
            (_("Version"), _("Version %(number)s of this use") % {"number": act["version"]}),
        ]
        if act["expires_at"] and act["state"] == State.GRANTED:
            until = datetime.fromisoformat(act["expires_at"])
            facts.append((_("Stands until"), date_format(timezone.localtime(until), "DATE_FORMAT")))
    return facts


def _how(act: dict[str, Any]) -> str:
    return words.how_words(act["how"]) if act.get("how") in set(How) else ""


def _who(customer: Customer, entry: Entry, act: dict[str, Any]) -> str:
    by = entry.actor.split(":", 1)[0]
    if by == "self":
        you = customer.name or _("You")
        return _("%(who)s, signed in") % {"who": you} if (act.get("assurance") or "") >= "IV2" else you
    return {
        "guardian": _("A parent or guardian"),
        "staff": colleagues.in_words(entry.actor, colleagues.names_of([entry.actor])),
        "link": _("You, by a link in a message from us"),
        "signal": _("Your browser’s privacy signal"),
        "partner": _("A partner, on your behalf"),
        "system": _("Our system, by a rule"),
    }.get(by, by)


def _saw_facts(saw: dict[str, Any] | None) -> list[tuple[str, str]]:
    if saw is None:
        return []
    names = {
        "data": _("Data"), "recipients": _("Who gets it"), "sold": _("Sold"), "kept": _("Kept"), "if_no": _("If you say no"),
        "ground": _("Legal ground"),
    }  # fmt: skip
    return [(name, saw["facts"][key]) for key, name in names.items() if saw["facts"][key]]


def _grouped(digest: str) -> str:
    """Sixteen groups of four: a person can compare them."""
    return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))


def entry_at(customer: Customer, seq: int | None) -> Entry | None:
    """The entry that a seq of the customer's row names."""
    return Entry.objects.of(customer.subject).filter(seq=seq).first() if seq is not None else None
