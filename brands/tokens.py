"""The tokens a brand may set, each with a strict form. Nothing that passes here can leave the CSS declaration it stands in.

The names are those of `static/css/tokens.css`; what a brand leaves alone keeps that file's value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

HEX = re.compile(r"#[0-9a-f]{6}\Z")
LENGTH = re.compile(r"(0|\d{1,3}px|\d{1,2}(\.\d{1,3})?rem)\Z")
SPACING = re.compile(r"(0|-?0\.\d{1,3}em)\Z")
FONT = r"(\"[A-Za-z0-9][A-Za-z0-9 -]{0,48}\"|-?[A-Za-z][A-Za-z0-9-]{0,48})"
FONTS = re.compile(rf"{FONT}(, {FONT}){{0,15}}\Z")

STOP = r"(#[0-9a-f]{6}|var\(--brand\)|transparent)( (0|\d{1,4}px)){0,2}"
GRADIENT = rf"(repeating-)?linear-gradient\((\d{{1,3}}deg, )?{STOP}(, {STOP}){{0,23}}\)"
BAND = re.compile(rf"{GRADIENT}\Z")
STOPS = re.compile(STOP)

MOST_BAND_PX = 40  # a signature above the header, not a banner
LIGHTEST, HEAVIEST = 300, 800


def hex_colour(value: str) -> None:
    if not HEX.match(value):
        raise ValidationError(_("Write a colour as # and six hexadecimal digits in lower case, for example #1f5547."), code="colour")


def length(value: str) -> None:
    if not LENGTH.match(value):
        raise ValidationError(_("Write a length in px or rem, for example 4px."), code="length")


def band_size(value: str) -> None:
    if not re.match(r"\d{1,2}px\Z", value) or not 1 <= int(value[:-2]) <= MOST_BAND_PX:
        raise ValidationError(_("The band is 1px to %(most)dpx high."), code="band_size", params={"most": MOST_BAND_PX})


def spacing(value: str) -> None:
    if not SPACING.match(value):
        raise ValidationError(_("Write letter spacing in em between -0.999em and 0.999em."), code="spacing")


def fonts(value: str) -> None:
    if not FONTS.match(value):
        raise ValidationError(_("List font names, separated by a comma and a space; names with spaces in double quotes."), code="fonts")


def band(value: str) -> None:
    """A gradient of hex colours, var(--brand) and transparent, with stops in px: no url(), no nesting, no other function."""
    if not BAND.match(value):
        raise ValidationError(_("The band is one linear gradient of colours with their places in px."), code="band")


def weight(value: int) -> None:
    if not LIGHTEST <= value <= HEAVIEST:
        raise ValidationError(
            _("The weight is a number from %(from)d to %(to)d."), code="weight", params={"from": LIGHTEST, "to": HEAVIEST}
        )


# What each token must look like, in the order in which they are written. The names are the columns of Theme.
FORMS: Mapping[str, Callable[..., None]] = {
    "accent": hex_colour,
    "accent_night": hex_colour,
    "on_accent": hex_colour,
    "on_accent_night": hex_colour,
    "tint": hex_colour,
    "tint_night": hex_colour,
    "paper": hex_colour,
    "paper_night": hex_colour,
    "ink": hex_colour,
    "ink_night": hex_colour,
    "band": band,
    "band_size": band_size,
    "font_display": fonts,
    "font_text": fonts,
    "display_weight": weight,
    "display_spacing": spacing,
    "radius": length,
}
COLOURS = tuple(name for name, form in FORMS.items() if form is hex_colour)


ACCENTS = {"accent": "--brand", "accent_night": "--brand-night", "on_accent": "--brand-on", "on_accent_night": "--brand-on-night"}


def variable(name: str) -> str:
    """The custom property of a column: accent_night is --brand-night, ink is --brand-ink, band_size is --brand-band-size."""
    if name in ACCENTS:
        return ACCENTS[name]
    prefix = "--" if name.startswith(("font", "display", "radius")) else "--brand-"
    return prefix + name.replace("_", "-")


def stylesheet(values: Mapping[str, str | int]) -> str:
    """The brand's layer of CSS. Each value is proven once more, so that a row written past the forms cannot break out."""
    for name, form in FORMS.items():
        form(values[name])
    lines = "\n".join(f"    {variable(name)}: {values[name]};" for name in FORMS)
    return f"@layer brand {{\n  :root {{\n{lines}\n  }}\n}}\n"


def stripes(gradient: str, brand: str, size: str) -> list[tuple[str, int]]:
    """The band as horizontal stripes (colour, height in px), for mails, where a gradient is not safe to use.

    A band that runs from top to bottom gives its own stripes; of one that runs sideways the first two colours are taken.
    `transparent` is given as "".
    """
    stops = [match.group(0).split(" ") for match in STOPS.finditer(gradient.partition("(")[2])]
    colours = [brand if colour == "var(--brand)" else "" if colour == "transparent" else colour for colour, *_places in stops]
    if "deg" in gradient or any(len(stop) != 3 or stop[2] == "0" for stop in stops):
        return _two_stripes(colours, int(size[:-2]))
    heights = [int(end[:-2]) - int(start.removesuffix("px")) for _colour, start, end in stops]
    return [(colour, height) for colour, height in zip(colours, heights, strict=True) if height > 0]


def _two_stripes(colours: list[str], size: int) -> list[tuple[str, int]]:
    solid = list(dict.fromkeys(colour for colour in colours if colour))[:2]
    if len(solid) < 2 or size < 2:
        return [(colour, size) for colour in solid[:1]]
    return [(solid[0], size - size // 2), (solid[1], size // 2)]
