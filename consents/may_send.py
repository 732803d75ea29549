"""May this brand send this person something on this topic, on this channel, now? Permission first, then taste, then the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from accounts.models import Contact, Customer
from brands.models import Brand
from catalogue.published import published
from consents.decide import decide
from consents.models import Taste, Topic
from consents.states import Reason


class Taking(StrEnum):
    """The reasons that come after permission; with Reason they are the closed list."""

    TOPIC_OFF = "topic_off"
    ON_BREAK = "on_break"
    TOO_OFTEN = "too_often"
    NO_ADDRESS = "no_address"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True)
class MaySend:
    """`reason` is one of Reason or Taking; `address` where it may go, when it may."""

    allowed: bool
    reason: Reason | Taking
    address: str = ""


# Channels that are told apart from their contact's channel: a push message needs no address of ours.
CONTACT_OF = {"email": Contact.Channel.EMAIL, "sms": Contact.Channel.SMS, "phone": Contact.Channel.SMS, "post": Contact.Channel.POST}


def may_send(customer: Customer, topic: Topic, channel: str, now: datetime | None = None) -> MaySend:
    """Three queries. Called again right before each message goes out: a withdrawal between the two wins."""
    now = now or timezone.now()
    permission = decide(customer, topic.purpose, channel_of_permission(customer.brand, topic.purpose, channel), now)
    if not permission.allowed:
        return MaySend(False, permission.reason)
    taste = Taste.objects.of(customer).filter(channel=channel).first()
    if taste is not None and (unwanted := _unwanted(taste, topic, now)):
        return MaySend(False, unwanted)
    proven = customer.contacts.proven().filter(channel=CONTACT_OF.get(channel, channel)).order_by("-proven_at")
    address = proven.values_list("address", flat=True).first()
    if address is None:
        return MaySend(False, Taking.NO_ADDRESS)
    return MaySend(True, permission.reason, address)


def channel_of_permission(brand: Brand, purpose: str, channel: str) -> str:
    """What a yes has to be for, where a message goes by this channel: a purpose without channels is allowed as a whole."""
    found = published(brand).get(purpose)
    return "" if found is not None and not found.channels else channel


def _unwanted(taste: Taste, topic: Topic, now: datetime) -> Taking | None:
    if topic.key in taste.topics_off:
        return Taking.TOPIC_OFF
    if taste.pause_until is not None and timezone.localtime(now).date() < taste.pause_until:
        return Taking.ON_BREAK
    if taste.too_often(now):
        return Taking.TOO_OFTEN
    return None
