"""The senders: who is due, the calls, and what becomes of each. Rows hold the truth; a lease lets several processes share the work.

One thread decides and writes; calls alone are made by others, so many that a partner who hangs holds nobody else up. Per endpoint the
events about one person go one after the other, what takes something away first. An endpoint that fails is left alone for longer and
longer, and tried with one event until it takes it; after three days it is closed, and what waits for it is kept to be sent again.
"""

from __future__ import annotations

import http.client
import logging
import random
import secrets
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from consents.actions import note_passed_on
from jobs.actions import enqueue
from propagation.models import Delivery, Endpoint
from propagation.reconciling import take_answer, tally
from propagation.states import State
from propagation.webhooks.events import ReconciliationRequested
from propagation.webhooks.guard import AT_LONGEST, Answer, Line, Refused
from propagation.webhooks.secrets import secrets_of
from propagation.webhooks.signing import headers

logger = logging.getLogger(__name__)

SLICE = 5.0  # seconds after which other work gets its turn
LEASE = timedelta(seconds=60)
AT_ONCE = 8  # calls to one endpoint
THREADS = 32
# Seconds after each failure, as the specification of Standard Webhooks proposes: 75 hours and a half, and a little chance on each.
BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
JITTER = 0.1
TELL_AFTER = timedelta(hours=24)  # the brand's officer, by mail, once until it is well again
WAS_AWAY = 3  # failures in a row
GONE = 410
FAULTS = (OSError, http.client.HTTPException, Refused)

_alone = threading.Lock()  # one loop a process: its threads are for the calls
_lines: dict[int, list[Line]] = {}  # kept connections, by endpoint; used by the one loop alone


@dataclass(frozen=True)
class Call:
    delivery: Delivery
    endpoint: Endpoint
    line: Line
    begun: float


def deliver(seconds: float = SLICE, now: datetime | None = None) -> int:
    """Sends what is due, for so long at most; returns how many were taken. `now` may lie ahead, in tests and in the demo."""
    if not _alone.acquire(blocking=False):
        return 0
    try:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
            return _Loop(pool, now).run(time.monotonic() + seconds)
    finally:
        _alone.release()


def deliver_all(now: datetime | None = None) -> int:
    """Everything that is due, here and now: `manage.py tick`, and tests."""
    count = 0
    while taken := deliver(now=now):
        count += taken
    return count


class _Loop:
    def __init__(self, pool: ThreadPoolExecutor, now: datetime | None) -> None:
        self._pool = pool
        self._now = now
        self._calls: dict[Future[Answer], Call] = {}
        self.taken = 0

    def now(self) -> datetime:
        return max(self._now, timezone.now()) if self._now else timezone.now()

    def run(self, until: float) -> int:
        """Past its time only while somebody hangs: the others are not to wait for them."""
        while True:
            if time.monotonic() < until or (self._calls and time.monotonic() < until + AT_LONGEST):
                self._begin()
            if not self._calls:
                return self.taken
            done, _waiting = wait(self._calls, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                self._end(self._calls.pop(future), future)
            self._hurry()

    def _begin(self) -> None:
        for endpoint in due_endpoints(self.now()):
            busy = sum(call.endpoint.pk == endpoint.pk for call in self._calls.values())
            free = (1 if endpoint.failures else AT_ONCE) - busy
            if free > 0 and len(self._calls) < THREADS:
                for delivery in claim(endpoint, min(free, THREADS - len(self._calls)), self.now()):
                    self._call(delivery, endpoint)

    def _call(self, delivery: Delivery, endpoint: Endpoint) -> None:
        kept = _lines.setdefault(endpoint.pk, [])
        line = kept.pop() if kept else Line()
        body = delivery.body.encode()
        signed = headers(secrets_of(endpoint, self.now()), delivery.number, int(time.time()), body)
        future = self._pool.submit(line.post, endpoint.url, body, signed)
        self._calls[future] = Call(delivery, endpoint, line, time.monotonic())

    def _hurry(self) -> None:
        for call in self._calls.values():
            if time.monotonic() - call.begun > AT_LONGEST:
                call.line.abort()

    def _end(self, call: Call, future: Future[Answer]) -> None:
        error = future.exception()
        if error is None:
            _lines[call.endpoint.pk].append(call.line)
            self.taken += settle(call.delivery, call.endpoint, future.result(), self.now())
        elif isinstance(error, FAULTS):
            call.line.close()
            failed(call.delivery, call.endpoint, _name(error), self.now())
        else:
            call.line.close()
            logger.error("delivery %s could not be sent", call.delivery.number, exc_info=error)
            failed(call.delivery, call.endpoint, type(error).__name__, self.now())


def _name(error: BaseException) -> str:
    """Of the fault; of a refusal of ours its reason, which names no address."""
    return str(error) if isinstance(error, Refused) else type(error).__name__


# ── Whose turn it is ────────────────────────────────────────────────────────────────────────────────────────────────


def due_endpoints(now: datetime) -> list[Endpoint]:
    """In a new order each time: nobody is always the last."""
    awake = Endpoint.objects.open().filter(Q(quiet_until=None) | Q(quiet_until__lte=now))
    waiting = Delivery.objects.waiting().filter(next_try__lte=now).filter(Q(leased_until=None) | Q(leased_until__lt=timezone.now()))
    found = list(awake.filter(pk__in=waiting.values("endpoint")).select_related("partner__brand", "partner__recipient"))
    random.shuffle(found)
    return found


def claim(endpoint: Endpoint, count: int, now: datetime) -> list[Delivery]:
    """Takes some in hand, by one conditional UPDATE each: of any number of processes one gets it."""
    real = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=real)
    ready = Delivery.objects.next_of_each().filter(endpoint=endpoint, next_try__lte=now).filter(free).order_by("-urgent", "pk")
    mine, lease = [], secrets.token_hex(16)
    for pk in list(ready.values_list("pk", flat=True)[:count]):
        values = {
            "lease": lease,
            "leased_until": real + LEASE,
            "attempts": F("attempts") + 1,
            "first_try_at": Coalesce("first_try_at", real),
        }
        if Delivery.objects.waiting().filter(free, pk=pk).update(**values):
            mine.append(pk)
    return list(Delivery.objects.filter(pk__in=mine, lease=lease).order_by("-urgent", "pk"))


# ── What becomes of it ──────────────────────────────────────────────────────────────────────────────────────────────


def settle(delivery: Delivery, endpoint: Endpoint, answer: Answer, now: datetime) -> int:
    """1 where it was taken: 2xx and nothing else."""
    if answer.status == GONE:
        close(endpoint, Endpoint.Closed.GONE, now)
        _release(delivery, str(GONE), now)
        return 0
    if not 200 <= answer.status < 300:
        failed(delivery, endpoint, str(answer.status), now)
        return 0
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease, state=State.QUEUED)
        first = mine.filter(delivered_at=None).exists()  # one that is sent again was counted on its day
        if not mine.update(
            state=State.DELIVERED,
            delivered_at=Coalesce("delivered_at", now),
            ended_at=now,
            answer=str(answer.status),
            lease="",
            leased_until=None,
        ):
            return 0  # erased meanwhile, or another process has sent it too
        if endpoint.partner.recipient and delivery.entry:
            note_passed_on(delivery.entry, endpoint.partner.recipient.key, now)
        if first:
            tally(endpoint, delivery.number, delivery.kind, now)
        _is_well(endpoint, now)
    if delivery.kind == ReconciliationRequested.type:
        take_answer(delivery, answer.body, now)
    return 1


def _is_well(endpoint: Endpoint, now: datetime) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(delivered_at=now)
    failures = Endpoint.objects.select_for_update().values_list("failures", flat=True).get(pk=endpoint.pk)
    if failures:
        Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, failing_since=None, quiet_until=None, told_owner_at=None)
        endpoint.failures = 0
    if failures >= WAS_AWAY:  # it is back: nothing waits on. One event that alone is refused waits for its own time
        Delivery.objects.waiting().filter(endpoint=endpoint, next_try__gt=now).update(next_try=now)


def failed(delivery: Delivery, endpoint: Endpoint, why: str, now: datetime) -> None:
    """Tried again later, and the endpoint is left alone for a while; or, after three days, given up."""
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        row.failures += 1
        row.failing_since = row.failing_since or now
        row.quiet_until = now + _pause(row.failures)
        if row.told_owner_at is None and now - row.failing_since >= TELL_AFTER:
            row.told_owner_at = now
            enqueue("propagation.tell_of_failing", {"endpoint": row.pk})
        row.save(update_fields=["failures", "failing_since", "quiet_until", "told_owner_at"])
        endpoint.failures = row.failures
        _release(delivery, why, now)
    if now - row.failing_since >= retried_for():
        close(endpoint, Endpoint.Closed.DOWN, now)


def _release(delivery: Delivery, why: str, now: datetime) -> None:
    """One that alone fails, while others are taken, is given up after as long."""
    mine = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease, state=State.QUEUED)
    if now - delivery.created_at >= retried_for() and delivery.attempts > len(BACK_OFF):
        mine.update(state=State.DEAD, ended_at=now, answer=why, lease="", leased_until=None)
    else:
        mine.update(answer=why, lease="", leased_until=None, next_try=now + _pause(delivery.attempts))


def _pause(failures: int) -> timedelta:
    pause = BACK_OFF[min(max(failures, 1), len(BACK_OFF)) - 1]
    return pause * (1 + JITTER * random.random())  # noqa: S311  (so that all do not come back at once; no secret hangs on it)


def retried_for() -> timedelta:
    days: timedelta = settings.WEBHOOK_RETRIES
    return days


def close(endpoint: Endpoint, why: str, now: datetime) -> None:
    """No more calls. What waits is kept, in its order, until somebody has it sent again."""
    Endpoint.objects.filter(pk=endpoint.pk, closed_at=None).update(closed_at=now, closed_why=why)
    logger.warning("endpoint %s was closed: %s", endpoint.number, why)
