"""“This was not me”: a signed link in every mail about a request, to every known address. It stops, and does nothing else."""

from __future__ import annotations

import base64
import hmac

from django.conf import settings

SIGNATURE = 16  # bytes: 128 bits


def signature(brand: str, number: str, *, key: str = "") -> str:
    """base64url, no padding."""
    about = f"pc-not-me-v1|{brand}|{number}".encode()
    digest = hmac.digest((key or settings.LINK_KEYS[0]).encode(), about, "sha256")[:SIGNATURE]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_signed(brand: str, number: str, given: str) -> bool:
    """By the key in use, or one before it."""
    return given.isascii() and any(hmac.compare_digest(signature(brand, number, key=key), given) for key in settings.LINK_KEYS)
