"""The loop of one sender. Between two mails there is one commit: this one sent, the next one started."""

from __future__ import annotations

import hashlib
import hmac
import logging
import random
import time
from itertools import groupby

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from accounts.models import Contact, Customer
from notifications import actions
from notifications.kinds import Ahead, Plan, find
from notifications.letters import ADDRESS
from notifications.models import Message
from notifications.sending import outbox
from notifications.sending.lanes import alone, lane
from notifications.sending.wire import Gone, Refused, Wire, open_wire
from notifications.states import Why

logger = logging.getLogger(__name__)

SLICE = 5.0  # seconds after which other work gets its turn
FRESH = 5.0  # seconds for which a look ahead is good


def drain(seconds: float = SLICE) -> int:
    """Sends what is due for so long at most, in every lane that is free; returns how many were taken by the server."""
    until, taken = time.monotonic() + seconds, 0
    with alone() as nothing_else:
        if not nothing_else:
            return 0
        for number in random.sample(range(settings.MAIL_SENDERS), settings.MAIL_SENDERS):
            with lane(number) as free:
                if free:
                    outbox.recover(number)
                    taken += _send(number, until)
        _recover_the_rest()
    return taken


def _recover_the_rest() -> None:
    """What was left in lanes that are no more, since there are fewer senders now."""
    for number in outbox.lanes_in_use() - set(range(settings.MAIL_SENDERS)):
        with lane(number) as free:
            if free:
                outbox.recover(number)


def _send(number: int, until: float) -> int:
    sender = Sender(number)
    try:
        return sender.run(until)
    finally:
        sender.close()


def send_all() -> int:
    """Everything that is due, here and now: `manage.py tick`, and tests."""
    count = 0
    while taken := drain():
        count += taken
    return count


class Sender:
    def __init__(self, number: int) -> None:
        self.lane = number
        self.wire: Wire = open_wire()
        self.taken = 0
        self._ahead: dict[int, Ahead] = {}
        self._looked_at = 0.0
        self._given: tuple[Message, str] | None = None  # what the server has taken, and the hash of its bytes

    def run(self, until: float) -> int:
        while time.monotonic() < until and (due := outbox.due(self.lane, timezone.now())):
            self.look_ahead(due)
            for message in due:
                if time.monotonic() >= until:
                    break
                if not self.one(message):
                    return self.taken
        return self.taken

    def look_ahead(self, due: list[Message]) -> None:
        """What can be read of all of them at once is; each is looked at again when its turn comes."""
        self._ahead, self._looked_at = {}, time.monotonic()
        try:
            for name, group in groupby(due, key=lambda message: message.kind):
                self._ahead |= find(name).plan_many(list(group), timezone.now())
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # the one that it is about fails again when its turn comes, and alone
            logger.exception("could not look ahead")

    def close(self) -> None:
        """What was taken is written down first."""
        self._note_alone()
        self.wire.close()

    def _note_alone(self) -> None:
        if self._given is not None:
            with transaction.atomic():
                self._note()
            self._given = None

    def _note(self) -> None:
        if self._given is not None:
            message, sha256 = self._given
            if outbox.sent(message.pk, self.lane, sha256):
                find(message.kind).sent(message)

    def one(self, message: Message) -> bool:
        """False where going on is in vain now: the server is gone."""
        name = message.message_id or message_id(message)
        try:
            plan = self._begin(message, name)
            content = plan.write(name) if isinstance(plan, Plan) else b""
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # whatever it is, it will be so for everybody: the campaign waits for a person
            logger.exception("message %s could not be written", message.pk)
            outbox.back(message, self.lane)
            actions.stumble(message, type(error).__name__)
            return True  # other mail can be written
        return self._give(message, plan, content) if isinstance(plan, Plan) else True

    def _begin(self, message: Message, name: str) -> Plan | Why:
        """The one commit: the last one sent, this one started, if it may be at this moment."""
        return self._begin_ahead(message, name) or self._begin_slowly(message, name)

    def _begin_ahead(self, message: Message, name: str) -> Plan | None:
        """With the plan made ahead, if nothing was written about the person since, and it was not long ago."""
        ahead = self._ahead.get(message.pk)
        if ahead is None or time.monotonic() - self._looked_at > FRESH:
            return None
        plan = ahead.plan
        if not isinstance(plan, Plan) or not ADDRESS.match(plan.address):
            return None
        if self._given is not None and self._given[0].pk not in self._ahead:
            self._note_alone()
        given = (self._given[0].pk, self._given[1]) if self._given else None
        started = outbox.turn_over(given, message, self.lane, name, plan.contact, ahead.subject, ahead.seq)
        self._given = None
        return plan if started else None

    def _begin_slowly(self, message: Message, name: str) -> Plan | Why:
        with transaction.atomic():
            self._note()
            plan = self._planned(message)
            if isinstance(plan, Why):
                outbox.drop(message, plan)
            elif not outbox.start(message, self.lane, name, plan.contact):
                plan = Why.OVER  # nothing is written: see outbox.start
        self._given = None
        return plan

    def _planned(self, message: Message) -> Plan | Why:
        """Asked with the person's chain locked."""
        them = Customer.objects.filter(pk=message.customer_id)
        outbox.lock_head(them.values_list("subject", flat=True).first() or "")
        customer = them.first()
        if customer is None:  # erased, perhaps while we waited for the lock, and the message with them
            return Why.NOT_AFFECTED
        message.customer = customer
        plan = find(message.kind).plan(message, timezone.now())
        return Why.BAD_ADDRESS if isinstance(plan, Plan) and not ADDRESS.match(plan.address) else plan

    def _give(self, message: Message, plan: Plan, content: bytes) -> bool:
        try:
            self.wire.send(message.brand.sender_email, plan.address, content)
        except Refused as answer:
            self._refused(message, plan, answer)
            return True
        except Gone as gone:
            self._taken_back(message, gone)
            return False
        except Exception:  # whatever the wire did not foresee: it may have gone out
            logger.exception("message %s could not be sent", message.pk)
            outbox.doubt(message, self.lane)
            return False
        self._given = (message, hashlib.sha256(content).hexdigest())
        self.taken += 1
        return True

    def _taken_back(self, message: Message, gone: Gone) -> None:
        if gone.in_doubt:
            outbox.doubt(message, self.lane)
        elif gone.over_this:
            outbox.put_off(message, self.lane)
        else:
            outbox.back(message, self.lane)

    def _refused(self, message: Message, plan: Plan, answer: Refused) -> None:
        with transaction.atomic():
            if not answer.permanent:
                outbox.later(message, self.lane, answer.code)
                return
            outbox.refused(message, self.lane, answer.code)
            contact = Contact.objects.filter(pk=plan.contact).first() if answer.address else None
            if contact is not None:
                actions.undeliverable(contact, "hard")


def message_id(message: Message) -> str:
    """The same for the same message whoever sends it and whenever: 128 bits that say nothing about the person."""
    about = f"pc-message-v1|{message.brand_id}|{message.campaign_id or ''}|{message.entry or ''}|{message.kind}|{message.pk}"
    return f"{hmac.digest(settings.SECRET_KEY.encode(), about.encode(), 'sha256')[:16].hex()}@{message.brand.host}"
