"""A clock that counts by one regime's rule: days, working days or months from a day, with the waits that make it stand still.

Where the data leaves something open, the earlier date is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from regimes import calendars, explained
from regimes.explained import Step
from regimes.periods import PauseRule, Period, Rule, Why

MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Pause:
    """A wait for the person, from the day the question was put to the day of the answer; None while there is none."""

    why: Why
    asked: date
    answered: date | None

    def __post_init__(self) -> None:
        if self.answered and self.answered < self.asked:
            raise ValueError(f"Answered on {self.answered}, before it was asked on {self.asked}.")


@dataclass(frozen=True)
class Run:
    """One way through the calendar. `end`: the last day counted; `due`: the same, or the working day it moved on to.

    `waiting`: the clock stands still at the end, so that neither is known yet. `used`: paths of the pauses that moved it.
    """

    start: date
    still: frozenset[date]
    end: date
    due: date
    clamped: bool
    waiting: bool = False
    steps: tuple[Step, ...] = ()
    used: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """`calendar`: regimes.calendars. `pauses`: those the regime lists; `note`: what it says of its clock beside them."""

    regime: str
    day: date
    calendar: str
    rule: Rule
    pauses: tuple[PauseRule, ...]
    note: str

    def run(self, period: Period, waits: Iterable[Pause]) -> Run:
        """A wait counts if the regime lists it and the question was put before the time was over. `waits` in their order."""
        run = self._counted(period, self.day, frozenset())
        for wait in waits:
            run = self._waited(run, period, wait)
            if run.waiting:
                break
        return run

    def told(self, run: Run, period: Period) -> tuple[Step, ...]:
        """The steps from the first day to the last."""
        steps = [explained.first_day(run.start, period.inclusive)]
        if period.unit == "business_days" or self.rule.roll:
            steps.append(explained.days_off(self.calendar, run.start, run.due))
        same = run.end.day == run.start.day and period.unit in {"months", "years"}
        steps.append(explained.last_day(run.end, self.rule, same_number=same, clamped=run.clamped and not run.still))
        if run.due != run.end:
            steps.append(explained.rolled(run.end, run.due, self.calendar))
        return tuple(steps)

    def _waited(self, run: Run, period: Period, wait: Pause) -> Run:
        said = explained.waited(wait.why, wait.asked, wait.answered)
        pause = next((each for each in self.pauses if wait.why in each.about), None)
        if pause is None:
            return replace(run, steps=(*run.steps, explained.no_pause(self.regime, said, self.note)))
        basis = pause.basis or pause.reason
        if wait.asked > run.due or self._asked_too_late(wait, pause):
            return replace(run, steps=(*run.steps, explained.asked_too_late(said, basis)))
        used = (*run.used, pause.path)
        if wait.answered is None:
            still = Step(wait.asked, explained.joined(said, explained.not_known_yet()), basis)
            return replace(run, waiting=True, steps=(*run.steps, still), used=used)
        if pause.effect in {"clock_starts_on_receipt", "restart"}:
            later = self._counted(period, max(run.start, wait.answered), run.still)
            news = explained.starts_on(later.start)
        else:
            later = self._counted(period, run.start, run.still | _days_between(wait.asked, wait.answered))
            news = explained.not_counted(len(later.still) - len(run.still))
        step = Step(wait.answered, explained.joined(said, news), basis)
        return replace(later, steps=(*run.steps, step), used=used)

    def _asked_too_late(self, wait: Pause, pause: PauseRule) -> bool:
        if pause.asked_within is None:
            return False
        return wait.asked > calendars.add_working_days(self.day, pause.asked_within, self.calendar)

    def _counted(self, period: Period, start: date, still: frozenset[date]) -> Run:
        """The last day of the period from `start` on, the days in `still` left out."""
        assert period.value
        still = frozenset(day for day in still if day > start)
        clamped = False
        if period.unit == "business_days":
            end = calendars.add_working_days(start, period.value, self.calendar, counting_it=period.inclusive, without=still)
        elif period.unit == "calendar_days":
            end = start + timedelta(days=period.value + len(still) - period.inclusive)
        else:
            months = period.value * (MONTHS_A_YEAR if period.unit == "years" else 1)
            same = calendars.add_months(start, months, clamp=self.rule.clamp)
            clamped = self.rule.clamp and same.day != start.day
            end = same + timedelta(days=len(still) - period.inclusive)
        due = calendars.next_working_day(end, self.calendar) if self.rule.roll else end
        return Run(start, still, end, due, clamped)


def _days_between(asked: date, answered: date) -> frozenset[date]:
    """The day of the question ran to its end; the day of the answer did not run."""
    return frozenset(asked + timedelta(days=number) for number in range(1, (answered - asked).days + 1))
