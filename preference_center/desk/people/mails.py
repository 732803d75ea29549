"""The mails to a customer as the desk names them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Customer
from notifications.admin import STATES
from notifications.models import Message
from notifications.states import State
from notifications.words import about

NEWEST = 20


@dataclass(frozen=True)
class Mail:
    """`at`: when it went, or since when it waits."""

    about: str
    state: Any
    at: datetime


def repeatable(customer: Customer) -> list[tuple[str, str]]:
    """Key and words of those that can be sent once more, the newest first: “A request of theirs came in, 3 November 2026, 14:05”."""
    found = Message.objects.filter(customer=customer).repeatable().order_by("-pk")[:NEWEST]
    return [
        (str(each.pk), f"{about(each.kind)}, {date_format(timezone.localtime(each.sent_at or each.queued_at), 'DATETIME_FORMAT')}")
        for each in found
    ]


def newest(customer: Customer) -> list[Mail]:
    found = Message.objects.filter(customer=customer).order_by("-pk")[:NEWEST]
    return [Mail(about(each.kind), STATES[State(each.state)], each.sent_at or each.queued_at) for each in found]
