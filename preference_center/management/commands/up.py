"""One command from nothing to a running center: database, files, the law's tables, then web and background work, supervised.

The two children are the programs of production with their options; only the addresses of database and broker differ.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from preference_center.in_use import at_work

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0  # seconds before a child is started again, doubling
STEADY = 60.0  # seconds after which a child counts as healthy and its delay starts over
WEB_STOPS_IN, WORKER_STOPS_IN = 15.0, 60.0  # seconds to finish what is in hand; a job may take a while


def web(host: str, port: int, workers: int) -> list[str]:
    """One blocking thread a worker: each thread holds a database connection, and more of them were slower (measured). The demo's shop calls
    the API of the same server while a page of its waits."""
    threads = "4" if settings.DEMO else "1"
    options = ["--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", threads]
    # Without the last two, one killed worker process takes the whole server down.
    options += ["--no-ws", "--log-level", "warning", "--respawn-failed-workers", "--respawn-interval", "0.5"]
    return [sys.executable, "-m", "granian", *options, "preference_center.wsgi:application"]


def worker() -> list[str]:
    """Celery with the schedule inside. Threads, because the work waits for the database and the network."""
    options = ["-B", "-P", "threads", "-c", "4", "-Q", "celery,proof,mail,hooks"]
    options += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    return [sys.executable, "-m", "celery", "--quiet", "-A", "preference_center", "worker", *options]


class Child:
    def __init__(self, name: str, command: list[str], stops_in: float) -> None:
        self.name, self.command, self.stops_in = name, command, stops_in
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = self.start_again_at = 0.0
        self.delay = FIRST_DELAY

    def start(self) -> None:
        # A group of its own: Ctrl-C in the terminal must reach the supervisor alone, which stops its children in order.
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "preference_center.settings"}
        self.process = subprocess.Popen(self.command, cwd=settings.BASE_DIR, env=environment, stdin=subprocess.DEVNULL, process_group=0)
        self.started_at = time.monotonic()

    def look_after(self) -> str:
        """Starts the child again when it has ended and its delay is over. Returns what there is to tell, or ""."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
            return ""
        code = self.process.poll()
        if code is None:
            return ""
        # The schedule inside a killed worker lives on as an orphan, and two schedules would run: end the whole group first.
        self.kill_group()
        self.process = None
        self.delay = FIRST_DELAY if now - self.started_at > STEADY else min(self.delay * 2, LONGEST_DELAY)
        self.start_again_at = now + self.delay
        return f"{self.name} ended with code {code}; it starts again in {self.delay:.0f} s."

    def stop(self) -> None:
        """SIGTERM to the main process alone: sent to the whole group it hangs the worker's orderly end (tried)."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.stops_in)
        except subprocess.TimeoutExpired:
            pass
        self.kill_group()
        self.process.wait()

    def kill_group(self) -> None:
        assert self.process is not None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Command(BaseCommand):
    help = "Prepares everything and runs the web server and the background worker until it is told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT")
        parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="web processes; one a core unless said")

    def handle(self, *args: Any, bind: str, workers: int, **options: Any) -> None:
        host, port = address(bind)
        refuse_taken(host, port)
        os.environ["PORT"] = settings.PORT = str(port)  # links in mails carry it
        with at_work(Path(settings.DATA_DIR)):
            self.run(host, port, workers)

    def run(self, host: str, port: int, workers: int) -> None:
        self.prepare()
        children = [
            Child("The web server", web(host, port, workers), WEB_STOPS_IN),
            Child("The background worker", worker(), WORKER_STOPS_IN),
        ]
        self.supervise(children, host, port)

    def prepare(self) -> None:
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        if settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
            call_command("createcachetable", verbosity=0)
        if not static_is_fresh():
            call_command("collectstatic", verbosity=0, interactive=False)
        if settings.DEMO:
            call_command("demo")

    def supervise(self, children: list[Child], host: str, port: int) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: stop.set())
        told = False
        try:
            for child in children:
                child.start()
            while not stop.wait(0.2):
                for child in children:
                    if news := child.look_after():
                        self.stderr.write(news)
                if not told and answers(host, port):
                    self.tell_addresses(port)
                    told = True
        finally:
            self.stdout.write("Stopping …")
            for child in children:  # the web server first: nothing new comes in while the worker finishes
                child.stop()

    def tell_addresses(self, port: int) -> None:
        from brands.models import Brand

        self.stdout.write("\nThe center answers:")
        for brand in Brand.objects.order_by("pk"):
            self.stdout.write(f"  {brand.name:24} http://{brand.host}:{port}/")
        self.stdout.write("Ctrl-C stops it.\n")
        self.stdout.flush()


def address(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal():
        raise CommandError("--bind is HOST:PORT, for instance 127.0.0.1:8000")
    return host.strip("[]"), int(port)


def refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise CommandError(f"Port {port} cannot be used ({fault.strerror}). Try another one: make run PORT={port + 1}") from None


def answers(host: str, port: int) -> bool:
    """Whether an answer of any status comes back: the addresses are told once the pages are really there."""
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=2)  # noqa: S104
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def static_is_fresh() -> bool:
    """Whether the collected files are newer than every source: compressing them takes seconds, and most starts change none."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return False
    collected = manifest.stat().st_mtime
    sources = (storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
    return all(Path(source).stat().st_mtime <= collected for source in sources)
