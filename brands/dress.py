"""What a page needs of its brand beside the row: stylesheet, logos, words. Held in memory per (brand, epoch)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils.translation import get_language

from brands import tokens
from brands.models import Brand, Logo, Theme
from brands.wording import DEFAULTS

KEPT = 64  # brands and epochs in memory


@dataclass(frozen=True)
class Picture:
    url: str
    width: int  # CSS pixels at LOGO_HEIGHT
    height: int


LOGO_HEIGHT = 32


@dataclass(frozen=True)
class Dress:
    css: str
    css_url: str
    light_only: bool
    logo: Picture | None
    logo_night: Picture | None
    words: Mapping[tuple[str, str], str]  # (language, key) -> the brand's own text

    def say(self, key: str, name: str) -> str:
        """The sentence of that key in the language of the page, with the brand's name in its place."""
        text = self.words.get((get_language() or "", key)) or str(DEFAULTS[key])
        return text.replace("{brand}", name)


def dress(brand: Brand) -> Dress:
    """Three queries the first time after a change, none after that."""
    found = _dress(brand.pk, brand.subject, brand.config_epoch, brand.key)
    _latest[brand.pk] = found
    return found


def remembered(brand: Brand) -> Dress | None:
    """The last one given in this process, without a query: for the page that says the database is gone."""
    return _latest.get(brand.pk)


_latest: dict[int, Dress] = {}


@lru_cache(maxsize=KEPT)
def _dress(pk: int, subject: str, epoch: int, key: str) -> Dress:
    """`subject` and `epoch` are in the key of the memory: a brand made anew under the same number has another subject."""
    theme = Theme.objects.get(brand=pk)
    css = tokens.stylesheet(theme.values())
    logos = {logo.variant: logo for logo in Logo.objects.filter(brand=pk).defer("png")}
    words = {(row.language, row.key): row.text for row in Brand(pk=pk).wordings.all()}
    digest = hashlib.sha256(css.encode()).hexdigest()
    return Dress(
        css=css,
        css_url=reverse("brands:stylesheet", args=[key, digest[:8]]),
        light_only=theme.light_only,
        logo=_picture(key, logos.get(Logo.Variant.LIGHT)),
        logo_night=_picture(key, logos.get(Logo.Variant.NIGHT)),
        words=words,
    )


def _picture(key: str, logo: Logo | None) -> Picture | None:
    if logo is None:
        return None
    width = max(1, round(logo.width * LOGO_HEIGHT / logo.height))
    return Picture(reverse("brands:logo", args=[key, logo.sha256[:8]]), width, LOGO_HEIGHT)
