"""Deadlines, extensions and clocks as the law data writes them, taken apart and checked. Reckons nothing.

What is not understood to the last word stops: a unit, a rule, a reason or an instruction nobody has read could move a due date.
Every fault is a BadDeadline, which names the regime, the path in its entry, and the value found there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal

from regimes.calendars import CODE

Unit = Literal["minutes", "hours", "calendar_days", "business_days", "months", "years"]
UNITS: tuple[Unit, ...] = ("minutes", "hours", "calendar_days", "business_days", "months", "years")
# What stands for a number where the law names none.
NO_NUMBER = frozenset({"reasonable", "reasonable_time", "unspecified", "until_recourse_exhausted", "without_delay", "without_undue_delay"})
Effect = Literal["suspend_until_received", "days_between_request_and_reply_not_counted", "clock_starts_on_receipt", "restart"]
EFFECTS: tuple[Effect, ...] = (
    "suspend_until_received",
    "days_between_request_and_reply_not_counted",
    "clock_starts_on_receipt",
    "restart",
)
Why = Literal["identity", "clarification"]

# The reasons for which a clock stands still are prose in the law data. What each is about, reviewed line by line; the second
# figure of a line is how many working days the controller has to ask, where the sentence itself says so.
REASONS: dict[str, tuple[frozenset[Why], int | None]] = {
    "reasonable doubt on identity: additional information requested without undue delay": (frozenset({"identity"}), None),
    "proof of identity requested (Art 12(6))": (frozenset({"identity"}), None),
    "large quantity of data: data subject asked to specify (Recital 63)": (frozenset({"clarification"}), None),
    "information reasonably required to identify the information/processing to which request relates": (
        frozenset({"clarification"}),
        None,
    ),
    # Among the elements of a Mexican request are both what it is about and the papers that show who asks.
    "missing elements: ask within 5 business days, 10 business days to answer": (frozenset({"identity", "clarification"}), 5),
}
# Whose holidays a rule means. None: the controller's Member State, which only the caller knows.
CALENDARS: dict[str, str | None] = {
    "controller's Member State": None,
    "GB-ENG (configurable)": "GB-ENG",
}
# A clock stands still for the answer, and for the refusal that takes its place. Whatever else is owed does not wait for it.
STANDS_STILL_FOR = frozenset({"respond", "refusal_notice"})

PERIOD = frozenset({"value", "unit", "basis", "note", "also", "at_latest", "evidence", "inclusive_of_first_day", "in_force_from", "verify"})
RULE = frozenset({"desc", "clamp_month_end", "roll_forward", "holidays"})
EXTENSION = PERIOD | {"max_total", "notice_within", "reasons_required", "condition"}
PAUSE = frozenset({"reason", "basis", "effect", "verify"})


class BadDeadline(ValueError):
    """Law data that cannot be reckoned with."""

    def __init__(self, regime: str, path: str, value: object, says: str) -> None:
        super().__init__(f"{regime}: {path} is “{value}”: {says}")


@dataclass(frozen=True)
class Period:
    """`value` None: the law names no number, and `unit` is one of NO_NUMBER. 0: at once."""

    value: int | None
    unit: str
    path: str
    basis: str = ""
    inclusive: bool = False  # the first day counts
    in_force_from: date | None = None


@dataclass(frozen=True)
class Rule:
    """How days are counted. `calendar` None: the controller's Member State; "": the rule names none."""

    name: str
    says: str
    clamp: bool
    roll: bool
    calendar: str | None


@dataclass(frozen=True)
class PauseRule:
    reason: str
    about: frozenset[Why]
    effect: Effect
    basis: str
    path: str
    asked_within: int | None  # working days from receipt


@dataclass(frozen=True)
class Extension:
    by: Period
    max_total: Period | None
    notice_within: Period | None


def period(regime: str, path: str, raw: Any) -> Period | None:
    """None where the data says null: no statutory deadline."""
    if raw is None:
        return None
    _only(regime, path, raw, PERIOD)
    return _period(regime, path, raw)


def _period(regime: str, path: str, raw: dict[str, Any]) -> Period:
    value, unit = raw.get("value"), raw.get("unit")
    if value is None and unit not in NO_NUMBER:
        raise BadDeadline(regime, f"{path}.unit", unit, "not a known word for a deadline without a number.")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise BadDeadline(regime, f"{path}.value", value, "not a whole number of 0 or more.")
    if value is not None and unit not in UNITS:
        raise BadDeadline(regime, f"{path}.unit", unit, f"not a unit of time; known are {', '.join(UNITS)}.")
    begins = raw.get("in_force_from")
    return Period(
        value=value,
        unit=str(unit),
        path=path,
        basis=raw.get("basis") or "",
        inclusive=_flag(regime, f"{path}.inclusive_of_first_day", raw.get("inclusive_of_first_day", False)),
        in_force_from=_day(regime, f"{path}.in_force_from", begins) if begins else None,
    )


def extension(regime: str, raw: Any) -> Extension | None:
    if raw is None:
        return None
    _only(regime, "extension", raw, EXTENSION)
    by = _period(regime, "extension", raw)
    total, notice = (period(regime, f"extension.{name}", raw.get(name)) for name in ("max_total", "notice_within"))
    if by.value is not None and total and total.unit != by.unit:
        raise BadDeadline(regime, "extension.max_total.unit", total.unit, f"not the unit of the extension, {by.unit}.")
    return Extension(by, total, notice)


def rule(regime: str, name: Any, rules: dict[str, Any]) -> Rule:
    """`rules`: the data's `computation_rules`."""
    path = "clock.computation_rule"
    if name not in rules:
        raise BadDeadline(regime, path, name, "not one of the computation_rules.")
    raw = rules[name]
    where = f"{path} ({name})"
    _only(regime, where, raw, RULE)
    calendar = raw.get("holidays", "")
    if calendar not in CALENDARS and not (calendar == "" or CODE.fullmatch(str(calendar))):
        raise BadDeadline(regime, f"{where}.holidays", calendar, "no calendar; regimes/periods.py lists the phrases that were read.")
    return Rule(
        name=name,
        says=raw.get("desc") or "",
        # Where nothing is said, the day that is earlier.
        clamp=_flag(regime, f"{where}.clamp_month_end", raw.get("clamp_month_end", True)),
        roll=_flag(regime, f"{where}.roll_forward", raw.get("roll_forward", False)),
        calendar=CALENDARS.get(calendar, calendar),
    )


def pauses(regime: str, clock: Any) -> tuple[PauseRule, ...]:
    """The reasons a regime lists for which its clock stands still, starts later or starts anew."""
    return tuple(_pause(regime, f"clock.pauses[{number}]", raw) for number, raw in enumerate(clock.get("pauses") or ()))


def _pause(regime: str, path: str, raw: Any) -> PauseRule:
    _only(regime, path, raw, PAUSE)
    reason, effect = raw.get("reason"), raw.get("effect")
    if reason not in REASONS:
        raise BadDeadline(regime, f"{path}.reason", reason, "not read yet; regimes/periods.py lists the reasons that were.")
    if effect not in EFFECTS:
        raise BadDeadline(regime, f"{path}.effect", effect, f"not a known effect; known are {', '.join(EFFECTS)}.")
    about, asked_within = REASONS[reason]
    return PauseRule(reason, about, effect, raw.get("basis") or "", path, asked_within)


def problems(entry: dict[str, Any], rules: Any) -> Iterator[str]:
    """Of one regime's entry, a sentence each. For whoever loads the law."""
    regime = entry["id"]
    tables = {"computation_rules": rules, "deadlines": entry.get("deadlines"), "clock": entry.get("clock")}
    if broken := [name for name, table in tables.items() if not isinstance(table, dict)]:
        yield from (f"{regime}: “{name}” is missing or not an object." for name in broken)
        return
    for name, raw in entry["deadlines"].items():
        yield from fault(partial(period, regime, f"deadlines.{name}", raw))
    yield from fault(partial(extension, regime, entry.get("extension")))
    yield from fault(partial(rule, regime, entry["clock"].get("computation_rule"), rules))
    yield from fault(partial(pauses, regime, entry["clock"]))


def fault(reading: Callable[[], object]) -> Iterator[str]:
    """What is wrong with it, if anything."""
    try:
        reading()
    except BadDeadline as error:
        yield str(error)


def _only(regime: str, path: str, raw: Any, known: frozenset[str]) -> None:
    if not isinstance(raw, dict):
        raise BadDeadline(regime, path, raw, "not an object.")
    for name in raw.keys() - known:
        raise BadDeadline(regime, f"{path}.{name}", raw[name], "an instruction nobody has read.")


def _flag(regime: str, path: str, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise BadDeadline(regime, path, raw, "neither true nor false.")
    return raw


def _day(regime: str, path: str, raw: Any) -> date:
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError) as error:
        raise BadDeadline(regime, path, raw, "no date.") from error
