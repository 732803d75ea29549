"""When a day begins in a country: where law hangs on a birthday, the last of its time zones to get there decides."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

NOWHERE = "Etc/GMT+12"  # the last place on earth: for a country that the time-zone database does not know


@lru_cache(maxsize=1)
def _zones() -> dict[str, tuple[str, ...]]:
    """Country (ISO 3166-1 alpha-2) -> its time zones: zone.tab of the IANA database, whose lines are code, coordinates, zone, remark."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _where, zone = line.split("\t")[:3]
            found[code].append(zone)
    return {code: tuple(zones) for code, zones in found.items()}


@lru_cache(maxsize=4096)
def start_of(day: date, country: str) -> datetime:
    """The moment from which it is that day, or later, everywhere in the country."""
    midnight = datetime(day.year, day.month, day.day)
    return max(midnight.replace(tzinfo=ZoneInfo(zone)) for zone in _zones().get(country.upper(), (NOWHERE,)))


def day_in(country: str, at: datetime) -> date:
    """The date that the country's last time zone has at that moment."""
    day: date = at.date() + timedelta(days=1)
    while start_of(day, country) > at:
        day -= timedelta(days=1)
    return day


def birthday(birth_date: date, years: int) -> date:
    """The day on which somebody becomes that old; born on 29 February, in a year without one, on 1 March."""
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 3, 1)


def age_on(birth_date: date, on: date) -> int:
    """Completed years."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
