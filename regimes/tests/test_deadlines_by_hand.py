"""A second opinion on every deadline: a walk from day to day with a wall calendar, which shares no line with regimes/."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import holidays
import pytest

from regimes.actions import SHIPPED
from regimes.deadlines import Pause, reckon

pytestmark = pytest.mark.django_db

LAW = json.loads(SHIPPED.read_text(encoding="utf-8"))
REGIMES = {entry["id"]: entry for entry in LAW["regimes"]}
DEADLINES = [(name, kind) for name, entry in REGIMES.items() for kind, period in entry["deadlines"].items() if period and period["value"]]
IN_DAYS = [(name, kind) for name, kind in DEADLINES if REGIMES[name]["deadlines"][kind]["unit"] not in ("hours", "minutes")]
FIRST, DAYS, A_DAY = date(2027, 2, 1), 365, timedelta(days=1)  # the year has a 29 February and an Easter in it, counted from either end
WALLS = {name: holidays.country_holidays(name[:2], subdiv=name[3:] or None) for name in ("PL", "GB-ENG", "US", "US-CA", "CA", "MX", "NZ")}


@dataclass
class Walker:
    """Stands on a day, looks at the wall calendar, and takes one step at a time."""

    rule: dict[str, Any]
    wall: Any
    stopped: set[date]

    def works(self, day: date) -> bool:
        return day.isoweekday() not in (6, 7) and (self.wall is None or day not in self.wall)

    def walk(self, start: date, value: int, unit: str, inclusive: bool) -> date:
        day, stopped = start, sorted(each for each in self.stopped if each > start)
        if unit == "business_days":
            left = value - (1 if inclusive and self.works(day) else 0)
            while left:
                day += A_DAY
                left -= self.works(day) and day not in stopped
        elif unit == "calendar_days":
            for _ in range(value - inclusive + len(stopped)):
                day += A_DAY
        else:
            day = self.months_on(day, value * {"months": 1, "years": 12}[unit])
            for _ in stopped:
                day += A_DAY
            day -= A_DAY * inclusive
        while self.rule.get("roll_forward") and not self.works(day):
            day += A_DAY
        return day

    def months_on(self, day: date, months: int) -> date:
        """Turns one page of the calendar after another; on the last, looks for the number."""
        number = day.day
        for _ in range(months):
            here = day.month
            while day.month == here:
                day += A_DAY
        page = day.month
        while day.day != number:
            if (day + A_DAY).month != page:
                return day if self.rule.get("clamp_month_end", True) else day + A_DAY
            day += A_DAY
        return day


def walker(name: str, *, stopped: Iterable[date] = ()) -> Walker:
    entry = REGIMES[name]
    rule = LAW["computation_rules"][entry["clock"]["computation_rule"]]
    wall = {"controller's Member State": "PL", "GB-ENG (configurable)": "GB-ENG", "US-CA": "US-CA", "US": "US"}.get(rule.get("holidays"))
    if wall is None and entry["jurisdictions"][0] in WALLS and "business" in entry["clock"]["computation_rule"]:
        wall = entry["jurisdictions"][0]
    return Walker(rule, WALLS.get(wall or ""), set(stopped))


def some_days(name: str, number: int) -> list[date]:
    chance = random.Random(f"{name} 20271")
    return [FIRST + timedelta(days=chance.randrange(DAYS)) for _ in range(number)]


def controllers(name: str) -> str | None:
    return "PL" if REGIMES[name]["clock"]["computation_rule"] == "eu_1182_71" else None


def test_the_year_has_what_trips_a_calendar():
    last = FIRST + timedelta(days=DAYS + 31)
    assert any((FIRST + timedelta(days=each)).day == 31 for each in range(DAYS))
    assert last > date(2028, 2, 29)
    assert len(IN_DAYS) > 100
    assert {REGIMES[name]["deadlines"][kind]["unit"] for name, kind in IN_DAYS} == {"calendar_days", "business_days", "months", "years"}


@pytest.mark.parametrize(("name", "kind"), IN_DAYS, ids=["-".join(each) for each in IN_DAYS])
def test_both_come_to_the_same_day(name, kind):
    period, by_hand = REGIMES[name]["deadlines"][kind], walker(name)
    for received in [*some_days(name + kind, 25), date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29)]:
        expected = by_hand.walk(received, period["value"], period["unit"], period.get("inclusive_of_first_day", False))
        assert reckon(name, kind, received, holidays=controllers(name)).due == expected, received


EXTENDED = [name for name, entry in REGIMES.items() if entry["extension"] and entry["extension"]["value"]]


@pytest.mark.parametrize("name", EXTENDED)
def test_both_come_to_the_same_day_when_it_is_extended(name):
    period, longer, by_hand = REGIMES[name]["deadlines"]["respond"], REGIMES[name]["extension"], walker(name)
    assert longer["max_total"]["value"] == period["value"] + longer["value"]
    for received in some_days(name, 25):
        expected = by_hand.walk(received, longer["max_total"]["value"], longer["max_total"]["unit"], False)
        found = reckon(name, "respond", received, holidays=controllers(name), extended=True)
        assert found.due == expected, received
        assert found.extend_by == by_hand.walk(received, longer["notice_within"]["value"], longer["notice_within"]["unit"], False)


@pytest.mark.parametrize("name", sorted(REGIMES))
def test_both_come_to_the_same_day_when_there_were_waits(name):
    """A wait for what exactly is meant, some days after receipt. Only two regimes leave its days out, one begins anew."""
    period = REGIMES[name]["deadlines"].get("respond")
    if not period or not period["value"]:
        assert name in {"eu-eprivacy", "us-coppa", "us-can-spam", "us-tcpa", "ca-casl", "jp-appi"}
        return
    chance = random.Random(name)
    for received in some_days(name, 15):
        asked = received + timedelta(days=chance.randrange(4))
        answered = asked + timedelta(days=chance.randrange(40))
        between = {received + timedelta(days=each) for each in range(60) if asked < received + timedelta(days=each) <= answered}
        stopped = between if name in ("eu-gdpr", "uk-gdpr") else set()
        start = answered if name == "mx-lfpdppp" else received
        expected = walker(name, stopped=stopped).walk(start, period["value"], period["unit"], False)
        waits = [Pause("clarification", asked, answered)]
        assert reckon(name, "respond", received, holidays=controllers(name), pauses=waits).due == expected, (received, asked, answered)


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name, entry in REGIMES.items() for kind, period in entry["deadlines"].items() if not period or not period["value"]],
)
def test_what_has_no_number_is_due_at_once_or_never(name, kind):
    period = REGIMES[name]["deadlines"][kind]
    for received in some_days(name, 3):
        assert reckon(name, kind, received).due == (received if period and period["value"] == 0 else None)
