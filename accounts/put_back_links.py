"""The link in the mail to an address that was replaced."""

from __future__ import annotations

from accounts import links
from accounts.models import ReplacedAddress
from brands.models import Brand


def signature_of(replaced: ReplacedAddress, brand: Brand) -> str:
    return links.sign(_about(replaced, brand))


def of_link(brand: Brand, replaced: int, signature: str) -> ReplacedAddress | None:
    """None for a link that nobody signed."""
    row = ReplacedAddress.objects.select_related("customer__brand", "customer__person").filter(pk=replaced, customer__brand=brand).first()
    return row if row is not None and links.is_signed(_about(row, brand), signature) else None


def _about(replaced: ReplacedAddress, brand: Brand) -> str:
    return f"pc-put-back-v1|{brand.key}|{replaced.pk}|{replaced.replaced_at.isoformat()}"
