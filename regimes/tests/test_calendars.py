from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from regimes import calendars
from regimes.calendars import UnknownCalendar, add_months, add_working_days, day_of, end_of, holiday, is_working_day, next_working_day

WARSAW = ZoneInfo("Europe/Warsaw")


def easter(year: int) -> date:
    """Gauss, for the years from 2000 to 2099."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    if moon == 29 and sunday == 6 or moon == 28 and sunday == 6 and year % 19 > 10:
        sunday -= 7
    return date(year, 3, 22) + timedelta(days=moon + sunday)


def polish_holidays(year: int) -> set[date]:
    """Act of 18 January 1951 on days off from work, as it stands since Christmas Eve was added in 2025."""
    fixed = {(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)} | ({(12, 24)} if year >= 2025 else set())
    moving = {easter(year) + timedelta(days=days) for days in (0, 1, 49, 60)}
    return {date(year, *each) for each in fixed} | moving


def nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


@pytest.mark.parametrize("year", range(2024, 2036))
def test_polish_holidays_are_those_of_the_act_it_reckons_easter_by_itself(year):
    assert set(calendars.public_holidays("PL", year)) == polish_holidays(year)


@pytest.mark.parametrize("year", range(2026, 2032))
def test_american_federal_holidays_are_those_of_the_code_it_names_them_in_5_usc_6103(year):
    monday, thursday = 0, 3
    moving = {
        nth(year, 1, monday, 3),
        nth(year, 2, monday, 3),
        nth(year, 9, monday, 1),
        nth(year, 10, monday, 2),
        nth(year, 11, thursday, 4),
    }
    assert {day for day in moving if not holiday(day, "US")} == set()
    assert holiday(date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday()), "US") == "Memorial Day"
    assert all(holiday(date(year, *each), "US") for each in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)))


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("GB-ENG", date(2026, 12, 28), "Boxing Day (observed)"),
        ("GB-ENG", date(2026, 8, 31), "Late Summer Bank Holiday"),
        ("GB-SCT", date(2026, 8, 31), ""),
        ("US-CA", date(2026, 3, 31), "Cesar Chavez Day"),
        ("US", date(2026, 3, 31), ""),
        ("PL", date(2026, 6, 4), "Corpus Christi"),
        ("", date(2026, 12, 25), ""),
    ],
)
def test_each_calendar_has_its_own_holidays(code, day, name):
    assert holiday(day, code) == name


@pytest.mark.parametrize("code", ["XX", "US-ZZ", "pl", "Poland", "P", "../PL", "PL-", "US-CA-LA"])
def test_an_unknown_calendar_is_an_error_that_names_it(code):
    with pytest.raises(UnknownCalendar, match=code):
        calendars.check(code)


def test_without_a_calendar_weekends_alone_are_days_off():
    assert is_working_day(date(2026, 12, 25), "")
    assert not is_working_day(date(2026, 12, 26), "")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 12, 15), 0, date(2026, 12, 15)),
    ],
)
def test_a_month_ends_on_the_day_of_the_same_number_or_on_its_last(day, months, expected):
    assert add_months(day, months) == expected


def test_a_month_that_is_not_clamped_runs_over_into_the_next():
    assert add_months(date(2028, 2, 29), 12, clamp=False) == date(2029, 3, 1)
    assert add_months(date(2026, 1, 31), 1, clamp=False) == date(2026, 3, 1)
    assert add_months(date(2026, 1, 28), 1, clamp=False) == date(2026, 2, 28)


def test_it_moves_on_over_easter_to_the_next_working_day():
    assert next_working_day(date(2026, 4, 4), "PL") == date(2026, 4, 7)
    assert next_working_day(date(2026, 4, 7), "PL") == date(2026, 4, 7)
    assert next_working_day(date(2026, 12, 24), "PL") == date(2026, 12, 28)


def test_working_days_are_counted_from_the_next_day_or_with_the_first():
    monday = date(2026, 11, 23)
    assert add_working_days(monday, 1, "US") == date(2026, 11, 24)
    assert add_working_days(monday, 1, "US", counting_it=True) == monday
    assert add_working_days(monday, 3, "US") == date(2026, 11, 27)  # the 26th is Thanksgiving
    assert add_working_days(date(2026, 11, 28), 1, "US", counting_it=True) == date(2026, 11, 30)  # a Saturday is none
    assert add_working_days(monday, 1, "US", without=frozenset({date(2026, 11, 24)})) == date(2026, 11, 25)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)])
def test_a_day_ends_at_24_of_its_zone_though_the_clocks_change(day, hours):
    length = end_of(day, WARSAW).astimezone(UTC) - end_of(day - timedelta(days=1), WARSAW).astimezone(UTC)
    assert length == timedelta(hours=hours)


def test_a_moment_belongs_to_the_day_of_the_zone():
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # half past midnight in Warsaw, half past three in the afternoon in California
    assert day_of(late, WARSAW) == date(2026, 3, 29)
    assert day_of(late, ZoneInfo("America/Los_Angeles")) == date(2026, 3, 28)
    assert day_of(datetime(2026, 3, 28, 23, 30), WARSAW) == date(2026, 3, 28)
    assert day_of(date(2026, 3, 28), WARSAW) == date(2026, 3, 28)
