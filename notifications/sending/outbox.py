"""The table of messages as a queue: taking some in hand, starting one, and what becomes of it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest, Mod
from django.utils import timezone

from brands.models import Brand
from notifications.models import Campaign, Message, MessageQuerySet, Pace
from notifications.states import Class, State, Why

AT_ONCE = 250  # messages read ahead
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))  # after a "come back later"

DOUBTS = 2  # times that a service message is sent again which the server may have taken
LONGEST_PUT_OFF = 9  # doublings of five seconds: three quarters of an hour

SENT = (
    "UPDATE notifications_message SET state = 'sent', sent_at = %s, body_sha256 = %s, lane = NULL"
    " WHERE id = %s AND lane + 0 = %s AND state = 'started'"  # by its key: the index of lanes is full of what was sent a moment ago
)
START = (
    "UPDATE notifications_message SET state = 'started', started_at = %s, message_id = %s, contact = %s, lane = %s"
    " WHERE id = %s AND state = 'queued'"
    " AND NOT EXISTS (SELECT 1 FROM notifications_campaign p WHERE p.id = campaign_id AND p.paused_at IS NOT NULL)"
)
DROP = "UPDATE notifications_message SET state = %s, why = %s WHERE id = %s AND state = 'queued'"
HEAD = "SELECT 1 FROM ledger_head WHERE subject = %s FOR SHARE"


def recover(lane: int) -> int:
    """What the lane's sender before left at the server. Its lock is ours, so it is gone: nothing of its can be committed any more."""
    started = Message.objects.filter(lane=lane, state=State.STARTED)
    with transaction.atomic():
        now = timezone.now()
        doubted = started.filter(klass=Class.MARKETING).update(state=State.IN_DOUBT, doubted_at=now, lane=None)
        doubted += started.update(state=State.QUEUED, doubted_at=now, lane=None)
    return doubted


def lanes_in_use() -> set[int]:
    """Of senders that have, or had, a message at the server."""
    started = Message.objects.filter(state=State.STARTED).order_by()
    return {number for number in started.values_list("lane", flat=True).distinct() if number is not None}


def due(lane: int, now: datetime) -> list[Message]:
    """Some of this lane's share that are due: what is urgent first, then a campaign's, each campaign in turn by chance. Nothing is
    written: the lane's lock keeps others from its share, and whoever starts a message must find it queued."""
    for bucket, brand in _buckets(lane, now):
        allowance = AT_ONCE if brand is None else _allowance(brand, now)
        if allowance and (found := _take(bucket, allowance, lane, now)):
            return found
    return []


def _queued(lane: int, now: datetime) -> MessageQuerySet:
    """This lane's share of what is due."""
    share = Message.objects.annotate(share=Mod("pk", settings.MAIL_SENDERS)).filter(share=lane)
    return share.filter(state=State.QUEUED, run_after__lte=now)


def _buckets(lane: int, now: datetime) -> list[tuple[Q, int | None]]:
    queued = _queued(lane, now)
    running = Campaign.objects.filter(Exists(queued.filter(campaign=OuterRef("pk"))), paused_at=None)
    bulk = Brand.objects.filter(Exists(queued.filter(campaign=None, urgent=False, brand=OuterRef("pk"))))
    others: list[tuple[Q, int | None]] = [(Q(campaign=pk), brand) for pk, brand in running.values_list("pk", "brand")]
    others += [(Q(campaign=None, urgent=False, brand=pk), pk) for pk in bulk.values_list("pk", flat=True)]
    random.shuffle(others)
    return [(Q(campaign=None, urgent=True), None), *others]


def _take(bucket: Q, count: int, lane: int, now: datetime) -> list[Message]:
    rows = list(_queued(lane, now).filter(bucket).order_by("pk")[:count])
    brands = Brand.objects.select_related("theme").in_bulk({row.brand_id for row in rows})
    campaigns = Campaign.objects.select_related("version__policy").in_bulk({row.campaign_id for row in rows if row.campaign_id})
    for row in rows:
        row.brand = brands[row.brand_id]
        if row.campaign_id:
            row.campaign = campaigns[row.campaign_id]
    return rows


def _allowance(brand: int, now: datetime) -> int:
    """How many the brand may send now; the time that they take up is booked."""
    per_minute = settings.MAIL_PER_MINUTE
    if not per_minute:
        return AT_ONCE
    count = max(1, min(AT_ONCE, per_minute // 60))
    Pace.objects.get_or_create(brand_id=brand, defaults={"next_at": now})
    free = Pace.objects.filter(brand=brand, next_at__lte=now)
    taken = free.update(next_at=Greatest(F("next_at"), now - timedelta(seconds=1)) + timedelta(seconds=60 * count / per_minute))
    return count if taken else 0


# ── One message ─────────────────────────────────────────────────────────────────────────────────────────────────────


def execute(sql: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def lock_head(subject: str) -> None:
    """From here to the end of the transaction nobody writes to this person's chain. On SQLite the transaction is that lock."""
    if connection.features.has_select_for_update:
        execute(HEAD, [subject])


def turn_over(given: tuple[int, str] | None, message: Message, lane: int, name: str, contact: int, subject: str, seq: int) -> bool:
    """The one commit between two mails: `given` (its key, the hash of what was taken) is sent, `message` started if the person's chain
    still stands at `seq`. False when it does not, or when the message is gone; then only the first half was done."""
    now = moment(timezone.now())
    key, sha256 = given or (None, "")
    if connection.vendor == "postgresql":
        return _at_once(now, sha256, key, lane, now, name, contact, lane, message.pk, subject, seq)
    with transaction.atomic():
        if given is not None:
            execute(SENT, [now, sha256, key, lane])
        return bool(execute(f"{START} AND {STANDS}", [now, name, contact, lane, message.pk, subject, seq]))


STANDS = "EXISTS (SELECT 1 FROM ledger_head WHERE subject = %s AND seq = %s)"
# The share lock makes the database look at the newest version of the head: one that was written since does not fit any more.
BOTH = (
    f"WITH sent AS ({SENT}), started AS ({START} AND EXISTS (SELECT 1 FROM (SELECT 1 FROM ledger_head"
    " WHERE subject = %s AND seq = %s FOR SHARE) AS held) RETURNING id)"
    # Seen by everybody at once, on the disk some tenths of a second later. A sender's death loses nothing; where the database itself is
    # cut off, the last tenths are sent again under their Message-ID. For service mail alone: marketing never comes this way.
    " SELECT (SELECT COUNT(*) FROM started), set_config('synchronous_commit', 'off', true)"
)


def _at_once(*values: Any) -> bool:
    """Prepared by the server once a connection: it runs once a mail, and planning it costs more than doing it."""
    from psycopg import Cursor

    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        cursor.execute(BOTH, values, prepare=True)
        row = cursor.fetchone()
    return bool(row and row[0])


def sent(message_id: int, lane: int, sha256: str) -> bool:
    """False when the person was erased meanwhile, and the message with them."""
    return bool(execute(SENT, [moment(timezone.now()), sha256, message_id, lane]))


def start(message: Message, lane: int, name: str, contact: int) -> bool:
    """False when it is not to go: another sender has it, the person was erased and it with them, or its campaign is paused."""
    return bool(execute(START, [moment(timezone.now()), name, contact, lane, message.pk]))


def drop(message: Message, why: Why) -> None:
    """Not to be mailed. Where an address is what is missing, the center shows it."""
    nowhere = why in {Why.NO_ADDRESS, Why.UNDELIVERABLE, Why.BAD_ADDRESS} and message.campaign_id is not None
    execute(DROP, [State.IN_CENTER if nowhere else State.DROPPED, why, message.pk])


def back(message: Message, lane: int) -> None:
    """Into the queue again, as if it had not been begun."""
    Message.objects.filter(pk=message.pk, lane=lane).update(state=State.QUEUED, lane=None)


def put_off(message: Message, lane: int) -> None:
    """The server hung up over it, and had not been given it: a little later, so that one such message holds up no other."""
    again = timezone.now() + timedelta(seconds=5) * 2 ** min(message.attempts, LONGEST_PUT_OFF)
    Message.objects.filter(pk=message.pk, lane=lane).update(state=State.QUEUED, lane=None, attempts=F("attempts") + 1, run_after=again)


def doubt(message: Message, lane: int) -> None:
    """The server went away with it: it may have gone out. A service message is tried again under its Message-ID, a little later and a
    few times, so that one on which a server breaks down does not hold up all others."""
    mine, now = Message.objects.filter(pk=message.pk, lane=lane), timezone.now()
    if message.klass == Class.MARKETING or message.attempts >= DOUBTS:
        mine.update(state=State.IN_DOUBT, doubted_at=now, lane=None)
    else:
        again = now + timedelta(seconds=5) * 2**message.attempts
        mine.update(state=State.QUEUED, doubted_at=now, lane=None, attempts=F("attempts") + 1, run_after=again)


def later(message: Message, lane: int, code: int) -> None:
    """The server wants to be asked again; after a day or two of that it is as good as refused."""
    mine = Message.objects.filter(pk=message.pk, lane=lane)
    if message.attempts >= len(BACK_OFF):
        mine.update(state=State.BOUNCED, why=Why.TRIED_ENOUGH, answer=str(code), bounced_at=timezone.now(), lane=None)
        return
    again = timezone.now() + BACK_OFF[message.attempts]
    mine.update(state=State.QUEUED, lane=None, attempts=F("attempts") + 1, run_after=again, answer=str(code))


def refused(message: Message, lane: int, code: int) -> None:
    now = timezone.now()
    Message.objects.filter(pk=message.pk, lane=lane).update(
        state=State.BOUNCED, why=Why.REFUSED, answer=str(code), bounced_at=now, lane=None
    )
