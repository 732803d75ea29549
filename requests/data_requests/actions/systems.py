"""What another system of the brand holds, brought by a person."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any

from django.utils.text import slugify

from brands.models import Brand
from brands.sheets import csv_lines
from data_requests.attachments import forget
from data_requests.collect import as_json
from data_requests.connectors.base import Rows
from data_requests.models import Attachment, Item, System
from data_requests.package.sealing import Sealed, Sealing, path_of
from data_requests.states import CLOSED, NotPossible, State
from data_requests.steps import at_work_on
from ledger.turns import turn

AT_ONCE = 1000  # rows written at once
LONGEST = 60_000  # characters: what a form carries; more is for a connector


def name_system(system: System, *, brand: Brand, by: str) -> System:
    """A system of the brand, new or changed; noted with the brand."""
    system.brand = brand
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        this.append(brand.subject, "system.named", {"key": system.key, "name": system.name, "in_use": system.in_use})
        system.save()
    return system


def attach(item: Item, text: str, *, by: str) -> Attachment:
    """JSON or a table (CSV) as the system gave it, which becomes part of the copy; a later one takes its place. Raises NotPossible."""
    ending, content = _readable(text)
    with Sealing() as sealing:
        sealing.write(content)
    sealed = sealing.sealed
    with ExitStack() as undone:
        undone.callback(path_of(sealed.name).unlink, missing_ok=True)
        attachment = _replace(item, ending, sealed, by=by)
        undone.pop_all()
    return attachment


def attach_rows(item: Item, tables: Iterable[Rows], *, by: str) -> int:
    """What a program read there, as JSON; returns the number of rows. Nothing is attached where there was nothing."""
    counted = [0]
    with ExitStack() as undone:
        with Sealing() as sealing:
            for line in _lines_of(tables, counted):
                sealing.write(line.encode())
        undone.callback(path_of(sealing.sealed.name).unlink, missing_ok=True)
        if counted[0]:
            _replace(item, "json", sealing.sealed, by=by)
            undone.pop_all()
    return counted[0]


def _lines_of(tables: Iterable[Rows], counted: list[int]) -> Iterator[str]:
    """{"table": [{column: value}, …], …}, piece by piece; `counted[0]` goes up by the rows."""
    before = "{"
    for name, columns, rows in tables:
        yield f"{before}\n{json.dumps(name)}: ["
        first = "\n"
        for some in _chunks(rows):
            lines = [_line(dict(zip(columns, row, strict=True))) for row in some]
            yield first + ",\n".join(lines)
            first = ",\n"
            counted[0] += len(some)
        yield "]"
        before = ","
    yield "\n}\n" if before == "," else "{}\n"


def _line(row: dict[str, Any]) -> str:
    """Whatever a database has: what JSON has no word for is written as the database would write it."""
    try:
        return IN_JSON(row)
    except ValueError:  # an infinity, or no number
        finite = {name: value if not isinstance(value, float) or math.isfinite(value) else str(value) for name, value in row.items()}
        return IN_JSON(finite)


def _as_said(value: Any) -> Any:
    try:
        return as_json(value)
    except TypeError:
        return str(value)


IN_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_as_said).encode


def _chunks(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    every = iter(rows)
    while some := list(islice(every, AT_ONCE)):
        yield some


def _replace(item: Item, ending: str, sealed: Sealed, *, by: str) -> Attachment:
    with at_work_on(item.request, by=by) as (this, request):
        found = request.items.get(pk=item.pk)
        if State(request.state) in CLOSED or request.verified_at is None:
            raise NotPossible(f"{request.number} is not worked on")
        forget(Attachment.objects.filter(item=found))
        attachment: Attachment = Attachment.objects.create(
            item=found, name=f"{_key(found)}.{ending}", file=sealed.name, key=sealed.key, size=sealed.size, sha256=sealed.sha256, by=by
        )
        this.append(request.subject, "request.attached", {"request": request.number, "system": found.system, "sha256": sealed.sha256})
    return attachment


def _key(item: Item) -> str:
    system = System.objects.filter(brand=item.request.brand, name=item.system).first()
    return system.key if system else slugify(item.system) or f"system-{item.pk}"


def _readable(text: str) -> tuple[str, bytes]:
    """The ending and what is kept: of JSON the same values, of a table its cells, none of which a spreadsheet would run."""
    text = text.strip().lstrip("\ufeff")
    if not text or len(text) > LONGEST or "\x00" in text:
        raise NotPossible("nothing to attach, or more than a page takes")
    if text[0] in "[{":
        try:
            return "json", (json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n").encode()
        except (ValueError, RecursionError) as error:
            raise NotPossible(f"this is no JSON: {error}") from error
    try:
        columns, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    except csv.Error as error:
        raise NotPossible(f"this is no table: {error}") from error
    if len(columns) < 2 or any(len(row) != len(columns) for row in rows if row):
        raise NotPossible("this is no table: each line has as many cells as the first, and two at least")
    return "csv", "".join(csv_lines(columns, (row for row in rows if row))).encode()
