"""The brand's other systems in the demo: a shop and a warehouse, with rows of the cast and of others, described in demo/connectors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections

from brands.models import Brand
from data_requests.actions import name_system
from data_requests.models import System

BY = "system:demo"
SYSTEMS = {"shop": ("Web shop", "Ask for the customer number."), "warehouse": ("Warehouse", "Ask for the number of a parcel.")}
TABLES = {
    "shop": (
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(80), email VARCHAR(254), phone VARCHAR(20))",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), number VARCHAR(20), ordered_on DATE,"
        " total VARCHAR(12))",
        "CREATE TABLE saved_items (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), item VARCHAR(80), saved_on DATE)",
        "CREATE TABLE reviews (id INTEGER PRIMARY KEY, author VARCHAR(80), author_email VARCHAR(254), item VARCHAR(80), stars INTEGER,"
        " text VARCHAR(400))",
        "CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), number VARCHAR(20), issued_on DATE,"
        " total VARCHAR(12))",
        "CREATE INDEX customers_email ON customers (email)",
        "CREATE INDEX reviews_email ON reviews (author_email)",
    ),
    "warehouse": (
        "CREATE TABLE parcels (id INTEGER PRIMARY KEY, email VARCHAR(254), number VARCHAR(20), address VARCHAR(200), sent_on DATE)",
        "CREATE TABLE returns (id INTEGER PRIMARY KEY, parcel_id INTEGER REFERENCES parcels(id), reason VARCHAR(200), arrived_on DATE)",
        "CREATE TABLE warranties (id INTEGER PRIMARY KEY, email VARCHAR(254), item VARCHAR(80), bought_on DATE)",
        "CREATE INDEX parcels_email ON parcels (email)",
        "CREATE INDEX warranties_email ON warranties (email)",
    ),
}
PEOPLE = (
    (1, "Anna Kowalczyk", "anna.kowalczyk@example.com", "+48 600 100 100"),
    (2, "Carol Novak", "carol.novak@example.com", "+48 600 200 200"),
    (3, "Ewa Lis", "ewa.lis@example.com", "+48 600 300 300"),
)
ITEMS = ("Linen sheets 220 × 240", "Curtain, two panels", "Wool blanket")


def connect(brand: Brand) -> None:
    """Where the installation has these databases; twice is once."""
    for key, (name, how) in SYSTEMS.items():
        if key in settings.CONNECTED_DATABASES and not System.objects.filter(brand=brand, key=key).exists():
            _fill(key)
            name_system(System(key=key, name=name, how=how, connector="sql"), brand=brand, by=BY)


def _fill(key: str) -> None:
    url = urlsplit(settings.CONNECTED_DATABASES[key])
    if url.scheme == "sqlite":
        Path(url.path.removeprefix("/")).touch()  # a connector makes none
    with connections[key].cursor() as cursor:
        if connections[key].introspection.table_names(cursor):
            return
        for statement in TABLES[key]:
            cursor.execute(statement)
        for table, rows in (_shop() if key == "shop" else _warehouse()).items():
            for row in rows:
                cursor.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", list(row))
    connections[key].close()


Rows = dict[str, Iterable[tuple[Any, ...]]]


def _ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()


def _shop() -> Rows:
    """Each has bought something a month ago, and a year before."""
    orders = [
        (10 * number + order, number, f"LL-20{number}{order}", _ago(30 + 370 * order), "349.00")
        for number, *_ in PEOPLE
        for order in (0, 1)
    ]
    return {
        "customers": PEOPLE,
        "orders": orders,
        "saved_items": [(number, number, ITEMS[number - 1], _ago(20)) for number, *_ in PEOPLE],
        "reviews": [(number, name, email, ITEMS[0], 5, "Soft, and it fits.") for number, name, email, _ in PEOPLE],
        "invoices": [(each[0], each[1], f"F/{each[2]}", each[3], each[4]) for each in orders],
    }


def _warehouse() -> Rows:
    return {
        "parcels": [(number, email, f"P-{number}001", "ul. Piotrkowska 12, Łódź", _ago(29)) for number, _, email, _ in PEOPLE],
        "returns": [(1, 1, "Another colour", _ago(15))],
        "warranties": [(number, email, ITEMS[number - 1], _ago(30)) for number, _, email, _ in PEOPLE],
    }
