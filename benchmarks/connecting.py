"""A copy that asks another database of 15 tables, from asking to ready in one worker, against reading the same rows bare."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connections

from accounts.actions import join
from accounts.assurance import Level, Proof
from accounts.models import Customer
from benchmarks.harness import Row
from benchmarks.options import Options
from brands.models import Brand
from data_requests import actions
from data_requests.models import System
from data_requests.states import RELEASED
from jobs.actions import run_due

TABLES, OTHERS, ROUNDS = 15, 2_000, 5
SIZES = (200, 1_000)  # rows of the person in each table


def rows(options: Options) -> list[Row]:
    shop = Brand.objects.get(key="linden")
    System.objects.filter(brand=shop).update(in_use=False)  # the demo's own
    actions.name_system(System(key="sample", name="Sample", connector="sql"), brand=shop, by="system:benchmarks")
    return [measured(shop, each, options) for each in SIZES]


def measured(shop: Brand, each: int, options: Options) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.sqlite3"
        people = [join(brand=shop, address=f"copied{each}-{number}@example.com", language="en") for number in range(ROUNDS + 1)]
        fill(path, people, each)
        describe(Path(folder), path, f"sample{each}")
        ours = [timed(partial(copied, one, each)) for one in people][1:]
        base = [timed(partial(bare, path, one)) for one in people][1:]
    ratio = median(ours) / median(base)
    return Row(
        f"a copy with a database of {TABLES} tables, {TABLES * each:,} rows of the person", options.database,
        f"{median(ours) * 1e3:.0f} ms",
        f"bare reads of the same rows as JSON: {median(base) * 1e3:.1f} ms", f"{ratio:.1f}×", "≤ 15×", ratio <= 15,
    )  # fmt: skip


def fill(path: Path, people: list[Customer], each: int) -> None:
    addresses = [each.contacts.get().canonical for each in people]
    with closing(sqlite3.connect(path)) as database:
        for table in range(TABLES):
            database.execute(f"CREATE TABLE t{table} (id INTEGER PRIMARY KEY, email TEXT, a TEXT, b TEXT, c INTEGER, d DATE)")
            some = [
                (to, f"text {n} of table {table}", "another text, a little longer", n, "2026-05-14")
                for to in addresses
                for n in range(each)
            ]
            others = [(f"other{n}@example.com", "text", "text", n, "2026-05-14") for n in range(OTHERS)]
            database.executemany(f"INSERT INTO t{table} (email, a, b, c, d) VALUES (?, ?, ?, ?, ?)", some + others)
            database.execute(f"CREATE INDEX t{table}_email ON t{table} (email)")
        database.commit()


def describe(folder: Path, path: Path, name: str) -> None:
    tables = [
        {"table": f"t{number}", "subject": {"column": "email", "is": "email"}, "columns": ["a", "b", "c", "d"], "on_erasure": "delete"}
        for number in range(TABLES)
    ]
    (folder / "linden").mkdir()
    (folder / "linden" / "sample.yaml").write_text(json.dumps({"database": name, "tables": tables}), encoding="utf-8")
    settings.CONNECTORS_DIR = folder
    settings.CONNECTED_DATABASES = {name: f"sqlite:///{path}"}
    connections.databases[name] = connections.databases["default"] | {
        "ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {}, "CONN_MAX_AGE": 0,
    }  # fmt: skip


def copied(customer: Customer, each: int) -> None:
    request = actions.receive(customer, "copy", {}, Proof(Level.IV3, "passkey"), by=f"self:{customer.subject}").request
    run_due()
    request.refresh_from_db()
    assert request.state in RELEASED, request.state
    assert request.items.get(system="Sample").count == TABLES * each


def bare(path: Path, customer: Customer) -> None:
    address, found = customer.contacts.get().canonical, {}
    with closing(sqlite3.connect(path)) as database:
        for table in range(TABLES):
            found[f"t{table}"] = database.execute(f"SELECT a, b, c, d FROM t{table} WHERE email = ?", [address]).fetchall()
    assert json.dumps(found)


def timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started
