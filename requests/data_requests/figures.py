"""How requests were answered in a year: received, done, done in part, denied, and how long it took (CCPA regulations 7102)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import fmean, median
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from brands.sheets import csv_lines
from consents.models import SignedOutOptOut
from data_requests.kinds import KINDS
from data_requests.models import OptOutCount, Request
from data_requests.models.request import LOG_DAYS
from data_requests.states import State

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

KEPT = 3600  # seconds: a page that everybody may read counts once an hour
FIRST = ("delete", "correct", "copy", "limit")  # what 7102(a)(1) asks for comes first
OTHER = tuple(kind for kind in KINDS if kind not in FIRST)


@dataclass
class Line:
    """One kind of request. `ended`: withdrawn by the person, or never proven."""

    kind: str
    title: StrOrPromise
    received: int = 0
    whole: int = 0
    in_part: int = 0
    denied: int = 0
    ended: int = 0
    still_open: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def median(self) -> float | None:
        return median(self.days) if self.days else None

    @property
    def mean(self) -> float | None:
        return round(fmean(self.days), 1) if self.days else None


@dataclass(frozen=True)
class OptOuts:
    """Of sale and sharing, or of sensitive data: by people signed in, without a sign-in, and by a browser's signal."""

    scope: str
    title: StrOrPromise
    said: int
    signed_out: int
    signals: int

    @property
    def all(self) -> int:
        return self.said + self.signed_out + self.signals


@dataclass(frozen=True)
class Figures:
    year: int
    lines: list[Line]
    opt_outs: list[OptOuts]


COLUMN: dict[str, str] = {State.FULFILLED: "whole", State.PARTLY_FULFILLED: "in_part", State.REFUSED: "denied"}
ENDED = frozenset({State.WITHDRAWN, State.EXPIRED_UNVERIFIED})


def figures(brand: Brand, year: int) -> Figures:
    """Of what was received in that year."""
    lines = {kind: Line(kind, KINDS[kind].title) for kind in (*FIRST, *OTHER)}
    received = Request.objects.filter(brand=brand, received_on__gte=date(year, 1, 1), received_on__lt=date(year + 1, 1, 1))
    for kind, state, came, closed in received.values_list("kind", "state", "received_on", "closed_at").iterator():
        line = lines[kind]
        line.received += 1
        column = COLUMN.get(state) or ("ended" if state in ENDED else "still_open")
        setattr(line, column, getattr(line, column) + 1)
        if state in COLUMN:
            line.days.append((timezone.localdate(closed) - came).days)
    return Figures(year, list(lines.values()), [_opt_outs(brand, year, "sale"), _opt_outs(brand, year, "sensitive")])


def _opt_outs(brand: Brand, year: int, scope: str) -> OptOuts:
    title = {"sale": _("Opt-out of sale and sharing"), "sensitive": _("Limit of sensitive data")}[scope]
    days = {"brand": brand, "day__gte": date(year, 1, 1), "day__lt": date(year + 1, 1, 1), "scope": scope}
    counted = dict(OptOutCount.objects.filter(**days).values_list("signal").annotate(Sum("count")))
    signed_out = SignedOutOptOut.objects.filter(**days).aggregate(sum=Sum("count"))["sum"] or 0
    return OptOuts(scope, title, counted.get(False, 0), signed_out, counted.get(True, 0))


def public_figures(brand: Brand, year: int) -> Figures:
    """The same, counted once an hour at most."""
    place = f"figures.{brand.key}.{year}"
    found: Figures | None = cache.get(place)
    if found is None:
        found = figures(brand, year)
        cache.set(place, found, KEPT)
    return found


def years(brand: Brand) -> list[int]:
    """Of which the log is whole still, from the first request on; the newest first. Figures of a year that is partly deleted would lie."""
    first = Request.objects.filter(brand=brand).order_by("received_on").values_list("received_on", flat=True).first()
    today = timezone.localdate()
    since = range(today.year, (first.year if first else today.year) - 1, -1)
    whole = [year for year in since if date(year, 1, 1) + timedelta(days=LOG_DAYS) > today]
    return whole or [today.year]


COLUMNS = ("what", "received", "complied_in_whole", "complied_in_part", "denied", "ended", "open", "median_days", "mean_days")


def as_csv(found: Figures) -> Iterator[str]:
    return csv_lines(COLUMNS, _rows(found))


def _rows(found: Figures) -> Iterable[list[str]]:
    for line in found.lines:
        numbers = (line.received, line.whole, line.in_part, line.denied, line.ended, line.still_open)
        yield [line.kind, *map(str, numbers), *("" if value is None else str(value) for value in (line.median, line.mean))]
    for each in found.opt_outs:
        # Each is carried out at once, and none is denied.
        yield [f"opt_out_{each.scope}", str(each.all), str(each.all), "0", "0", "0", "0", "0", "0"]
        yield [f"opt_out_{each.scope}_by_signal", str(each.signals), str(each.signals), "0", "0", "0", "0", "0", "0"]
