"""The shop's newsletter, really sent: asked of may_send() right before each mail, with the headers of RFC 8058."""

from __future__ import annotations

from typing import Any

from brands.models import Brand
from consents.models import Topic
from notifications import kinds
from notifications.marketing import Marketing, send_to_all
from notifications.models import Message

KIND = "newsletter"


def send(brand: Brand, topic: Topic) -> int:
    """A row for everybody who may come into question; who gets it is asked when their turn comes."""
    return send_to_all(brand, topic, KIND)


def context(message: Message, topic: Topic) -> dict[str, Any]:
    return {"topic": topic.names.get(message.language) or next(iter(topic.names.values()))}


def register() -> None:
    kinds.register(KIND, Marketing(KIND, context))
