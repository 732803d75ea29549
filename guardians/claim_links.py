"""Links in the two mails of a claim: they name it by a signature and hold no address."""

from __future__ import annotations

from accounts import links
from brands.models import Brand
from guardians.models import GuardianClaim


def link_of(claim: GuardianClaim) -> str:
    return f"{claim.pk}-{links.sign(_about(claim.guardian.brand, claim.pk))}"


def claim_of(brand: Brand, link: str) -> GuardianClaim | None:
    """None for a link that nobody signed, of another brand, or of a claim that is gone."""
    number, _dash, signature = link.partition("-")
    if not number.isdecimal() or len(number) > 12 or not links.is_signed(_about(brand, int(number)), signature):
        return None
    found = GuardianClaim.objects.filter(pk=int(number), guardian__brand=brand).select_related("guardian").first()
    if found is not None:
        found.guardian.brand = brand
    return found


def _about(brand: Brand, number: int) -> str:
    return f"guardian-claim|{brand.key}|{number}"
