"""A copy of everything (GDPR Art. 15(3) and 20): to read, for a computer, and the proof.

index.html          opens without the internet: what we do with the data (Art. 15(1)), and the data
data.json           every row of every table; schema.json describes it
csv/<table>.csv     the same, table by table
systems/*           what other systems of the brand hold, as they gave it
receipts/*.json     each decision, verifiable without us, with consent-keys.json
README.txt          what is what
manifest.sha256     the SHA-256 of each file
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import Customer
from brands.sheets import csv_lines
from consents.words import read_at
from data_requests.collect import Section, as_text, sections
from data_requests.models import Attachment, Request
from data_requests.package.about import about
from data_requests.package.archive import Archive
from data_requests.package.schema import FORMAT, schema
from data_requests.package.sealing import Sealed, Sealing, opened
from data_requests.parts import Scope, scope_of
from ledger.keys import key_set
from ledger.models import Entry
from ledger.receipts import receipt

IN_JSON = json.JSONEncoder(ensure_ascii=False).encode
SIGN_OF_LIFE = 50_000  # rows: some seconds
SHOWN = 200  # rows of a table on the page to read; all of them are in its CSV
PROVEN = ("choice.decided", "scope.changed", "restriction.changed")


@dataclass
class Table:
    """A table as the page to read shows it."""

    section: Section
    file: str
    rows: list[list[str]] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def write_package(request: Request, still_at_it: Callable[[], None] = lambda: None) -> tuple[Sealed, int]:
    """The encrypted file, and how many rows are in it. Takes as long as it takes, outside of any transaction, and says every now and
    then that it is `still_at_it`."""
    customer = request.customer
    assert customer is not None
    now, scope = timezone.now(), scope_of(request.asked)
    with Sealing() as sealing, translation.override(request.language), read_at(customer.brand):
        archive = Archive(sealing, timezone.localtime(now))
        tables = [_table(archive, section, still_at_it) for section in sections(customer, scope)]
        held = [table for table in tables if table.count]
        _data(archive, customer, request, [table.section for table in held], now, still_at_it)
        archive.add("schema.json", _pretty(schema([table.section for table in held])))
        receipts = _receipts(archive, customer, scope) if "choices" in scope.parts and not scope.portable else 0
        brought = _brought(archive, request)
        context = {
            "brand": customer.brand, "customer": customer, "request": request, "about": about(customer, now), "tables": held,
            "made_at": now,
            "language": request.language, "receipts": receipts, "items": list(request.items.exclude(system="center")),
            "brought": brought, "scope": scope,
        }  # fmt: skip
        archive.add("index.html", render_to_string("requests/package.html", context))
        archive.add("README.txt", render_to_string("requests/package.txt", context))
        archive.close()
    return sealing.sealed, sum(table.count for table in held)


def _table(archive: Archive, section: Section, still_at_it: Callable[[], None]) -> Table:
    """Its CSV, where it has a row; and the first of them for the page."""
    table = Table(section, f"csv/{section.key}.csv")
    rows = _heard_of(section.rows(), still_at_it)
    first = [[as_text(value) for value in row] for row in islice(rows, SHOWN)]
    table.rows, table.count = first, len(first)
    if first:
        table.count += archive.add_lines(table.file, csv_lines(section.fields, _all(first, rows))) - 1 - len(first)
    return table


def _heard_of(rows: Iterator[list[Any]], still_at_it: Callable[[], None]) -> Iterator[list[Any]]:
    """The rows, and a sign of life every so many of them."""
    for number, row in enumerate(rows, 1):
        if number % SIGN_OF_LIFE == 0:
            still_at_it()
        yield row


def _all(first: list[list[str]], rest: Iterator[list[Any]]) -> Iterator[list[str]]:
    yield from first
    for row in rest:
        yield [as_text(value) for value in row]


def _data(
    archive: Archive, customer: Customer, request: Request, held: list[Section], now: datetime, still_at_it: Callable[[], None]
) -> None:
    head = {"format": FORMAT, "brand": customer.brand.key, "request": request.number, "made_at": now.isoformat(), "code": customer.code}
    with archive.file("data.json") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "tables": {')
        for number, section in enumerate(held):
            file.write((", " if number else "").encode() + json.dumps(section.key).encode() + b": [")
            before, names = b"\n", tuple(section.fields)
            for row in _heard_of(section.rows(), still_at_it):
                file.write(before + IN_JSON(dict(zip(names, row, strict=True))).encode())
                before = b",\n"
            file.write(b"]")
        file.write(b"}}")


def _receipts(archive: Archive, customer: Customer, scope: Scope) -> int:
    keys, count = key_set(), 0
    proven = Entry.objects.of(customer.subject).readable().filter(kind__in=PROVEN, **scope.rows("ledger.Entry"))
    for entry in proven.order_by("seq").iterator():
        archive.add(f"receipts/{entry.seq:06d}-{entry.number}.json", receipt(entry, keys))
        count += 1
    if count:
        archive.add("receipts/consent-keys.json", _pretty(keys.as_jwks()))
    return count


def _brought(archive: Archive, request: Request) -> dict[str, str]:
    """What other systems held. By the name of the system, its file."""
    names = {}
    for attachment in Attachment.objects.filter(item__request=request).select_related("item").order_by("item"):
        names[attachment.item.system] = f"systems/{attachment.name}"
        with archive.file(names[attachment.item.system]) as file:
            for piece in opened(attachment.file, attachment.key):
                file.write(piece)
    return names


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
