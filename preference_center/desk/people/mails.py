"""The mails to a customer as the desk names them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from notifications.admin import STATES
from notifications.models import Message
from notifications.states import State

KINDS = {
    "new_device": _("A sign-in from another browser"),
    "sign_in_changed": _("A change of how they sign in"),
    "data_received": _("Data that came from somebody else"),
    "request_received": _("A request of theirs came in"),
    "request_moved": _("What came of a request"),
    "family": _("Their family"),
    "colleague": _("What one of us wrote down for them"),
    "policy_change": _("A change of the policy"),
    "policy_reminder": _("A reminder to decide"),
}


@dataclass(frozen=True)
class Mail:
    """`at`: when it went, or since when it waits."""

    about: Any
    state: Any
    at: datetime


def newest(customer: Customer, count: int) -> list[Mail]:
    found = Message.objects.filter(customer=customer).order_by("-pk")[:count]
    return [Mail(KINDS.get(each.kind, _("News")), STATES[State(each.state)], each.sent_at or each.queued_at) for each in found]
