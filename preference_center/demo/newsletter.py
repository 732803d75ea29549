"""The shop's newsletter, really sent: asked of may_send() right before each mail, with the headers of RFC 8058."""

from __future__ import annotations

from typing import Any

from consents.models import Topic
from consents.naming import in_language
from jobs.models import Job
from notifications import kinds
from notifications.marketing import Marketing, send_to_all
from notifications.models import Message

KIND = "newsletter"


def send(topic: Topic, issue: str) -> Job:
    """One job for everybody who may come into question; who gets it is asked when their turn comes. The same issue twice is once."""
    return send_to_all(topic, KIND, issue)


def context(message: Message, topic: Topic) -> dict[str, Any]:
    return {"topic": in_language(topic.names)}


def register() -> None:
    kinds.register(KIND, Marketing(KIND, context))
