"""A campaign about a policy change: mails a second against raw smtplib, with as many connections to the same server; choosing whom it
concerns against counting the same join; and what the queue costs a recipient."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from benchmarks.base_smtp import raw
from benchmarks.crowd import gather
from benchmarks.harness import Crew, Row, described, paired
from benchmarks.options import Options
from brands.models import Brand
from jobs.actions import run_due
from notifications.kinds import Plan, find
from notifications.models import Message
from notifications.sending import outbox
from notifications.sending.lanes import lane
from notifications.sending.loop import Sender, message_id

SENDERS = 2
GOAL = 0.3


def rows(options: Options) -> list[Row]:
    shop = Brand.objects.get(key="linden")
    gather(shop, 20_000 if options.quick else 100_000)
    settings.CELERY_BROKER_URL = ""
    started = time.perf_counter()
    run_due()
    chosen = time.perf_counter() - started
    count = Message.objects.filter(campaign__brand=shop).count()
    with sink() as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", port, False, False
        content = one_letter()
        base = Crew(SENDERS, lambda number: raw(port, content))
        ours = Crew(SENDERS, OneSender)
        found = paired(ours, base, seconds=3 * options.slice)
        base.dismiss()
        ours.dismiss()
    if errors := {error for each in (*found.ours, *found.base) for error in each.errors}:
        raise RuntimeError(errors)
    return [
        Row(
            f"campaign, {SENDERS} senders, {len(content) / 1000:.0f} kB a mail", options.database, described(found.ours),
            f"raw smtplib, {SENDERS} connections: {described(found.base)}", f"{found.rate} (by CPU of the senders {found.cpu.median:.1f}×)",
            f"≥ {GOAL}", found.rate.median >= GOAL,
        ),
        Row(f"choosing {count:,} recipients", options.database, f"{count / chosen:,.0f}/s"),
    ]  # fmt: skip


@contextmanager
def sink() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "preference_center.tests.fast_sink", "--port", str(port), "--log", str(Path(folder) / "log")]
        with subprocess.Popen(command) as server:
            _wait(port)
            yield port
            server.terminate()


def _wait(port: int) -> None:
    for _unused in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the mail server does not answer")


def one_letter() -> bytes:
    """The bytes that one of the recipients gets."""
    message = Message.objects.select_related("customer", "brand__theme", "campaign__version__policy").filter(state="queued").latest("pk")
    plan = find(message.kind).plan(message, timezone.now())
    assert isinstance(plan, Plan), plan
    return plan.write(message_id(message))


class OneSender:
    """A process that holds a lane as long as it lives, as a worker does; each call is one mail."""

    def __init__(self, number: int) -> None:
        self._lane = lane(number)
        assert self._lane.__enter__()
        self._number, self._sender, self._due = number, Sender(number), list[Message]()

    def __call__(self) -> None:
        if not self._due:
            self._due = outbox.due(self._number, timezone.now())
            self._sender.look_ahead(self._due)
        assert self._sender.one(self._due.pop(0))
