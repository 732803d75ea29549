"""A campaign that goes out while its senders are killed, and its broker is emptied and killed; and what the mail server saw of it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from preference_center.tests.servers import Installation, Running, answers, free_port, wait_for

SENDERS = 2


@dataclass(frozen=True)
class Seen:
    """One message as the mail server took it."""

    at: float
    message_id: str
    recipient: str
    sha256: str


class MailServer:
    """The fast sink, as a process."""

    def __init__(self, folder: Path, **modes: float) -> None:
        self.port, self.log, self.control = free_port(), folder / "mails.log", folder / "modes.json"
        self.set(**modes)
        options = ["--port", str(self.port), "--log", str(self.log), "--control", str(self.control)]
        self.process = subprocess.Popen([sys.executable, "-m", "preference_center.tests.fast_sink", *options])
        wait_for(lambda: answers(self.port), "the mail server")

    def set(self, **modes: object) -> None:
        part = self.control.with_suffix(".part")
        part.write_text(json.dumps(modes), encoding="utf-8")
        part.rename(self.control)

    def seen(self) -> list[Seen]:
        rows = [line.split(" ") for line in self.log.read_text(encoding="ascii").splitlines()]
        return [Seen(float(row[0]), row[1], row[2], row[4]) for row in rows]

    def count(self) -> int:
        return self.log.read_bytes().count(b"\n")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Redis:
    """A server of this test's own: it is killed and comes back empty."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        assert program
        self.port, self.folder = free_port(), folder
        self.command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: answers(self.port), "Redis")

    def flush(self) -> None:
        import redis

        redis.Redis.from_url(self.url).flushall()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Fire:
    """What is done to the senders while the mail goes out."""

    installation: Installation
    server: MailServer
    kills: int
    redis: Redis | None = None
    flushes: int = 0
    redis_kills: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(4))
    workers: list[Running] = field(default_factory=list)
    killed: int = 0

    def rage(self, done: Callable[[], bool], seconds: float) -> None:
        """Until the kills are done and everything is accounted for."""
        self.workers = [self._worker() for _ in range(SENDERS)]
        end = time.monotonic() + seconds
        marks = self._marks()
        while self.killed < self.kills or not done():
            assert time.monotonic() < end, f"{self.killed} kills, {self.server.count()} mails, and no end"
            if self.killed < self.kills:
                before = self.server.count()
                wait_for(partial(self._moved, before + 20, done), "mails", 120)
                time.sleep(self.chance.uniform(0, 0.3))
                self._kill(self.chance.randrange(SENDERS))
                self._strike(marks.get(self.killed, ()))
            else:
                time.sleep(0.5)

    def _moved(self, beyond: int, done: Callable[[], bool]) -> bool:
        return self.server.count() > beyond or done()

    def _marks(self) -> dict[int, list[str]]:
        """At which kill what befalls the broker, spread evenly."""
        what = ["flush"] * self.flushes + ["kill"] * self.redis_kills
        self.chance.shuffle(what)
        marks: dict[int, list[str]] = {}
        for number, each in enumerate(what):
            marks.setdefault(1 + number * (self.kills - 1) // max(1, len(what)), []).append(each)
        return marks

    def _kill(self, number: int) -> None:
        self.workers[number].kill()
        self.killed += 1
        self.workers[number] = self._worker()

    def _strike(self, what: list[str] | tuple[str, ...]) -> None:
        for each in what:
            assert self.redis
            if each == "flush":
                self.redis.flush()
            else:
                self.redis.kill()
                time.sleep(0.5)
                self.redis.start()

    def _worker(self) -> Running:
        """One that does nothing but send, with one connection to the mail server."""
        options = ["-P", "solo", "-Q", "mail", "-n", f"mail-{time.monotonic_ns()}@%h", "--without-gossip", "--without-mingle"]
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "preference_center", "worker", *options, "--loglevel", "ERROR"]
        return self.installation.start("sender", *command)


def twice(seen: list[Seen]) -> dict[str, int]:
    """Message-IDs that came more than once, and how often more."""
    return {name: count - 1 for name, count in Counter(each.message_id for each in seen).items() if count > 1}
