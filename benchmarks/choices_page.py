"""GET /choices/ for somebody who is signed in: the CPU of one page, and its SQL statements whatever there is to show.

The WSGI application is called as the web server calls it, without the server: what a socket costs is the same for every page.
"""

from __future__ import annotations

from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from benchmarks.browsers import session_cookie
from benchmarks.harness import Paired, Row, paired, repeating
from benchmarks.options import Options
from benchmarks.rows_of_the_ledger import entries_for
from benchmarks.world import SIZES, reader

GOAL = 2.0
MOST_STATEMENTS = 12
LONG_HISTORY = 10_000


class Reader:
    """One signed-in browser at one page. Each call is one GET, read to its end."""

    def __init__(self, application: Any, customer: Customer, cookie: str, path: str) -> None:
        self.application = application
        path, _mark, query = path.partition("?")
        self.environ: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": customer.brand.host, "HTTP_COOKIE": cookie}
        setup_testing_defaults(self.environ)
        self.content = b""

    def __call__(self) -> None:
        status: list[str] = []
        response = self.application(dict(self.environ), lambda line, headers: status.append(line))
        self.content = b"".join(response)
        response.close()
        if not status[0].startswith("200"):
            raise RuntimeError(status[0])

    def statements(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self()
        return len(captured)


def rows(options: Options) -> list[Row]:
    settings.ROOT_URLCONF = "benchmarks.urls"
    application = get_wsgi_application()
    customers = {size: Customer.objects.select_related("brand", "person").get(person__email=reader(size)) for size in SIZES}
    cookies = {size: session_cookie(customer) for size, customer in customers.items()}
    readers = {size: Reader(application, customers[size], cookies[size], "/choices/") for size in SIZES}
    found = []
    for name, path, goal in (("a bare trivial page", "/bench/bare/", GOAL), ("a trivial page in our frame", "/bench/framed/", None)):
        trivial = Reader(application, customers[12], cookies[12], path)
        done = paired(repeating(readers[12]), repeating(trivial), seconds=options.slice)
        found.append(_row(options, name, done, goal))
    return [*found, _counts(options, readers, customers[12])]


def _row(options: Options, against: str, done: Paired, goal: float | None) -> Row:
    return Row(
        f"GET /choices/, 12 purposes, CPU against {against}",
        options.database,
        done.ours_text(),
        done.base_text(),
        f"{done.cpu} × the CPU",
        f"≤ {goal} ×" if goal else "–",
        done.cpu.median <= goal if goal else None,
    )


def _counts(options: Options, readers: dict[int, Reader], customer: Customer) -> Row:
    for each in readers.values():
        each()  # a brand's catalogue is read once a process
    counts = {f"{size} purposes": each.statements() for size, each in readers.items()}
    entries_for(customer, LONG_HISTORY)
    counts[f"12 purposes, {LONG_HISTORY:,} entries"] = readers[12].statements()
    flat = len(set(counts.values())) == 1 and max(counts.values()) <= MOST_STATEMENTS
    said = ", ".join(f"{count} ({what})" for what, count in counts.items())
    return Row("GET /choices/, SQL statements", options.database, said, goal=f"≤ {MOST_STATEMENTS}, the same for all", passed=flat)
