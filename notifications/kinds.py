"""What a message can be about. Each kind says, right before the mail goes, to whom and with which words, or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils import translation
from django.utils.dateparse import parse_datetime

from accounts.browsers import in_words
from accounts.models import Contact
from accounts.words import what_changed
from brands import mail
from consents.actions import note_told
from consents.models import Received
from consents.naming import register_names
from notifications.addresses import in_vain
from notifications.families import called, may_read
from notifications.letters import Letter, headers, mark
from notifications.models import Message
from notifications.states import Class, Why


@dataclass(frozen=True)
class Plan:
    """`write(message_id)` gives the bytes; `contact` is the row of the address."""

    address: str
    contact: int
    write: Callable[[str], bytes]


@dataclass(frozen=True)
class Ahead:
    """A plan made a moment ahead. It holds while nothing was written to the person's chain since: `seq` is where that stood."""

    plan: Plan | Why
    subject: str
    seq: int


class Kind(Protocol):
    klass: Class

    def plan(self, message: Message, now: datetime) -> Plan | Why:
        """Inside the transaction that starts the message, with the person's chain locked: what is read here stands."""

    def plan_many(self, messages: Sequence[Message], now: datetime) -> dict[int, Ahead]:
        """By the message's key: the plan of those for whom it can be made ahead, in one reading; the others are asked one by one."""

    def sent(self, message: Message) -> None:
        """Inside the transaction that notes that the server has taken it."""


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    _kinds[name] = kind


def find(name: str) -> Kind:
    return _kinds[name]


def register_kinds() -> None:
    from notifications import colleague_mail, family_mail, request_mail
    from notifications.campaign_mail import ChangeMail

    register("new_device", Notice("new_device", _new_device))
    register("sign_in_changed", Notice("sign_in_changed", _sign_in_changed))
    register("data_received", Notice("data_received", _data_received, _told_of_data, _data_is_noted))
    register("request_received", Notice("request_received", request_mail.context, stands=request_mail.is_there))
    register("request_moved", Notice("request_moved", request_mail.context, stands=request_mail.is_there))
    register("family", Notice("family", family_mail.context, stands=family_mail.stands))
    register("colleague", Notice("colleague", colleague_mail.context, stands=colleague_mail.stands))
    register("policy_change", ChangeMail())
    register("policy_reminder", ChangeMail(reminder=True))


# ── Notices: one event, one mail ────────────────────────────────────────────────────────────────────────────────────


class Notice:
    """A service mail from templates/email/<name>; `context` gives its values in the language that is active."""

    klass = Class.SERVICE

    def __init__(
        self,
        name: str,
        context: Callable[[Message], Mapping[str, Any]],
        sent: Callable[[Message], object] = lambda message: None,
        stands: Callable[[Message], bool] = lambda message: True,
    ) -> None:
        """`stands`: whether what it tells of is still there."""
        self.name = name
        self._context = context
        self._sent = sent
        self._stands = stands

    def plan(self, message: Message, now: datetime) -> Plan | Why:
        if not self._stands(message):
            return Why.OVER
        contact = Contact.objects.filter(pk=message.contact or 0).first()
        if contact is None:
            return Why.NO_ADDRESS
        if in_vain(contact):
            return Why.UNDELIVERABLE
        return Plan(contact.address, contact.pk, lambda name: self._write(message, contact.address, name))

    def plan_many(self, messages: Sequence[Message], now: datetime) -> dict[int, Ahead]:
        return {}

    def sent(self, message: Message) -> None:
        self._sent(message)

    def _write(self, message: Message, to: str, name: str) -> bytes:
        with translation.override(message.language):
            context = self._context(message)
        built = mail.build(message.brand, self.name, mark("to"), message.language, context)
        return Letter.of(built, boundary=name).fill(headers(to, name, message.queued_at))


def _new_device(message: Message) -> dict[str, Any]:
    return {"browser": in_words(message.facts["browser"]), "at": parse_datetime(message.facts["at"])}


def _sign_in_changed(message: Message) -> dict[str, Any]:
    return {"what": what_changed(message.facts["what"]), "at": parse_datetime(message.facts["at"])}


def _data_received(message: Message) -> dict[str, Any]:
    assert message.entry is not None
    received = Received.objects.select_related("customer").get(entry=message.entry)
    names = register_names(message.brand)
    data = [names.category(key) for key in received.categories]
    about = called(received.customer) if received.customer_id != message.customer_id else ""
    return {"source": names.source(received.source), "data": data, "received_on": received.received_on, "about": about}


def _data_is_noted(message: Message) -> bool:
    assert message.entry is not None
    received = Received.objects.filter(entry=message.entry).select_related("customer__brand").first()
    return received is not None and may_read(message.customer, received.customer)


def _told_of_data(message: Message) -> None:
    assert message.entry is not None
    note_told(message.entry)
