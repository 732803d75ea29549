"""The link, or the square to scan, that opens a child's page. It holds no name; a new one makes the one before worthless.

Whoever holds it may see, ask and turn off, and nothing else (IV1).
"""

from __future__ import annotations

import re

from django.conf import settings

from accounts import links
from accounts.models import Customer
from brands.models import Brand
from guardians.models import ChildPage

COOKIE = "__Host-child" if settings.HTTPS else "child"
FIRST = 1
TOKEN = re.compile(r"([2-9A-HJ-NP-Z]{10})\.([0-9]{1,6})\.([A-Za-z0-9_-]{22})\Z")


def token_of(child: Customer) -> str:
    """Nothing is written: a page of which no link was replaced yet has none of its own rows."""
    version = ChildPage.objects.filter(child=child).values_list("version", flat=True).first() or FIRST
    return token(child, version)


def token(child: Customer, version: int) -> str:
    return f"{child.code}.{version}.{links.sign(_about(child.brand, child.code, version))}"


def child_of(brand: Brand, token: str) -> Customer | None:
    """None for what is truncated, altered, replaced, of another brand, or of somebody who has a sign-in of their own by now."""
    match = TOKEN.match(token) if token.isascii() else None
    if match is None:
        return None
    code, version, signature = match.groups()
    if not links.is_signed(_about(brand, code, int(version)), signature):
        return None
    child = Customer.objects.at(brand).filter(code=code, person=None, birth_date__isnull=False).select_related("child_page").first()
    page: ChildPage | None = getattr(child, "child_page", None)
    if child is None or int(version) != (page.version if page else FIRST):
        return None
    child.brand = brand
    return child


def _about(brand: Brand, code: str, version: int) -> str:
    return f"child|{brand.key}|{code}|{version}"
