"""Days: working days and days off, months, and where a day ends. Knows no law; `regimes.deadlines` applies what is here.

A calendar is named by its ISO 3166 code: "PL", "US", or with the region, "GB-ENG", "US-CA". "" has no public holidays, only
Saturdays and Sundays. The holidays come from the package `holidays`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

DAY = timedelta(days=1)
SATURDAY = 5
ANY_YEAR = 2026  # whether a code is known does not depend on it
CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


class UnknownCalendar(ValueError):
    """No public holidays are known under this code."""


@lru_cache(maxsize=256)
def public_holidays(code: str, year: int) -> Mapping[date, str]:
    """The public holidays of a year, with their English names where the package has them."""
    if not code:
        return {}
    if not CODE.fullmatch(code):
        raise UnknownCalendar(f"“{code}” is no calendar: name a country or a region by its ISO 3166 code, PL or US-CA.")
    # Half a second that only those pay who reckon a deadline.
    from holidays import country_holidays

    country, _, region = code.partition("-")
    try:
        found = country_holidays(country, subdiv=region or None, years=year, language="en_US")
    except NotImplementedError as error:
        raise UnknownCalendar(f"No public holidays are known for “{code}”.") from error
    return dict(found)


def check(code: str) -> None:
    """Raises UnknownCalendar for a code whose holidays nobody knows."""
    public_holidays(code, ANY_YEAR)


def holiday(day: date, code: str) -> str:
    """The name of the public holiday, "" on other days."""
    return public_holidays(code, day.year).get(day, "")


def is_working_day(day: date, code: str) -> bool:
    return day.weekday() < SATURDAY and not holiday(day, code)


def from_day(day: date) -> Iterator[date]:
    while True:
        yield day
        day += DAY


def next_working_day(day: date, code: str) -> date:
    """The day itself if it is one."""
    return next(each for each in from_day(day) if is_working_day(each, code))


def add_working_days(day: date, count: int, code: str, *, counting_it: bool = False, without: frozenset[date] = frozenset()) -> date:
    """The last of `count` working days (one at least), of which the first is after `day`, or is `day` when that counts.
    Days in `without` are not counted."""
    working = (each for each in from_day(day if counting_it else day + DAY) if each not in without and is_working_day(each, code))
    return next(each for number, each in enumerate(working, 1) if number == count)


def add_months(day: date, months: int, *, clamp: bool = True) -> date:
    """The day of the same number. Where the month has none: its last day, or, not clamped, the first of the month after."""
    year, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, index + 1)[1]
    if day.day <= last:
        return date(year, index + 1, day.day)
    end = date(year, index + 1, last)
    return end if clamp else end + DAY


def day_of(moment: date | datetime, zone: tzinfo) -> date:
    """The calendar day in the zone. A moment without a zone is taken as the zone's own."""
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def end_of(day: date, zone: tzinfo) -> datetime:
    """24:00 of the day in the zone: the first moment that is too late. Aware; its day may be 23 or 25 hours long."""
    return datetime.combine(day + DAY, time.min, tzinfo=zone)
