"""That somebody was deleted, in a form that names nobody: so that no list brings them back (CCPA 1798.105(c)(2), GDPR Art. 21(3)).

A keyed hash (HMAC-SHA256) of brand, channel and canonical address. Whoever has the table alone can test no address; whoever has the key
too can ask for one, which is what it is for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.models import Contact, Suppression
from brands.models import Brand


def digest(brand: Brand, channel: str, canonical: str, *, key: str = "") -> str:
    """64 hex digits. `key`: the newest when left out."""
    message = f"pc-suppression-v1|{brand.key}|{channel}|{canonical}"
    return hmac.new((key or _keys()[0]).encode(), message.encode(), hashlib.sha256).hexdigest()


def _keys() -> list[str]:
    """Without any, nobody could be told from who was deleted: then nobody is let past."""
    keys: list[str] = settings.SUPPRESSION_KEYS
    if not keys:
        raise ImproperlyConfigured("SUPPRESSION_KEYS is empty: nobody who was deleted could be kept out.")
    return keys


def digests(brand: Brand, channel: str, canonical: str) -> list[str]:
    """By each key there was: rows made with an old one keep people out as well."""
    return [digest(brand, channel, canonical, key=key) for key in _keys()]


def suppress(brand: Brand, reached: Iterable[tuple[str, str]]) -> None:
    """Every way that somebody was reached: channel and canonical address. Inside the turn that erases them. Twice is once."""
    rows = [Suppression(brand=brand, digest=digest(brand, channel, canonical)) for channel, canonical in reached]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


def is_suppressed(brand: Brand, channel: str, canonical: str) -> bool:
    return Suppression.objects.filter(brand=brand, digest__in=digests(brand, channel, canonical)).exists()


def suppressed_since(brand: Brand, channel: str, canonical: str) -> datetime | None:
    """When somebody with this address was deleted here last; None: nobody was."""
    rows = Suppression.objects.filter(brand=brand, digest__in=digests(brand, channel, canonical))
    return rows.order_by("-since").values_list("since", flat=True).first()


def welcome_back(brand: Brand, canonical: str) -> None:
    """Somebody has proven this address and begins anew, of their own will. Inside the turn in which they do."""
    Suppression.objects.filter(brand=brand, digest__in=digests(brand, Contact.Channel.EMAIL, canonical)).delete()
