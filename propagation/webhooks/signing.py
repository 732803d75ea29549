"""Standard Webhooks 1.0, symmetric: HMAC-SHA256 over id, timestamp and body; two secrets while one takes the place of the other.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
import time
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
TOLERANCE = 300  # seconds that two clocks may differ
STAMP = re.compile(r"[0-9]{1,12}")
NUMBER = re.compile(r"[\x21-\x7e]{1,100}")
SECRET_BYTES = 32


class NotSigned(PermissionError):
    """By none of these secrets, or too long ago."""


def new_secret() -> str:
    """As it is shown once to whoever sets the endpoint up."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def raw(secret: str) -> bytes:
    """The bytes of “whsec_…”. Raises ValueError."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a secret is whsec_ and base64") from error


def sign(secret: str, number: str, stamp: str, body: bytes) -> str:
    signed = b".".join([number.encode(), stamp.encode(), body])
    return "v1," + base64.b64encode(hmac.digest(raw(secret), signed, "sha256")).decode()


def headers(secrets_in_force: Iterable[str], number: str, stamp: int, body: bytes) -> dict[str, str]:
    """A signature by each secret, the newest first."""
    signatures = [sign(secret, number, str(stamp), body) for secret in secrets_in_force]
    return {
        "content-type": "application/json", "webhook-id": number, "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(signatures),
    }  # fmt: skip


def verify(secrets_in_force: Iterable[str], given: Mapping[str, str], body: bytes) -> str:
    """The webhook-id of a call that one of the secrets signed lately. Raises NotSigned."""
    number, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not NUMBER.fullmatch(number) or not STAMP.fullmatch(stamp) or abs(time.time() - int(stamp)) > TOLERANCE:
        raise NotSigned
    offered = [each.encode() for each in given.get("webhook-signature", "").split(" ")]
    fits = False
    for secret in secrets_in_force:
        wanted = sign(secret, number, stamp, body).encode()
        for each in offered:
            fits |= hmac.compare_digest(wanted, each)
    if not fits:
        raise NotSigned
    return number
