from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from brands.models import Brand
from catalogue.published import Published, published


def in_force(brand: Brand, days: int = 0) -> dict[str, Published]:
    """What people are shown so many days from now: of published() without the uses that have not begun."""
    at = timezone.now() + timedelta(days=days)
    return {key: each for key, each in published(brand, at).items() if each.in_force_from <= at}
