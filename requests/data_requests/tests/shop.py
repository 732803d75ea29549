"""A shop's database, small and real, in SQLite or PostgreSQL; how it is connected; and what an operator writes down of it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
import yaml
from django.conf import settings
from django.db import connections
from django.utils import timezone

from brands.models import Brand
from data_requests import actions
from data_requests.models import Item, Request, System
from jobs.actions import enqueue, run_due
from ledger.proving import prove
from ledger.tests.databases import server_url

ANNA, CAROL = "anna.kowalczyk@example.com", "carol.novak@example.com"
AFTER_THE_WAIT = timedelta(hours=72, minutes=1)
SAM = "staff:" + "1" * 32
ALIAS = "shop"
THIS_YEAR = timezone.localdate().year
Row = tuple[Any, ...]

TABLES = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT NOT NULL, phone TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), total NUMERIC(10, 2) NOT NULL);
    CREATE TABLE reviews (id INTEGER PRIMARY KEY, author_email TEXT, author TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE invoices (
        id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), number TEXT NOT NULL, issued_on DATE,
        total NUMERIC(10, 2) NOT NULL
    )
"""
ROWS: dict[str, list[Row]] = {
    "customers": [
        (1, ANNA, "Anna Kowalczyk", "+48 600 100 200"),
        (2, CAROL, "Carol Novak", "+420 601 000 111"),
        (3, f"not.{ANNA}", "Another Anna", None),
        (4, f"{ANNA}.example", "A third one", None),
    ],
    "orders": [(11, 1, "89.90"), (12, 1, "120.00"), (21, 2, "15.50"), (31, 3, "7.00"), (41, 4, "8.00")],
    "reviews": [
        (51, ANNA, "Anna", "Linen that lasts."), (52, ANNA, "A. K.", "Soft; it's \"good\"."), (53, CAROL, "Carol", "Too thin."),
        (54, None, "Nobody", "Found it in a hotel."),
    ],
    "invoices": [
        (101, 1, "F/101", f"{THIS_YEAR}-01-02", "89.90"), (102, 1, "F/102", f"{THIS_YEAR - 1}-12-31", "120.00"),
        (103, 1, "F/103", f"{THIS_YEAR - 7}-06-30", "30.00"), (201, 2, "F/201", f"{THIS_YEAR}-01-02", "15.50"),
        (202, 2, "F/202", f"{THIS_YEAR - 7}-06-30", "15.50"),
    ],
}  # fmt: skip
FIRST_DAY, LAST_DAY = date(THIS_YEAR + 4, 12, 31), date(THIS_YEAR + 5, 12, 31)  # on which the invoices 102 and 101 must still be there
ROWS_THAT_GO = 6  # one customer and two reviews are masked, two orders and the invoice of seven years ago deleted

DESCRIPTION: dict[str, Any] = {
    "database": ALIAS,
    "tables": [
        {
            "table": "invoices", "title": {"en": "Invoices", "pl": "Faktury"},
            "subject": {"column": "customer_id", "from": "customers.id"}, "columns": ["number", "issued_on", "total"],
            "on_erasure": "keep",
            "keep": {
                "ground": {"en": "Tax law", "pl": "Przepisy podatkowe"}, "law": "Art. 112 VAT Act", "column": "issued_on", "years": 5,
                "year_end": True,
            },
        },
        {
            "table": "orders", "title": {"en": "Orders", "pl": "Zamówienia"}, "subject": {"column": "customer_id", "from": "customers.id"},
            "columns": ["id", "total"], "on_erasure": "delete",
        },
        {
            "table": "reviews", "title": {"en": "Reviews", "pl": "Opinie"}, "subject": {"column": "author_email", "is": "email"},
            "columns": ["author", "text"], "on_erasure": "mask", "mask": {"author_email": None, "author": "–"},
        },
        {
            "table": "customers", "title": {"en": "Account in the shop", "pl": "Konto w sklepie"},
            "subject": {"column": "email", "is": "email"}, "columns": ["name", "email", "phone"], "on_erasure": "mask",
            "mask": {"name": "–", "email": None, "phone": None},
        },
    ],
}  # fmt: skip


class Shop:
    """Speaks to the database past the connector and past Django, as the shop itself would."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.vendor = urlsplit(url).scheme

    def run(self, sql: str, *values: Any) -> list[Row]:
        """`sql`: one statement, with %s for each value."""
        if self.vendor == "sqlite":
            with closing(sqlite3.connect(_path(self.url))) as there, there:
                return there.execute(sql.replace("%s", "?"), values).fetchall()
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def run_all(self, sql: str) -> None:
        """Statements with a semicolon between them, and none inside."""
        for statement in sql.split(";"):
            self.run(statement)

    def ids(self, table: str) -> set[int]:
        return {row[0] for row in self.run(f"SELECT id FROM {table}")}

    def everything(self) -> dict[str, list[Row]]:
        return {table: self.run(f"SELECT * FROM {table} ORDER BY id") for table in ROWS}

    def of_others(self) -> dict[str, list[Row]]:
        """All that is not Anna's, whose keys are one and a half hundred and less."""
        hers = {1, 11, 12, 51, 52, 101, 102, 103}
        return {table: [row for row in rows if row[0] not in hers] for table, rows in self.everything().items()}

    def answers_with_carols(self, table: str = "customers", column: str = "email") -> None:
        """In place of the table a view that says Anna or Carol by chance, each time it is looked at: a WHERE finds Anna, and gives Carol.
        It has so many rows that chance cannot spare the test."""
        names = [name for name in _columns(self, table) if name != column]
        self.run(f"ALTER TABLE {table} RENAME TO real_{table}")
        if self.vendor == "sqlite":
            said = f"CASE WHEN abs(random()) % 2 = 0 THEN '{ANNA}' ELSE '{CAROL}' END"
            many = "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 100) "
        else:  # a function that says of itself that it gives the same for the same, which it does not
            self.run(
                "CREATE FUNCTION somebody(text) RETURNS text STABLE LANGUAGE plpgsql AS "
                f"'BEGIN RETURN CASE WHEN random() < 0.5 THEN ''{ANNA}'' ELSE ''{CAROL}'' END; END'"
            )
            said, many = f"somebody({column} || n)", "WITH many AS (SELECT generate_series(1, 100) AS n) "
        others = "".join(f", {name}" for name in names)
        self.run(f"CREATE VIEW {table} AS {many}SELECT {said} AS {column}{others} FROM real_{table}, many")

    def is_itself_again(self, table: str = "customers") -> None:
        self.run(f"DROP VIEW {table}")
        self.run(f"ALTER TABLE real_{table} RENAME TO {table}")

    def goes_away(self) -> None:
        """As if it was moved, or its server stopped."""
        connections[ALIAS].close()
        known = connections.databases[ALIAS]
        known["NAME"] = str(Path(str(known["NAME"])).parent / "gone" / "shop.sqlite3") if self.vendor == "sqlite" else "shop_is_gone"
        del connections[ALIAS]

    def comes_back(self) -> None:
        connections.databases[ALIAS]["NAME"] = as_connected(self.url)["NAME"]
        del connections[ALIAS]


def _columns(shop: Shop, table: str) -> list[str]:
    if shop.vendor == "sqlite":
        return [row[1] for row in shop.run(f"PRAGMA table_info({table})")]
    return [row[0] for row in shop.run("SELECT column_name FROM information_schema.columns WHERE table_name = %s", table)]


def _path(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/"))


def filled(shop: Shop) -> Shop:
    shop.run_all(TABLES)
    for table, rows in ROWS.items():
        for row in rows:
            shop.run(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", *row)
    return shop


@contextmanager
def a_postgresql_database() -> Iterator[str]:
    """On the server that the tests use, beside the center's own; gone afterwards."""
    name = f"shop_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(server_url("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield server_url(name)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def emptied(shop: Shop) -> Shop:
    """PostgreSQL: whatever a test before has made."""
    shop.run("DROP SCHEMA public CASCADE")
    shop.run("CREATE SCHEMA public")
    return shop


def as_connected(url: str) -> dict[str, Any]:
    """What the settings make of a URL in CONNECTED_DATABASES, with all that Django adds when it reads them."""
    usual = {
        "ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "TIME_ZONE": None,
        "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None}, "USER": "", "PASSWORD": "",
        "HOST": "", "PORT": "", "OPTIONS": {},
    }  # fmt: skip
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20}
        return {**usual, "ENGINE": "django.db.backends.sqlite3", "NAME": _path(url), "OPTIONS": options}
    return {
        **usual, "ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path.lstrip("/")), "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""), "HOST": dict(parse_qsl(parts.query)).get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""), "CONN_HEALTH_CHECKS": True,
    }  # fmt: skip


@contextmanager
def connected(url: str, alias: str = ALIAS) -> Iterator[None]:
    """Inside `django_db_blocker.unblock()`, once the center's own database is open to the test: Django would guard this one as well."""
    before = settings.CONNECTED_DATABASES
    settings.CONNECTED_DATABASES = {**before, alias: url}
    connections.databases[alias] = as_connected(url)
    try:
        yield
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.databases[alias]
        settings.CONNECTED_DATABASES = before


# ── What the operator writes ────────────────────────────────────────────────────────────────────────────────────────


def describe(brand: Brand, values: Any, system: str = "shop") -> Path:
    """Writes down what is known of a system. Text stays as it is."""
    path = Path(settings.CONNECTORS_DIR) / brand.key / f"{system}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(values if isinstance(values, str) else yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    return path


def described_as(**tables: dict[str, Any]) -> dict[str, Any]:
    """The usual description, in which some tables are described otherwise: customers={"on_erasure": "delete", "mask": None}."""
    found = deepcopy(DESCRIPTION)
    for table in found["tables"]:
        table.update(tables.get(table["table"], {}))
    return found


def system_of(brand: Brand, connector: str, key: str = "shop", name: str = "Shop orders") -> System:
    return actions.name_system(System(key=key, name=name, connector=connector), brand=brand, by=SAM)


# ── What goes on ────────────────────────────────────────────────────────────────────────────────────────────────────


def others_answered(request: Request) -> None:
    """A colleague has told everybody whom no program asks."""
    for item in request.items.exclude(system="center").filter(outcome="open", connected=None):
        actions.item_done(item, Item.Outcome.DONE, by=SAM, count=1)


def carried_out(request: Request, after: timedelta = AFTER_THE_WAIT) -> Request:
    others_answered(request)
    run_due(timezone.now() + after)
    prove()
    request.refresh_from_db()
    return request


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 12))


def on_the_day(day: date) -> None:
    """What the background does on that day about data that had to stay."""
    enqueue("data_requests.end_held", {})
    run_due(noon(day))
    prove()


def mails(subject: str) -> list[str]:
    """To whom there is one whose subject begins so."""
    found = [path.read_text(encoding="utf-8") for path in Path(settings.MAIL_DIR).glob("*.eml")]
    return sorted(mail.split("\nTo: ")[1].split("\n")[0].strip() for mail in found if f"\nSubject: {subject}" in mail)
