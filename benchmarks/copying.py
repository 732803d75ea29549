"""A copy: what it costs where a hundred times more people are, and a million rows of one person against a bare script that writes them."""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection

from accounts.assurance import Level, Proof
from accounts.models import Customer
from benchmarks.crowd import gather
from benchmarks.harness import Row
from benchmarks.options import Options
from benchmarks.peak_of_verify import highest
from brands.models import Brand
from data_requests import actions
from data_requests.collect import sections
from data_requests.models import Request
from data_requests.package.sealing import path_of
from data_requests.package.writing import write_package

ROUNDS = 5
LETTERS = """
INSERT INTO requests_letter (request_id, from_person, by, text, at)
SELECT %s, n %% 2 = 0, '', 'Message number ' || n || ', about a lamp that was suggested twice and is not wanted', now()
FROM generate_series(1, %s) AS n
"""


def rows(options: Options) -> list[Row]:
    shop = Brand.objects.get(key="linden")
    few, many, letters = (1_000, 20_000, 20_000) if options.quick else (10_000, 1_000_000, 1_000_000)
    anna = Customer.objects.select_related("brand", "person").get(brand=shop, person__email="anna.kowalczyk@example.com")
    gather(shop, few)
    among_few = collected(anna)
    gather(shop, many, after=few)
    among_many = collected(anna)
    request = actions.receive(anna, "copy", {}, Proof(Level.IV3, "passkey"), by=f"self:{anna.subject}").request
    with connection.cursor() as cursor:
        cursor.execute(LETTERS, [request.pk, letters])
        cursor.execute("ANALYZE")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    start = highest()
    ours = timed(lambda: package(request, letters))
    grown = highest() - start
    base = timed(lambda: bare(request))
    return [
        Row(
            f"collecting one person's rows among {many:,} people", options.database, f"{among_many * 1e3:.1f} ms",
            f"among {few:,}: {among_few * 1e3:.1f} ms", f"{among_many / among_few:.2f}×", "≤ 1.5×", among_many / among_few <= 1.5,
        ),
        Row(
            f"a package of {letters:,} rows, sealed", options.database, f"{letters / ours:,.0f} rows/s",
            f"one cursor, JSON and CSV with SHA-256: {letters / base:,.0f} rows/s", f"{base / ours:.2f}", "≥ 0.5", base / ours >= 0.5,
        ),
        Row("memory that it takes to make it", options.database, f"{grown:.1f} MB", "–", "–", "< 50 MB", grown < 50),
    ]  # fmt: skip


def collected(customer: Customer) -> float:
    """Seconds for every row of everything, the median of some rounds."""

    def once() -> int:
        return sum(1 for section in sections(customer) for _row in section.rows())

    once()
    return median(timed(once) for _round in range(ROUNDS))


def package(request: Request, at_least: int) -> None:
    sealed, count = write_package(request)
    path_of(sealed.name).unlink()
    assert count >= at_least, count


def bare(request: Request) -> None:
    """The same rows by one server-side cursor, into a file of JSON and one of CSV, with the SHA-256 of both."""
    with (
        tempfile.TemporaryDirectory() as folder,
        (Path(folder) / "a.json").open("wb") as first,
        (Path(folder) / "a.csv").open("wb") as second,
    ):
        hashes = hashlib.sha256(), hashlib.sha256()
        writer = csv.writer(Echo())
        for row in streamed(request):
            line = json.dumps({"from_person": row[0], "text": row[1], "at": row[2].isoformat()}, ensure_ascii=False).encode() + b"\n"
            first.write(line)
            hashes[0].update(line)
            cells = writer.writerow([row[0], row[1], row[2].isoformat()]).encode()
            second.write(cells)
            hashes[1].update(cells)
        assert all(each.hexdigest() for each in hashes)


class Echo:
    def write(self, line: str) -> str:
        return line


def streamed(request: Request) -> Iterator[Any]:
    from django.db import transaction

    with transaction.atomic():
        cursor = connection.chunked_cursor()
        cursor.itersize = 2000
        cursor.execute("SELECT from_person, text, at FROM requests_letter WHERE request_id = %s ORDER BY id", [request.pk])
        yield from cursor
        cursor.close()


def timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started
