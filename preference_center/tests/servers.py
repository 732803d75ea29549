"""Real servers for the tests: Redis, an SMTP sink, and whole installations of the product as processes of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller

from ledger.tests.databases import copy_over, migrated
from ledger.tests.databases import drop_database as drop_database
from ledger.tests.databases import new_database as new_database
from ledger.tests.databases import server_url as server_url
from ledger.tests.patience import free_port as free_port
from ledger.tests.patience import wait_for as wait_for

ROOT = Path(__file__).resolve().parents[2]


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


# ── Redis ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis server of this session, for REDIS_URL. Django's cache and Celery read the same address, hence TCP."""
    program = shutil.which("redis-server")
    assert program, "redis-server is not installed: `make test` installs it"
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as server:
        wait_for(lambda: answers(port), "Redis")
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


# ── SMTP ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Sink:
    """Collects what arrives; `refuse` makes it answer every recipient with that line instead."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuse = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 taken"


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[Sink]:
    """An SMTP server on loopback; mail of this test goes there."""
    sink, port = Sink(), free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield sink
    controller.stop()


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Server:
    """Where pages are served, by brand: `server.url("linden", "/choices/")`."""

    def __init__(self, url: str) -> None:
        self.port = urlsplit(url).port

    def url(self, brand: str, path: str = "/") -> str:
        return f"http://{brand}.localhost:{self.port}{path}"


# ── Whole installations ─────────────────────────────────────────────────────────────────────────────────────────────


class Running:
    """One program in a process group of its own, with its output in a file."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
            )

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self, seconds: float = 20) -> int:
        """SIGTERM to the main process, as a service manager does; what does not go in time is killed. Returns the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        return self.process.returncode

    def kill(self) -> None:
        """kill -9 of the program and of everything that it started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


PORT = 8000  # unless said
PREPARED = ("createcachetable", "collectstatic --noinput --verbosity=0", "load_regimes")


class Installation:
    """The product beside the tests: its own folder and database, started as in earnest."""

    def __init__(self, folder: Path, database_url: str, environment: dict[str, str]) -> None:
        self.folder, self.database_url = folder, database_url
        self.data = folder / "data"
        self.port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START") if name in os.environ}
        self.environment = {**kept, "DATA_DIR": str(self.data), "DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1", **environment}
        self.running: list[Running] = []

    def manage(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs `manage.py …` to its end and returns it, with stdout and stderr."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env={**self.environment, **environment}, capture_output=True, text=True, timeout=180)
        assert not check or done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
        return done

    def prepare(self, *, played: bool = False) -> Installation:
        """Database, keys, cache table, static files, the law's tables, and the demo where it is to be played: on PostgreSQL copies of what
        was made once for all."""
        if self.database_url:
            name, folder = migrated(*PREPARED, *["demo"] * played)
            copy_over(self.database_url, name)
            shutil.copytree(folder, self.data, dirs_exist_ok=True)
            if played:  # its partners are called at the port of the center itself
                self.change([f"UPDATE propagation_endpoint SET url = replace(url, ':{PORT}/', ':{self.port}/')"])
            return self
        for command in ("migrate --verbosity=0", *PREPARED):
            self.manage(*command.split())
        return self

    @property
    def server(self) -> Server:
        return Server(f"http://127.0.0.1:{self.port}")

    def up(self, workers: int = 1) -> Running:
        """`manage.py up`, answering: prepared, with its web server and its worker."""
        running = self.start("up", sys.executable, "manage.py", "up", "--bind", f"127.0.0.1:{self.port}", "--workers", str(workers))
        wait_for(lambda: "The center answers" in running.output or running.process.poll() is not None, "the addresses", 120)
        assert running.process.poll() is None, running.output
        return running

    def start(self, name: str, *command: str) -> Running:
        log = self.folder / f"{name}-{len(self.running)}.log"
        running = Running(name, list(command), self.environment, log)
        self.running.append(running)
        return running

    def web(self, workers: int = 1) -> Running:
        """The web server on `self.port`, answering."""
        from preference_center.management.commands.up import web

        running = self.start("web", *web("127.0.0.1", self.port, workers))
        wait_for(lambda: answers(self.port) or running.process.poll() is not None, "the web server")
        assert running.process.poll() is None, running.output
        return running

    def worker(self) -> Running:
        """A Celery worker with the schedule inside, as `up` starts it."""
        from preference_center.management.commands.up import worker

        return self.start("worker", *worker())

    def get(self, path: str, host: str = "localhost") -> tuple[int, str]:
        """Status and body, whatever the status."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": f"{host}:{self.port}"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the installation's database answers, read from outside."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(sql.encode()).fetchall()
        import sqlite3

        other = sqlite3.connect(self.data / "db" / "center.sqlite3", timeout=20)
        try:
            return other.execute(sql).fetchall()
        finally:
            other.close()

    def change(self, statements: list[str]) -> None:
        """Rows changed from outside, such as a day that is to lie further back."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                for statement in statements:
                    connection.execute(statement.encode())
            return
        import sqlite3

        with sqlite3.connect(self.data / "db" / "center.sqlite3", timeout=20) as other:
            for statement in statements:
                other.execute(statement)

    def stop(self) -> None:
        for running in reversed(self.running):
            running.stop()


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Installation]:
    """One installation, on the database in use; all its processes end with it."""
    one = Installation(folder, new_database(folder.name), environment)
    try:
        yield one
    finally:
        one.stop()
        drop_database(one.database_url)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """`installation(DEMO="1")` makes an Installation on the database in use; all its processes end with the test."""
    made: list[Installation] = []

    def make(**environment: str) -> Installation:
        folder = tmp_path / f"installation-{len(made)}"
        folder.mkdir()
        one = Installation(folder, new_database(folder.name), environment)
        made.append(one)
        return one

    yield make
    for one in made:
        one.stop()
        drop_database(one.database_url)
