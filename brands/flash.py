"""One notice about what just happened, kept in a signed cookie until the next page shows it above its heading."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

LEVELS = {"good": messages.SUCCESS, "wait": messages.WARNING, "bad": messages.ERROR, "": messages.INFO}
OF_DJANGO = {messages.SUCCESS: "good", messages.WARNING: "wait", messages.ERROR: "bad"}


class Undo(TypedDict):
    url: str  # where the form posts to
    receipt: str  # the entry that is undone


@dataclass(frozen=True)
class Notice:
    level: str  # good, wait, bad, or "" for news
    title: str
    text: str = ""
    undo: Undo | None = None
    receipt_url: str = ""


def flash(request: HttpRequest, level: str, title: str, text: str = "", undo: Undo | None = None, receipt_url: str | None = None) -> None:
    """`title` says the outcome ("Saved. News by text message has stopped."), `text` its effect and time."""
    content = {"title": str(title), "text": str(text), "undo": undo, "receipt_url": receipt_url}
    messages.add_message(request, LEVELS[level], json.dumps(content), extra_tags=level)


def newest(waiting: Iterable[Message]) -> Notice | None:
    """The one notice a page shows: the newest of those waiting. The others are taken, too: they are about older pages."""
    found = None
    for message in waiting:
        found = read(message)
    return found


def read(message: Message) -> Notice:
    """A message of ours, or anybody's plain words: what is not ours in form is shown as text."""
    level = message.extra_tags if message.extra_tags in LEVELS else OF_DJANGO.get(message.level, "")
    try:
        content = json.loads(str(message.message))
        return Notice(
            level or "",
            str(content["title"]),
            str(content["text"]),
            _undo(content["undo"]),
            _own_path(content["receipt_url"]),
        )
    except (ValueError, TypeError, KeyError):
        return Notice(OF_DJANGO.get(message.level, ""), str(message.message))


def _undo(content: object) -> Undo | None:
    if not isinstance(content, dict) or not _own_path(content.get("url")):
        return None
    return Undo(url=_own_path(content["url"]), receipt=str(content.get("receipt", "")))


def _own_path(url: object) -> str:
    """A path of this host, or nothing."""
    return url if isinstance(url, str) and url.startswith("/") and not url.startswith(("//", "/\\")) else ""
