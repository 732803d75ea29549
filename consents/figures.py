"""The figures of a brand, from the roll-ups alone: how people stand, how that went over time, by language and place, and what came after a
mail. Groups of fewer than FEWEST people are not told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from itertools import accumulate
from operator import or_
from typing import Any

from django.db.models import Q, Sum

from brands.models import Brand
from consents.models import ChoiceDay, PeopleDay
from consents.words import read_at, title_now

FEWEST = 10
STEPS = 52  # points of a line at most
AFTER = timedelta(days=7)  # as long before and after a mail as its withdrawals are counted
WIDE = "*"


@dataclass(frozen=True)
class Standing:
    """One use on one channel. None: a group too small to show."""

    purpose: str
    channel: str
    title: str
    allowed: int | None
    refused: int | None
    undecided: int | None


@dataclass(frozen=True)
class Point:
    day: date
    allowed: int | None
    refused: int | None
    undecided: int | None


@dataclass(frozen=True)
class Share:
    """Decisions by language, or by place."""

    name: str
    yes: int | None
    no: int | None
    taken_back: int | None


def told(count: int | None) -> int | None:
    """None where so few people would be told apart."""
    return None if count is None or 0 < count < FEWEST else count


def people(brand: Brand, until: date | None = None) -> int:
    rows = PeopleDay.objects.filter(brand=brand, **({"day__lte": until} if until else {}))
    found = rows.aggregate(came=Sum("came", default=0), went=Sum("went", default=0))
    return int(found["came"] - found["went"])


def standing(brand: Brand) -> list[Standing]:
    """Every use that anybody has decided on, and the wide words, as they stand. Two queries."""
    everybody = people(brand)
    rows = (
        ChoiceDay.objects.filter(brand=brand)
        .values("purpose", "channel")
        .annotate(allowed=Sum("allowed"), refused=Sum("refused"))
        .order_by("purpose", "channel")
    )
    return [_standing(brand, row, everybody) for row in rows]


def _standing(brand: Brand, row: Mapping[str, Any], everybody: int) -> Standing:
    purpose, channel, allowed, refused = row["purpose"], row["channel"], row["allowed"], row["refused"]
    undecided = max(everybody - allowed - refused, 0)
    title = purpose if purpose.startswith(WIDE) else title_now_at(brand, purpose, channel)
    return Standing(purpose, channel, title, told(allowed), told(refused), told(undecided))


def title_now_at(brand: Brand, purpose: str, channel: str) -> str:
    with read_at(brand):
        return title_now(purpose, channel)


def over_time(brand: Brand, purpose: str, channel: str, since: date, until: date) -> list[Point]:
    """At the end of each step: days, weeks or longer, so that a line has STEPS points at most. Four queries."""
    steps = _steps(since, until)
    words = ChoiceDay.objects.filter(brand=brand, purpose=purpose, channel=channel, day__lte=until)
    before = words.filter(day__lt=since).aggregate(allowed=Sum("allowed", default=0), refused=Sum("refused", default=0))
    by_day = words.filter(day__gte=since).values("day").annotate(allowed=Sum("allowed"), refused=Sum("refused"))
    came = PeopleDay.objects.filter(brand=brand, day__gte=since, day__lte=until).values_list("day", "came", "went")
    allowed, refused, present = ([0] * len(steps) for _each in range(3))
    for row in by_day:
        place = _place(row["day"], steps)
        allowed[place] += row["allowed"]
        refused[place] += row["refused"]
    for day, more, fewer in came:
        present[_place(day, steps)] += more - fewer
    allowed[0] += before["allowed"]
    refused[0] += before["refused"]
    present[0] += people(brand, since - timedelta(days=1))
    lines = zip(steps, accumulate(allowed), accumulate(refused), accumulate(present), strict=True)
    return [Point(day, told(yes), told(no), told(max(all_of_them - yes - no, 0))) for day, yes, no, all_of_them in lines]


def _steps(since: date, until: date) -> list[date]:
    """The last day of each step, the last of them `until`."""
    days = (until - since).days + 1
    length = -(-days // STEPS)
    return [until - timedelta(days=length * back) for back in range((days - 1) // length, -1, -1)]


def _place(day: date, steps: list[date]) -> int:
    length = (steps[1] - steps[0]).days if len(steps) > 1 else 1
    return max(len(steps) - 1 - (steps[-1] - day).days // length, 0)


def shares(brand: Brand, by: str, since: date, until: date, purpose: str = "", channel: str = "") -> list[Share]:
    """Decisions `by` "language" or "place", of one use or of all. One query."""
    wanted = Q(brand=brand, day__gte=since, day__lte=until)
    if purpose:
        wanted &= Q(purpose=purpose, channel=channel)
    rows = ChoiceDay.objects.filter(wanted).values(by).annotate(yes=Sum("yes"), no=Sum("no"), taken_back=Sum("taken_back")).order_by(by)
    return [Share(row[by], told(row["yes"]), told(row["no"]), told(row["taken_back"])) for row in rows if row["yes"] or row["no"]]


def taken_back_around(brand: Brand, days: Sequence[date]) -> list[tuple[int | None, int | None]]:
    """Of each day: yeses taken back in the week before, and in the week from it. One query for all of them."""
    near = [Q(day__gte=day - AFTER, day__lt=day + AFTER) for day in days]
    if not near:
        return []
    rows = ChoiceDay.objects.filter(reduce(or_, near), brand=brand, taken_back__gt=0).values("day").annotate(count=Sum("taken_back"))
    counts = {row["day"]: row["count"] for row in rows}
    return [(_within(counts, day - AFTER, day), _within(counts, day, day + AFTER)) for day in days]


def _within(counts: Mapping[date, int], since: date, before: date) -> int | None:
    return told(sum(count for day, count in counts.items() if since <= day < before))
