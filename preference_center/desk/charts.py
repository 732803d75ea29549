"""Charts as SVG, drawn here: no script, no style of their own, nothing fetched. Beside each stands the table that it was drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 760, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 14, 34  # room for the scale, the names of the lines, and the days
LINES = 4  # of the scale, above nought
APART = 18  # between the names at the ends of the lines


@dataclass(frozen=True)
class Series:
    """One line. `look`: its class, which gives colour and dashes; a value of None is a gap."""

    name: str
    look: str
    values: Sequence[int | None]


def line_chart(title: str, description: str, labels: Sequence[str], series: Sequence[Series]) -> SafeString:
    """`labels`: below each point; the first, the middle and the last are written."""
    top = _round_up(max((value for each in series for value in each.values if value is not None), default=0))
    drawn = [each for each in series if any(value is not None for value in each.values)]
    names = _apart([(_y(_last(each), top), each) for each in drawn])
    lines = ((each.look, _path(each.values, top)) for each in series)
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}: {}">{}{}{}{}</svg>',
        WIDTH, HEIGHT, title, description, _scale(top), _days(labels),
        format_html_join("", '<path class="chart__line chart__line--{}" d="{}"/>', lines),
        format_html_join(
            "", '<text class="chart__name" x="{}" y="{}">{}</text>', ((WIDTH - RIGHT + 10, round(y + 4), each.name) for y, each in names)
        ),
    )  # fmt: skip


def _scale(top: int) -> SafeString:
    values = [top * step // LINES for step in range(LINES + 1)]
    return format_html_join(
        "",
        '<line class="chart__grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="chart__scale" x="{}" y="{}">{}</text>',
        (
            (LEFT, WIDTH - RIGHT, _y(value, top), _y(value, top), LEFT - 8, _y(value, top) + 4, number_format(value, use_l10n=True))
            for value in values
        ),
    )


def _days(labels: Sequence[str]) -> SafeString:
    places = sorted({0, len(labels) // 2, len(labels) - 1}) if labels else []
    anchors = {0: "start", len(labels) - 1: "end"}
    return format_html_join(
        "",
        '<text class="chart__day" text-anchor="{}" x="{}" y="{}">{}</text>',
        ((anchors.get(place, "middle"), _x(place, len(labels)), HEIGHT - 8, labels[place]) for place in places),
    )


def _path(values: Sequence[int | None], top: int) -> str:
    """Pen up over what is not shown."""
    return " ".join(_strokes(values, top))


def _strokes(values: Sequence[int | None], top: int) -> Iterator[str]:
    down = False
    for place, value in enumerate(values):
        if value is not None:
            yield f"{'L' if down else 'M'}{_x(place, len(values))} {_y(value, top)}"
            if not down and (place + 1 == len(values) or values[place + 1] is None):
                yield "h0.1"  # a point alone is a dot
        down = value is not None


def _x(place: int, count: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * place / max(count - 1, 1), 1)


def _y(value: int, top: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / max(top, 1), 1)


def _last(series: Series) -> int:
    return next((value for value in reversed(series.values) if value is not None), 0)


def _apart(names: list[tuple[float, Series]]) -> list[tuple[float, Series]]:
    """Names that would lie on each other are moved up and down, in order."""
    placed: list[tuple[float, Series]] = []
    for y, each in sorted(names, key=lambda name: name[0], reverse=True):
        placed.append((min(y, placed[-1][0] - APART) if placed else y, each))
    return placed


def _round_up(value: int) -> int:
    """The next of 4, 8, 20, 40, 80, 200 …: its quarters are whole numbers."""
    step = 1
    while True:
        for top in (4 * step, 8 * step, 20 * step):
            if value <= top:
                return top
        step *= 10
