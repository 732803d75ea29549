"""Mail that people allowed: asked of may_send() in the transaction that starts it, with the headers of RFC 8058. An app that writes a
newsletter registers a Marketing of its own; `send_to_all` has the rows made, the senders do the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from accounts import links
from accounts.models import Contact
from brands import mail
from consents.may_send import MaySend, Taking, channel_of_permission, may_send
from consents.models import Taste, Topic
from jobs.actions import enqueue
from jobs.models import Job
from notifications import actions
from notifications.addresses import in_vain, unwanted
from notifications.kinds import Ahead, Plan
from notifications.letters import Letter, headers, mark
from notifications.models import Message
from notifications.states import Class, Why

CHANNEL = "email"
INSERT = """
INSERT INTO notifications_message (brand_id, customer_id, kind, klass, language, facts, urgent, state, why, answer, attempts, run_after,
    message_id, body_sha256, queued_at)
SELECT c.brand_id, c.id, %s, 'marketing', c.language, %s, FALSE, 'queued', '', '', 0, %s, '', '', %s FROM accounts_customer c
WHERE c.brand_id = %s AND EXISTS (SELECT 1 FROM consents_choice w WHERE w.customer_id = c.id AND w.purpose = %s AND w.state = 'granted')
"""


class Marketing:
    """A mail from templates/email/<name> on the topic that the message names."""

    klass = Class.MARKETING

    def __init__(self, name: str, context: Callable[[Message, Topic], Mapping[str, Any]]) -> None:
        self.name = name
        self._context = context

    def plan(self, message: Message, now: datetime) -> Plan | Why:
        topic = Topic.objects.filter(brand=message.brand, key=message.facts["topic"]).first()
        if topic is None:
            return Why.OVER
        message.customer.brand = message.brand
        answer = may_send(message.customer, topic, CHANNEL, now)
        if not answer.allowed:
            return Why.NO_ADDRESS if answer.reason is Taking.NO_ADDRESS else Why.NOT_ALLOWED
        contact = _contact(message, answer)
        if in_vain(contact) or unwanted(contact):
            return Why.UNDELIVERABLE
        return Plan(contact.address, contact.pk, lambda name: self._write(message, topic, contact.address, name))

    def plan_many(self, messages: Sequence[Message], now: datetime) -> dict[int, Ahead]:
        return {}

    def sent(self, message: Message) -> None:
        Taste.objects.update_or_create(customer=message.customer, channel=CHANNEL, defaults={"last_sent_at": timezone.now()})

    def _write(self, message: Message, topic: Topic, to: str, name: str) -> bytes:
        brand = message.brand
        token = links.make(message.customer, links.Scope(topic.purpose, channel_of_permission(brand, topic.purpose, CHANNEL)))
        stop = f"{mail.origin(brand)}{reverse('consents:link', args=[token])}"
        unsubscribe = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        with translation.override(message.language):
            context = {**self._context(message, topic), "stop": stop}
        built = mail.build(brand, self.name, mark("to"), message.language, context, headers=unsubscribe)
        return Letter.of(built, boundary=name).fill(headers(to, name, message.queued_at))


def _contact(message: Message, answer: MaySend) -> Contact:
    """The row of the address that may_send() named."""
    mine = Contact.objects.proven().filter(customer=message.customer, channel=Contact.Channel.EMAIL, address=answer.address)
    return mine.latest("proven_at")


def send_to_all(topic: Topic, kind: str, issue: str) -> Job:
    """One job for everybody who may come into question. `issue` tells one newsletter of the topic from the next: the same twice is once."""
    name = hashlib.sha256(f"{topic.pk} {kind} {issue}".encode()).hexdigest()[:32]  # what it is called has no bound
    return enqueue("notifications.send_to_all", {"topic": topic.pk, "kind": kind}, once=f"notifications.send_to_all {name}")


def write_to_all(topic: Topic, kind: str) -> int:
    """A message for everybody who allowed the topic's purpose once; whether it may still go is asked when its turn comes."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    facts = connection.ops.adapt_json_value({"topic": topic.key}, None)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [kind, facts, now, now, topic.brand_id, topic.purpose])
        made = int(cursor.rowcount)
    actions.look_now()
    return made
