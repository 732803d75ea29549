"""Further databases beside the one that a test runs on, and one that all are copied from: migrating takes seconds."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
BUT = ("COVERAGE_PROCESS_START", "DJANGO_SETTINGS_MODULE", "SECRET_KEY")  # its keys are made, too


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


@cache
def migrated(*after: str) -> tuple[str, Path]:
    """The name of a database on which `migrate` was run, and the commands `after` it, with the folder of the data that this made. Made
    once for all processes of a run, by whoever comes first; to be copied, never to be changed."""
    run = Path(os.environ["TEST_RUN_DIR"])
    name = f"{_prefix(run)}{'_'.join(command.partition(' ')[0] for command in after)}"[:63]  # PostgreSQL's longest name
    folder, made = run / name, run / f"{name}.made"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _create(name, migrated()[0] if after else "template1")
            kept = {key: value for key, value in os.environ.items() if key not in BUT}
            environment = kept | {"DATABASE_URL": server_url(name), "DATA_DIR": str(folder)}
            if "demo" in after:
                environment |= {"DEMO": "1", "DEBUG": "1"}
            for command in after or ("migrate --verbosity=0",):
                subprocess.run([sys.executable, "manage.py", *command.split()], cwd=ROOT, env=environment, check=True, capture_output=True)
            made.touch()
    return name, folder


def _prefix(run: Path) -> str:
    return f"{run.name}_migrated_".replace("-", "_")


def copy_over(url: str, name: str) -> None:
    """The database of that address is made anew as a copy of the one of that name."""
    drop_database(url)
    _create(urlsplit(url).path.lstrip("/"), name)


def _create(name: str, template: str) -> None:
    with psycopg.connect(server_url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'.encode())


def drop_migrated() -> None:
    """What `migrated` has made, at the end of a run."""
    start = _prefix(Path(os.environ["TEST_RUN_DIR"]))
    with psycopg.connect(server_url("postgres"), autocommit=True) as connection:
        made = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [start]).fetchall()
        for (name,) in made:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def drop_database(url: str) -> None:
    if not url:
        return
    name = urlsplit(url).path.lstrip("/")
    with psycopg.connect(server_url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
