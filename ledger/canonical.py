"""The bytes of a payload: RFC 8785 JSON for the values we allow, and the commitment over them. No Django in here.

Allowed: strings without lone surrogates, integers within +-(2^53 - 1), booleans, null, lists and objects whose keys match
[a-z_][a-z0-9_]*; at most six levels, at most 16 kB. Without floats, and with ASCII keys, sorted compact JSON gives the RFC's bytes.
"""

from __future__ import annotations

import hmac
import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

MOST_BYTES = 16 * 1024
MOST_LEVELS = 6
LARGEST = 2**53 - 1
KEY = re.compile(r"[a-z_][a-z0-9_]*\Z")


class NotCanonical(ValueError):
    """A value that has no canonical form here; the message says where."""


def clean(value: Any, level: int = 1) -> Any:
    """The value with every string in NFC, or NotCanonical."""
    if isinstance(value, str):
        if not value.isascii():
            value = unicodedata.normalize("NFC", value)
            if any("\ud800" <= character <= "\udfff" for character in value):
                raise NotCanonical("a string holds half a surrogate pair")
        return value
    if value is None or value is True or value is False:
        return value
    if type(value) is int:
        if abs(value) > LARGEST:
            raise NotCanonical(f"{value} does not fit in 53 bits")
        return value
    if level > MOST_LEVELS:
        raise NotCanonical(f"more than {MOST_LEVELS} levels")
    if type(value) is list:
        return [clean(item, level + 1) for item in value]
    if type(value) is dict:
        for key in value:
            if type(key) is not str or not KEY.match(key):
                raise NotCanonical(f"key {key!r} is not of the form [a-z_][a-z0-9_]*")
        return {key: clean(item, level + 1) for key, item in value.items()}
    raise NotCanonical(f"{type(value).__name__} is not allowed")


def canonical(value: dict[str, Any]) -> bytes:
    """The one way to write the value down, in UTF-8."""
    text = json.dumps(clean(value), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    data = text.encode()
    if len(data) > MOST_BYTES:
        raise NotCanonical(f"{len(data)} bytes are more than {MOST_BYTES}")
    return data


def commitment(salt: bytes, payload: bytes) -> str:
    """HMAC-SHA256 with the salt as its key, in lower-case hex: says nothing of the payload once the salt is gone."""
    return hmac.digest(salt, payload, "sha256").hex()


def timestamp(moment: datetime) -> str:
    """UTC to the microsecond: 2026-11-23T13:02:11.000000Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"  # several times faster than strftime
