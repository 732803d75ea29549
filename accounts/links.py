"""Signed links in mails: for one customer and one scope. Whoever holds one may reduce, and nothing else (IV1).

A token names brand, customer and scope, and is signed with a key that verifies for years: an unsubscribe link must not die with a
rotated secret. It holds no address and opens nothing to read.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from accounts.models import Customer, Guardianship
from brands.models import Brand

SIGNATURE = 16  # bytes: 128 bits
LONGEST = 200  # characters of a token


class BadLink(ValueError):
    """Truncated, altered, of another brand, or of somebody who is no longer here. All look the same."""


@dataclass(frozen=True)
class Scope:
    """What a link may stop: one purpose on one channel (channel "" is the purpose itself), or all marketing (purpose "").

    `change` is the date of the policy change that the link's mail told of (YYYY-MM-DD); "" in every other mail. `reader`: the public code
    of the guardian whom a mail about a child was sent to, and whose word it then is.
    """

    purpose: str = ""
    channel: str = ""
    change: str = ""
    reader: str = ""


@dataclass(frozen=True)
class Link:
    customer: Customer
    scope: Scope


def make(customer: Customer, scope: Scope) -> str:
    """The token for /u/<token>/: base64url, no padding."""
    return token(customer.code, customer.brand.key, scope)


def token(code: str, brand: str, scope: Scope) -> str:
    """The same, of a customer's public code and a brand's key."""
    more = [scope.change, scope.reader] if scope.reader else [scope.change] if scope.change else []
    body = "|".join([code, scope.purpose, scope.channel, *more]).encode()
    return _encoded(_signature(settings.LINK_KEYS[0], brand, body) + body)


def read(brand: Brand, token: str) -> Link:
    """Raises BadLink."""
    signature, body = _parts(token)
    if not any(hmac.compare_digest(signature, _signature(key, brand.key, body)) for key in settings.LINK_KEYS):
        raise BadLink
    code, *scope = body.decode().split("|")
    customer = Customer.objects.at(brand).filter(code=code).first()
    if customer is None:
        raise BadLink
    customer.brand = brand
    return Link(customer, Scope(*scope))


def guardian_of(link: Link) -> Customer | None:
    """Whose word a link about a child is; None where it is the customer's own. Raises BadLink for who no longer decides for the child."""
    if not link.scope.reader:
        return None
    guardian = Customer.objects.at(link.customer.brand).filter(code=link.scope.reader).first()
    tie = Guardianship.objects.in_force(timezone.now()).filter(guardian=guardian, child=link.customer) if guardian else None
    if guardian is None or tie is None or not tie.exists():
        raise BadLink
    guardian.brand = link.customer.brand
    return guardian


def masked(address: str) -> str:
    """j•••@d•••.com, of a number ••• 42: enough to know one's own, not enough to learn another's."""
    if "@" not in address:
        return f"••• {address[-2:]}" if address else ""
    local, _, domain = address.rpartition("@")
    name, dot, ending = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{dot}{ending}"


def sign(about: str, *, key: str = "") -> str:
    """A signature alone, for an address that says itself what it is about: base64url, no padding."""
    return _encoded(hmac.digest((key or settings.LINK_KEYS[0]).encode(), about.encode(), "sha256")[:SIGNATURE])


def is_signed(about: str, given: str) -> bool:
    """By the key in use, or one before it."""
    return given.isascii() and any(hmac.compare_digest(sign(about, key=key), given) for key in settings.LINK_KEYS)


def _parts(token: str) -> tuple[bytes, bytes]:
    if not token.isascii() or len(token) > LONGEST:
        raise BadLink
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error):
        raise BadLink from None
    # Several spellings decode to the same bytes: one link has one spelling.
    if _encoded(data) != token or len(data) <= SIGNATURE:
        raise BadLink
    return data[:SIGNATURE], data[SIGNATURE:]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signature(key: str, brand: str, body: bytes) -> bytes:
    return hmac.digest(key.encode(), b"pc-link-v1|" + brand.encode() + b"|" + body, "sha256")[:SIGNATURE]
