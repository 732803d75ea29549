"""Signed links in the mails about a request. Each is for one request and one end: “this was not me” stops it, “follow” shows how it stands
and confirms what a link is enough for, “agent” shows an agent how far it is. None opens anything of the person's data."""

from __future__ import annotations

import base64
import hmac

from django.conf import settings

SIGNATURE = 16  # bytes: 128 bits
NOT_ME, FOLLOW, AGENT = "not-me", "follow", "agent"


def signature(brand: str, number: str, end: str = NOT_ME, *, key: str = "") -> str:
    """base64url, no padding."""
    about = f"pc-{end}-v1|{brand}|{number}".encode()
    digest = hmac.digest((key or settings.LINK_KEYS[0]).encode(), about, "sha256")[:SIGNATURE]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_signed(brand: str, number: str, given: str, end: str = NOT_ME) -> bool:
    """By the key in use, or one before it."""
    return given.isascii() and any(hmac.compare_digest(signature(brand, number, end, key=key), given) for key in settings.LINK_KEYS)
