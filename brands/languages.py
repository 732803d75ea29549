"""Languages by the names that their own speakers give them."""

from __future__ import annotations

from django.utils.translation import get_language_info

from brands.models import Brand


def own_name(code: str) -> str:
    """“pl”: “Polski”."""
    return str(get_language_info(code)["name_local"]).capitalize()


def spoken(brand: Brand) -> list[tuple[str, str]]:
    """(code, own name) in the brand's order."""
    return [(code, own_name(code)) for code in brand.languages]
