"""When something is due under a law, and each step of the reckoning in words. Questions only; nothing here writes or waits.

Every number comes from the law data; what is counted how, from its `computation_rules`. A due date is a day, and runs to 24:00
in the controller's zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo

from django.utils import timezone

from regimes import calendars, explained
from regimes.clock import Pause
from regimes.explained import Step
from regimes.law import Regime, law
from regimes.periods import BadDeadline
from regimes.places import Place, UnknownRegime, of_home, of_place
from regimes.readings import FLOOR_ID
from regimes.reckoning import NotExtendable, Question, Reckoning, only_code

__all__ = ["BadDeadline", "NotExtendable", "Pause", "Reckoning", "Step", "UnknownKind", "UnknownRegime", "earliest", "reckon"]

FLOOR_RULE = "generic_calendar_no_roll"  # nobody's law: no day off moves it
NEVER = datetime.max.replace(tzinfo=UTC)


class UnknownKind(ValueError):
    """A regime has no such deadline. What a regime leaves without a number is known: its due date is None."""


def reckon(
    regime: str,
    kind: str,
    received: date | datetime,
    *,
    pauses: Iterable[Pause] = (),
    extended: bool | date = False,
    holidays: str | None = None,
    zone: tzinfo | None = None,
) -> Reckoning:
    """When `kind` is due under `regime` (both as in the law data) for what was received then.

    pauses: the waits there were; only those the regime lists move the date. extended: True, or the day on which it was decided.
    holidays: a calendar (regimes.calendars) in place of the rule's own. zone: the controller's; default settings.TIME_ZONE.
    Raises UnknownRegime, UnknownKind, NotExtendable, BadDeadline, calendars.UnknownCalendar, ValueError for impossible waits.
    """
    held, zone = law(), zone or timezone.get_default_timezone()
    if regime not in held.ids:
        raise UnknownRegime(f"No regime is called “{regime}”.")
    wording = held.wording(regime, calendars.day_of(received, zone))
    if kind in wording.entry["deadlines"]:
        return Question(wording, kind, received, zone, holidays).answer(tuple(pauses), extended)
    if not wording.extends:
        known = ", ".join(sorted(wording.entry["deadlines"]))
        raise UnknownKind(f"{regime} has no deadline called “{kind}”; it has {known}.")
    # A regime that lies over another adds to it; where it is silent, the one below speaks, with its own clock.
    calendar = holidays or only_code(wording) or None
    found = reckon(wording.extends, kind, received, pauses=pauses, extended=extended, holidays=calendar, zone=zone)
    return replace(found, steps=[explained.inherited(regime, found.regime), *found.steps])


def earliest(
    place: Place,
    kind: str,
    received: date | datetime,
    *,
    home: str = "",
    pauses: Iterable[Pause] = (),
    extended: bool | date = False,
    holidays: str | None = None,
    zone: tzinfo | None = None,
) -> Reckoning | None:
    """The reckoning that is due first among the regimes that bind on the day: those of the place, those of the brand's home.

    Where no regime of the place has a word on `kind` the global floor (`global-floor`) counts, too. None: nobody has a word.
    home: as in resolver.consent_model. holidays: of the controller's Member State; the other rules keep their own calendars.
    An extension lengthens the time of those that grant one, and of nobody else.
    """
    held, waits, zone = law(), tuple(pauses), zone or timezone.get_default_timezone()
    day = calendars.day_of(received, zone)
    local = [each for each in of_place(held, place, day) if kind in each.entry["deadlines"]]
    at_home = [each for each in of_home(held, home, day) if kind in each.entry["deadlines"]]
    if not local and kind in held.global_floor:
        local = [_floor(kind)]
    asked = {each.id: Question(each, kind, received, zone, None, controllers=holidays) for each in [*local, *at_home]}
    found = [each.answer(waits, extended if each.extension else False) for each in asked.values()]
    binding = [each for each in found if each.in_force]
    return min(binding, key=lambda each: (each.until or NEVER, each.regime), default=None)


def _floor(kind: str) -> Regime:
    entry = {"deadlines": {kind: law().global_floor[kind]}, "clock": {"computation_rule": FLOOR_RULE}}
    return Regime(FLOOR_ID, frozenset(), None, None, "", {}, {}, frozenset(), entry)
