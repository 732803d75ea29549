"""Whether a brand's colours can be read, by WCAG 2.2's contrast ratio (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# The colours that carry meaning are the product's, not the brand's; a brand's surfaces must leave them readable.
# They are those of static/css/tokens.css (a test compares).
DAY: Mapping[str, str] = {
    "quiet": "#555f62", "edge": "#778184", "good": "#1d6b41", "good-tint": "#e6f3ea", "wait": "#7a4b00", "wait-tint": "#fdf1d8",
    "bad": "#a4261d", "bad-tint": "#fcebe9", "focus": "#1a56db",
}  # fmt: skip
NIGHT: Mapping[str, str] = {
    "quiet": "#a7b1b4", "edge": "#869296", "good": "#7fd1a0", "good-tint": "#16291e", "wait": "#f0c46b", "wait-tint": "#2d2412",
    "bad": "#ff9d92", "bad-tint": "#331917", "focus": "#8fb4ff",
}  # fmt: skip

# (foreground, background, least ratio): the brand's own pairs first, then the product's colours on the brand's surfaces.
PAIRS: tuple[tuple[str, str, float], ...] = (
    ("ink", "paper", 7), ("ink", "tint", 7),
    ("accent", "paper", 4.5), ("accent", "tint", 4.5), ("on_accent", "accent", 4.5),
    ("quiet", "paper", 4.5), ("quiet", "tint", 4.5), ("wait", "paper", 4.5), ("bad", "paper", 4.5),
    ("good", "paper", 4.5), ("accent", "good-tint", 4.5), ("accent", "wait-tint", 4.5),
    ("ink", "good-tint", 7), ("ink", "wait-tint", 7), ("ink", "bad-tint", 7),
    ("edge", "paper", 3), ("edge", "tint", 3), ("focus", "paper", 3), ("focus", "tint", 3),
)  # fmt: skip


@dataclass(frozen=True)
class TooFaint:
    foreground: str
    background: str
    at_night: bool
    ratio: float
    least: float


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def ratio(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(values: Mapping[str, str | int]) -> Iterator[TooFaint]:
    for at_night, fixed in ((False, DAY), (True, NIGHT)):
        suffix = "_night" if at_night else ""
        own = {name: str(values[f"{name}{suffix}"]) for name in ("accent", "on_accent", "ink", "paper", "tint")}
        colours = {**fixed, **own}
        for foreground, background, least in PAIRS:
            found = ratio(colours[foreground], colours[background])
            if found < least:
                yield TooFaint(foreground, background, at_night, found, least)


def readable(values: Mapping[str, str | int]) -> None:
    """Refuses tokens that cannot be read, naming each pair and its ratio."""
    faults = [
        ValidationError(
            _("%(foreground)s on %(background)s at night: %(ratio).2f to 1, at least %(least)s to 1 is needed.")
            if pair.at_night
            else _("%(foreground)s on %(background)s: %(ratio).2f to 1, at least %(least)s to 1 is needed."),
            code="contrast",
            params={"foreground": pair.foreground, "background": pair.background, "ratio": pair.ratio, "least": pair.least},
        )
        for pair in too_faint(values)
    ]
    if faults:
        raise ValidationError(faults)
