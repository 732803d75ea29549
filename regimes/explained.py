"""The sentences in which a reckoning is told, so that a person with a wall calendar can check it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from regimes.calendars import SATURDAY, holiday
from regimes.periods import Period, Rule, Why


@dataclass(frozen=True)
class Step:
    """`day`: the day the step arrives at, if it arrives at one. `basis`: the law's own place or words, as the data has them."""

    day: date | None
    text: str
    basis: str = ""


def told(day: date) -> str:
    """28 February 2026 (Saturday)"""
    return date_format(day, "j E Y (l)")


def span(value: int, unit: str) -> str:
    said = {
        "minutes": ngettext("%(n)d minute", "%(n)d minutes", value),
        "hours": ngettext("%(n)d hour", "%(n)d hours", value),
        "calendar_days": ngettext("%(n)d calendar day", "%(n)d calendar days", value),
        "business_days": ngettext("%(n)d working day", "%(n)d working days", value),
        "months": ngettext("%(n)d month", "%(n)d months", value),
        "years": ngettext("%(n)d year", "%(n)d years", value),
    }
    return said[unit] % {"n": value}


def no_number(unit: str) -> str:
    return {
        "reasonable": gettext("within a reasonable time"),
        "reasonable_time": gettext("within a reasonable time"),
        "unspecified": gettext("for as long as is needed and was told to the person"),
        "until_recourse_exhausted": gettext("until every way to contest the answer is closed"),
        "without_delay": gettext("without delay"),
        "without_undue_delay": gettext("without undue delay"),
    }[unit]


def received(day: date, starts: str) -> Step:
    return Step(day, gettext("Received on %(day)s.") % {"day": told(day)}, starts)


def inherited(regime: str, base: str) -> Step:
    return Step(None, gettext("%(regime)s has no word of its own on this; %(base)s holds.") % {"regime": regime, "base": base})


def not_binding(regime: str, begins: date | None, received: date) -> Step:
    if begins and begins > received:
        text = gettext("%(regime)s binds nobody in this before %(day)s. What follows is reckoned as if it did.")
        return Step(begins, text % {"regime": regime, "day": told(begins)})
    text = gettext("%(regime)s no longer binds anybody. What follows is reckoned as if it did.")
    return Step(None, text % {"regime": regime})


def no_deadline() -> Step:
    return Step(None, gettext("The law sets no deadline for this."))


def given(period: Period) -> Step:
    if period.value is None:
        said = {"how": no_number(period.unit)}
        return Step(None, gettext("The law sets no deadline in numbers; its words are: %(how)s.") % said, period.basis)
    if period.value == 0:
        return Step(None, gettext("The law gives no time: it is due at once."), period.basis)
    return Step(None, gettext("The law gives %(span)s.") % {"span": span(period.value, period.unit)}, period.basis)


def extended(by: Period, total: Period, latest: date) -> Step:
    assert by.value is not None
    assert total.value is not None
    text = gettext("Extended by %(by)s to %(total)s in all. The person is told, with the reasons, by %(day)s.")
    said = {"by": span(by.value, by.unit), "total": span(total.value, total.unit), "day": told(latest)}
    return Step(latest, text % said, by.basis)


def extended_without_number(by: Period, latest: date) -> Step:
    text = gettext("Extended; for how long, the law does not say. The person is told the new date by %(day)s.")
    return Step(latest, text % {"day": told(latest)}, by.basis)


def first_day(day: date, inclusive: bool) -> Step:
    if inclusive:
        return Step(day, gettext("The first day counts: %(day)s.") % {"day": told(day)})
    return Step(day, gettext("The day itself is not counted; the first day is %(day)s.") % {"day": told(day + timedelta(days=1))})


def last_day(end: date, rule: Rule, *, same_number: bool, clamped: bool) -> Step:
    text = gettext("The last day is %(day)s.")
    if clamped:
        text = gettext("The last month has no day of that number; its last day is %(day)s.")
    elif same_number:
        text = gettext("The time ends on the day of the same number: %(day)s.")
    return Step(end, text % {"day": told(end)}, rule.says)


def days_off(calendar: str, start: date, end: date) -> Step:
    """Which days on the way were no working days. Weekends are not listed one by one."""
    if not calendar:
        return Step(None, gettext("No calendar of public holidays is named: only Saturdays and Sundays are days off."))
    days = (start + timedelta(days=number) for number in range((end - start).days + 1))
    found = [f"{told(day)}, {holiday(day, calendar)}" for day in days if holiday(day, calendar) and day.weekday() < SATURDAY]
    if not found:
        text = gettext("Saturdays and Sundays are days off; no public holiday of %(calendar)s falls on another day in this time.")
        return Step(None, text % {"calendar": calendar})
    text = gettext("Saturdays and Sundays are days off, and these public holidays of %(calendar)s: %(days)s.")
    return Step(None, text % {"calendar": calendar, "days": "; ".join(found)})


def rolled(end: date, due: date, calendar: str) -> Step:
    name = holiday(end, calendar)
    said = {"day": told(end), "name": name, "due": told(due)}
    if name:
        return Step(due, gettext("%(day)s is a public holiday (%(name)s); the time ends on the next working day, %(due)s.") % said)
    return Step(due, gettext("%(day)s is a day off; the time ends on the next working day, %(due)s.") % said)


def waited(why: Why, asked: date, answered: date | None) -> str:
    said = {"asked": told(asked), "answered": told(answered or asked)}
    if why == "identity" and answered is None:
        return gettext("Proof of identity was asked for on %(asked)s and is not there yet.") % said
    if why == "identity":
        return gettext("Proof of identity was asked for on %(asked)s and came on %(answered)s.") % said
    if answered is None:
        return gettext("It was asked on %(asked)s what exactly is meant; there is no answer yet.") % said
    return gettext("It was asked on %(asked)s what exactly is meant, and answered on %(answered)s.") % said


def not_known_yet() -> str:
    return gettext("Until then the clock stands still.")


def not_counted(days: int) -> str:
    return ngettext("%(n)d day is not counted.", "%(n)d days are not counted.", days) % {"n": days}


def starts_on(day: date) -> str:
    return gettext("The time is counted from %(day)s.") % {"day": told(day)}


def no_pause(regime: str, waited: str, basis: str) -> Step:
    return Step(None, joined(waited, gettext("%(regime)s lists no pause for this: the due date stays.") % {"regime": regime}), basis)


def asked_too_late(waited: str, basis: str) -> Step:
    return Step(None, joined(waited, gettext("It was asked too late: the due date stays.")), basis)


def until(due: date, end: datetime, zone: tzinfo) -> Step:
    said = {"day": told(due), "zone": str(zone)}
    if end.hour or end.minute:
        return Step(due, gettext("It runs until %(time)s on %(day)s (%(zone)s).") % {**said, "time": end.strftime("%H:%M")})
    return Step(due, gettext("It runs until 24:00 on %(day)s (%(zone)s).") % said)


def joined(*sentences: str) -> str:
    return " ".join(sentences)
