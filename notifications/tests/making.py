"""Messages and people made for a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from accounts.models import Contact, Customer
from notifications import kinds
from notifications.kinds import Ahead, Plan
from notifications.letters import headers
from notifications.models import Message
from notifications.states import Class, Why

MOMENT = datetime(2026, 11, 28, 13, 0, 0, 123456, tzinfo=UTC)


def message(customer: Customer, kind: str = "note", **values: Any) -> Message:
    """A row; urgent service mail to the customer's address unless `values` says otherwise."""
    contact = Contact.objects.filter(customer=customer, channel="email").values_list("pk", flat=True).first()
    defaults = {"brand": customer.brand, "contact": contact, "klass": Class.SERVICE, "language": "en"}
    return Message.objects.create(customer=customer, kind=kind, **{**defaults, **values})


def fresh(one: Message) -> Message:
    return Message.objects.select_related("customer", "brand__theme", "campaign__version__policy").get(pk=one.pk)


class Note:
    """A kind of message that is small and quick: a line of text. `before` runs in the plan."""

    klass = Class.SERVICE

    def __init__(self) -> None:
        self.before: Callable[[Message], Any] = lambda message: None
        self.writing: Callable[[Message], Any] = lambda message: None
        self.ahead: Callable[[Sequence[Message]], dict[int, Ahead]] = lambda messages: {}
        self.noted: list[int] = []

    def plan(self, message: Message, now: datetime) -> Plan | Why:
        answer = self.before(message)
        if isinstance(answer, Why):
            return answer
        contact = Contact.objects.filter(pk=message.contact or 0).first()
        return Plan(contact.address, contact.pk, lambda name: self._write(message, contact.address, name)) if contact else Why.NO_ADDRESS

    def plan_many(self, messages: Sequence[Message], now: datetime) -> dict[int, Ahead]:
        return self.ahead(messages)

    def sent(self, message: Message) -> None:
        self.noted.append(message.pk)

    def _write(self, message: Message, address: str, name: str) -> bytes:
        self.writing(message)
        values = headers(address, name, message.queued_at)
        lines = [f"From: {message.brand.sender_email}", f"To: {values['to']}", f"Message-ID: <{name}>", f"Date: {values['date']}",
                 f"Subject: note {message.pk}", "", f"note {message.pk}", ""]  # fmt: skip
        return "\r\n".join(lines).encode()


def a_kind(name: str = "note") -> Note:
    note = Note()
    kinds.register(name, note)
    return note
