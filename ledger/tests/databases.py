"""Further databases beside the one that a test runs on."""

from __future__ import annotations

import os
import time
from urllib.parse import quote, urlsplit

import psycopg
from django.conf import settings


def server_url(name: str) -> str:
    """Of a database of that name on the server that the tests use."""
    server = settings.DATABASES["default"]
    password = f":{quote(server['PASSWORD'])}" if server["PASSWORD"] else ""
    port = f":{server['PORT']}" if server["PORT"] else ""
    return f"postgresql://{quote(server['USER'])}{password}@{port}/{name}?host={quote(server['HOST'], safe='')}"


def new_database(label: str) -> str:
    """The address of an empty one on the server that the tests use; "" where they run on SQLite."""
    if not settings.DATABASE_URL:
        return ""
    name = f"{label}_{os.getpid()}_{time.monotonic_ns()}".replace("-", "_")
    with psycopg.connect(server_url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return server_url(name)


def drop_database(url: str) -> None:
    if not url:
        return
    name = urlsplit(url).path.lstrip("/")
    with psycopg.connect(server_url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
