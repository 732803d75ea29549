"""Log lines without a personal value in them, as JSON or for the eye.

Whoever writes a line of ours puts ids and names of our own making into it. What libraries write may quote anything: a path with a token
in it, an address that the database refused. So of their lines only the template and its numbers are kept, and of an exception, ours
included, the type and the places in our code, never the text. The scrubber comes on top, for what slipped through.
"""

from __future__ import annotations

import json
import logging
import os
import re
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from http.client import responses
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
MASK = "•••"
request_id: ContextVar[str] = ContextVar("request_id", default="")  # of the request in hand; empty in workers and commands

# Every repetition is bounded: a long line costs its length, whatever is in it.
_PART = r"[^\s<>\"',;:()\[\]=&?/@]"
SCRUBBED = (
    (re.compile(rf"(?:\"[^\"]{{1,64}}\"|{_PART}{{1,128}})(?:@|%40){_PART}{{1,255}}\.(?:xn--[\w-]+|[^\W\d_]{{2,63}})", re.IGNORECASE), MASK),
    (re.compile(r"(?<!\w)(?:\+|%2B)[1-9](?:[\s().-]{0,2}\d){7,14}(?!\d)", re.IGNORECASE), MASK),
    (re.compile(r"(\b(?:code|kod\w{0,3})\b\D{0,20})\d{3}[ -]?\d{3}(?!\d)", re.IGNORECASE), rf"\g<1>{MASK}"),
    (re.compile(r"(\bbearer\s{1,9})[\w.~+/=-]+", re.IGNORECASE), rf"\g<1>{MASK}"),
    (re.compile(r"\b(pck|whsec)_[\w+/=.-]+"), rf"\g<1>_{MASK}"),
)


def scrub(text: str) -> str:
    """Without what looks like an address, a telephone number, a sign-in code or a secret."""
    for pattern, instead in SCRUBBED:
        text = pattern.sub(instead, text)
    return text


class Json(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(_message(record)),
        }
        if number := _number(record):
            fields["request"] = number
        fields |= getattr(record, "fields", {})
        if faults := [{"type": _name(error), "frames": list(_frames(error))} for error in _errors(record)]:
            fields["exceptions"] = faults
        return json.dumps(fields)  # in ASCII: whatever the stream makes of other characters might be no JSON


class Line(logging.Formatter):
    """For the eye. `quotes`: on a developer's machine (DEBUG), tracebacks with their text."""

    def __init__(self, *, quotes: bool = False) -> None:
        super().__init__()
        self.quotes = quotes

    def format(self, record: logging.LogRecord) -> str:
        number = _number(record)
        text = f"{_time(record)} {record.levelname} {record.name} {_on_one_line(_message(record))}{f' [{number}]' if number else ''}"
        if self.quotes and record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        else:
            text += "".join(f"\n    {_name(error)} at {', '.join(_frames(error)) or 'no place of ours'}" for error in _errors(record))
        return scrub(text)


def _number(record: logging.LogRecord) -> str:
    """Of the request it is about: Django tells of an answer once it has left the middleware, and hands the request along."""
    number: str = getattr(getattr(record, "request", None), "log_number", "")
    return number or request_id.get()


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _on_one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


# ── What a record says ──────────────────────────────────────────────────────────────────────────────────────────────


def _message(record: logging.LogRecord) -> str:
    ours = _is_ours(record.pathname)
    status = getattr(record, "status_code", None)
    if not ours and isinstance(status, int):  # Django of an answer: the path, or what the exception says
        return f"{status} {responses.get(status, '')}".rstrip()
    message = _filled_in(record, ours)
    if not ours and any(text in message for text in map(str, _errors(record)) if text):
        return _name(next(_errors(record)))
    return message


def _filled_in(record: logging.LogRecord, ours: bool) -> str:
    template = _safe(record.msg, ours or isinstance(record.msg, str))
    if not record.args:
        return str(template)
    arguments: Any = record.args
    if isinstance(arguments, Mapping):
        arguments = {name: _safe(value, ours) for name, value in arguments.items()}
    else:
        arguments = tuple(_safe(value, ours) for value in arguments)
    try:
        filled: str = str(template) % arguments
    except (TypeError, ValueError, KeyError):
        return str(template)
    return filled


def _safe(value: object, ours: bool) -> object:
    if isinstance(value, BaseException):
        return _name(value)
    return value if ours or isinstance(value, int | float) else MASK


def _is_ours(path: str) -> bool:
    return path.startswith(ROOT) and f"{os.sep}site-packages{os.sep}" not in path


# ── Exceptions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _errors(record: logging.LogRecord) -> Iterator[BaseException]:
    """What was raised, and what each came from."""
    error = record.exc_info[1] if record.exc_info else None
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _frames(error: BaseException) -> Iterator[str]:
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = frame.f_code.co_filename
        if _is_ours(path):
            yield f"{path.removeprefix(ROOT)}:{line}"


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
