"""Deletions by a process that is killed, and what has to be true of them in the end."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from accounts.actions import join
from accounts.models import Contact, Customer, Suppression
from accounts.suppression import digest
from brands.models import Brand
from data_requests import actions
from data_requests.models import Item, Request, System
from data_requests.parts import PARTS, SYSTEMS
from data_requests.tests.conftest import TWO_FACTORS, by
from data_requests.tests.shop import connected, describe
from jobs.actions import enqueue, run_due, try_again
from jobs.models import Job
from ledger.checking import verify
from ledger.models import Entry
from ledger.proving import prove
from preference_center.tests.servers import ROOT, Sink, server_url

STAFF = "staff:" + "1" * 32
AFTER_THE_WAIT = timedelta(hours=72, minutes=1)
AN_HOUR = timedelta(hours=1)  # longer than a lease, and than the first waits after a failure
ROUNDS = 12
DELETED = "Your data was deleted"
ORDERS = 3
TABLES = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, note TEXT NOT NULL);
    INSERT INTO customers VALUES (1, 'bystander@example.com');
    INSERT INTO orders (customer_id, note) VALUES (1, 'of a bystander');
"""
DESCRIPTION: dict[str, Any] = {
    "database": "shop",
    "tables": [
        {"table": "customers", "subject": {"column": "email", "is": "email"}, "columns": ["email"], "on_erasure": "delete"},
        {"table": "orders", "subject": {"column": "customer_id", "from": "customers.id"}, "columns": ["note"], "on_erasure": "delete"},
    ],
}  # fmt: skip


class Worker:
    """Processes that do due jobs, one at a time."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        command = [sys.executable, "-m", "preference_center.tests.erasing_worker"]
        self.log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self._expect("ready")

    def begin(self, now: datetime, point: str = "", passing: int = 1) -> int:
        """Returns its process."""
        self._say(json.dumps({"now": now.isoformat(), "point": point, "passing": passing}))
        return int(self._expect("runs"))

    def end(self) -> int:
        """How it ended, once it has."""
        self._say("end")
        return int(self._expect("exit"))

    def run(self, now: datetime, point: str = "", passing: int = 1) -> int:
        self.begin(now, point, passing)
        return self.end()

    def _say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def _expect(self, what: str) -> str:
        assert self.process.stdout
        said = self.process.stdout.readline().strip()
        assert said.startswith(what), f"{said}\n{self.log.read_text(encoding='utf-8', errors='replace')}"
        return said.removeprefix(what).strip()

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(20)
        assert self.process.stdout
        self.process.stdout.close()


@dataclass
class Gone:
    """Somebody who has asked to be deleted."""

    request: Request
    subject: str
    addresses: list[str]
    shop_id: int

    @property
    def certificate(self) -> dict[str, Any]:
        """What it says, but for whom."""
        act = Entry.objects.of(self.subject).get(kind="erasure.certified").act
        return {name: act[name] for name in ("tables", "systems", "kept")}


@dataclass
class Center:
    """One with a shop in SQLite beside it."""

    brand: Brand
    shop: Path
    sink: Sink
    worker: Worker
    people: list[Gone] = field(default_factory=list)

    def somebody_asks(self) -> Gone:
        """With two addresses, rows in the shop, and a copy that waits to be fetched. Everybody whom no program asks has answered."""
        number = len(self.people) + 2
        addresses = [f"person{number}@example.com", f"person{number}@work.example"]
        customer = join(brand=self.brand, address=addresses[0], language="en")
        Contact.objects.create(
            customer=customer, brand=self.brand, channel="email", address=addresses[1], canonical=addresses[1], proven_at=timezone.now()
        )
        with closing(sqlite3.connect(self.shop, timeout=20)) as there, there:
            there.execute("INSERT INTO customers VALUES (?, ?)", (number, addresses[0]))
            there.executemany("INSERT INTO orders (customer_id, note) VALUES (?, ?)", [(number, f"order {n}") for n in range(ORDERS)])
        self._ask(customer, "copy", parts=sorted(set(PARTS) - {SYSTEMS}))
        run_due()
        request = self._ask(customer, "delete")
        for item in request.items.exclude(system__in=("center", "Shop")):
            actions.item_done(item, Item.Outcome.DONE, by=STAFF, count=1)
        gone = Gone(request, customer.subject, addresses, number)
        self.people.append(gone)
        return gone

    def _ask(self, customer: Customer, kind: str, **asked: Any) -> Request:
        return actions.receive(customer, kind, asked, TWO_FACTORS, by=by(customer)).request

    def finish(self) -> int:
        """Until nothing is due. Returns how many jobs somebody had to ask for once more, since their worker died each time."""
        now, asked = timezone.now() + AFTER_THE_WAIT, 0
        for _round in range(ROUNDS):
            asked += sum(try_again(job) for job in Job.objects.exclude(gave_up_at=None))
            if not Job.objects.due(now).exists():
                return asked
            assert self.worker.run(now) == 0
            now += AN_HOUR
        raise AssertionError(f"no end: {list(Job.objects.due(now).values())}")

    def mails(self) -> Counter[str]:
        return Counter(str(mail["To"]) for mail in self.sink.messages if mail["Subject"].startswith(DELETED))

    def rows_of(self, gone: Gone) -> int:
        return self._count(gone.shop_id)

    def _count(self, shop_id: int) -> int:
        with closing(sqlite3.connect(self.shop, timeout=20)) as there:
            (count,) = there.execute(
                "SELECT (SELECT COUNT(*) FROM customers WHERE id = ?) + (SELECT COUNT(*) FROM orders WHERE customer_id = ?)",
                (shop_id, shop_id),
            ).fetchone()  # fmt: skip
        return int(count)

    def assert_gone(self, gone: Gone, as_usual: dict[str, Any]) -> None:
        """Everything once, and as it would be if nobody had been killed."""
        gone.request.refresh_from_db()
        assert (gone.request.state, gone.request.customer_id) == ("fulfilled", None)
        assert not Customer.objects.filter(subject=gone.subject).exists()
        kinds = Counter(Entry.objects.of(gone.subject).values_list("kind", flat=True))
        assert kinds["person.erased"] == kinds["erasure.certified"] == kinds["request.fulfilled"] - 1 == 1, "one copy was fulfilled before"
        assert kinds["request.system_answered"] == len(as_usual["systems"])
        for address in gone.addresses:
            assert Suppression.objects.filter(brand=self.brand, digest=digest(self.brand, "email", address)).count() == 1
        assert self.rows_of(gone) == 0
        assert gone.certificate == as_usual

    def assert_nothing_is_left(self, kills: int) -> None:
        """Of all of them: every mail went, none twice but for a kill; no job knows anybody, no file is left, the ledger is whole."""
        mails = self.mails()
        assert set(mails) == {address for gone in self.people for address in gone.addresses}
        assert mails.total() - len(mails) <= kills
        assert not Job.objects.open().filter(handler__startswith="data_requests.").exists()
        assert not Job.objects.filter(payload__has_key="sealed").exists()
        assert self._count(1) == 2, "a bystander's rows"
        enqueue("data_requests.forget_files", {})
        run_due(timezone.now() + timedelta(days=2))
        assert not list(Path(django_settings.PACKAGES_DIR).glob("*"))
        prove()
        assert list(verify()) == []


@pytest.fixture
def center(
    transactional_db: None, linden: Brand, settings: Any, tmp_path: Path, smtp_sink: Sink, django_db_blocker: Any
) -> Iterator[Center]:
    settings.CELERY_BROKER_URL = ""
    settings.PACKAGES_DIR, settings.CONNECTORS_DIR = tmp_path / "packages", tmp_path / "connectors"
    shop = tmp_path / "shop.sqlite3"
    with closing(sqlite3.connect(shop)) as there:
        there.executescript(TABLES)
    describe(linden, DESCRIPTION)
    actions.name_system(System(key="shop", name="Shop", connector="sql"), brand=linden, by=STAFF)
    worker = Worker(environment_of_this(shop), tmp_path / "worker.log")
    with django_db_blocker.unblock(), connected(f"sqlite:///{shop}"):
        yield Center(linden, shop, smtp_sink, worker)
    worker.stop()


def environment_of_this(shop: Path) -> dict[str, str]:
    """By which another process works on the same database, the same folders and the same mail server."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "preference_center.settings",
        "DATABASE_URL": server_url(str(connection.settings_dict["NAME"])) if connection.vendor == "postgresql" else "",
        "PROOF_DIR": str(django_settings.PROOF_DIR),
        "PACKAGES_DIR": str(django_settings.PACKAGES_DIR),
        "CONNECTORS_DIR": str(django_settings.CONNECTORS_DIR),
        "CONNECTED_DATABASES": json.dumps({"shop": f"sqlite:///{shop}"}),
        "EMAIL_HOST": django_settings.EMAIL_HOST,
        "EMAIL_PORT": str(django_settings.EMAIL_PORT),
        "LOG_LEVEL": "ERROR",
    }


def dies_at(center: Center, point: str, passing: int, as_usual: dict[str, Any]) -> Gone:
    """Somebody is deleted by a process that is killed there, and by one that goes on."""
    gone = center.somebody_asks()
    assert center.worker.run(timezone.now() + AFTER_THE_WAIT, point, passing) == -signal.SIGKILL, f"nobody came by: {point} {passing}"
    assert center.finish() == 0
    center.assert_gone(gone, as_usual)
    return gone


def as_usual(center: Center) -> dict[str, Any]:
    """What a certificate says when nobody is killed."""
    gone = center.somebody_asks()
    assert center.finish() == 0
    said = gone.certificate
    assert {"system": "Shop", "outcome": "done", "count": 1 + ORDERS} in said["systems"]
    center.assert_gone(gone, said)
    return said
