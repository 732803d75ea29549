"""One deadline of one regime, reckoned for one receipt: which numbers count, in which order, and what is said of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from regimes import calendars, explained
from regimes.clock import Clock, Pause
from regimes.explained import Step
from regimes.law import Regime, law
from regimes.periods import STANDS_STILL_FOR, BadDeadline, Extension, Period, extension, pauses, period, rule

RESPOND = "respond"
MOMENT = timedelta(microseconds=1)


class NotExtendable(ValueError):
    """The law grants no extension here, or it was decided too late."""


@dataclass(frozen=True)
class Reckoning:
    """`due` None: no statutory deadline, or, when `waiting`, the clock stands still and the date is not known yet.

    `until`: the first moment that is too late, aware. `in_force`: the law bound somebody on the day of receipt; otherwise the
    date is what it would have been. `extend_by`: the last day on which an extension can still be decided and told.
    `relies_on`: paths in the regime's entry whose values made the date.
    """

    regime: str
    kind: str
    received: date
    due: date | None
    until: datetime | None
    steps: list[Step]
    calendar: str
    in_force: bool
    relies_on: tuple[str, ...] = ()
    extend_by: date | None = None
    waiting: bool = False


class Question:
    """One deadline of one regime for one receipt."""

    def __init__(
        self, wording: Regime, kind: str, received: date | datetime, zone: tzinfo, holidays: str | None, controllers: str | None = None
    ) -> None:
        entry, clock = wording.entry, wording.entry["clock"]
        self.regime, self.kind, self.received, self.zone, self.wording = wording.id, kind, received, zone, wording
        self.day = calendars.day_of(received, zone)
        self.period = period(wording.id, f"deadlines.{kind}", entry["deadlines"][kind])
        self.extension = _extension(wording, kind)
        rules = rule(wording.id, clock.get("computation_rule"), law().computation_rules)
        if holidays is None and rules.calendar is None:
            holidays = controllers
        # A rule that names no calendar, or the controller's, means that of the one place where the law holds, if it is one.
        self.calendar = holidays if holidays is not None else rules.calendar or only_code(wording)
        if self.calendar:
            calendars.check(self.calendar)
        stands_still = pauses(wording.id, clock) if kind in STANDS_STILL_FOR else ()
        self.clock = Clock(wording.id, self.day, self.calendar, rules, stands_still, clock.get("note") or "")
        self.steps = [explained.received(self.day, clock.get("starts") or "")]
        self.relied: list[str] = []

    def answer(self, waits: tuple[Pause, ...], extended: bool | date) -> Reckoning:
        waits = tuple(sorted(waits, key=lambda wait: wait.asked))
        if waits and waits[0].asked < self.day:
            raise ValueError(f"Asked on {waits[0].asked}, before it was received on {self.day}.")
        if extended and self.extension is None:
            raise NotExtendable(f"{self.regime} grants no extension of “{self.kind}”.")
        if not self.in_force:
            self.steps.append(explained.not_binding(self.regime, self._begins(), self.day))
        if self.period is None:
            self.steps.append(explained.no_deadline())
            return self._told(None)
        self.steps.append(explained.given(self.period))
        self.relied.append(self.period.path)
        if self.period.value is None:
            return self._told(None)
        if self.period.value == 0:
            return self._told(self.day)
        if self.period.unit in {"minutes", "hours"}:
            return self._to_the_minute(self.period.unit, self.period.value)
        return self._by_days(self.period, waits, extended)

    def _begins(self) -> date | None:
        firsts = (self.wording.effective_from, self.period.in_force_from if self.period else None)
        return max(filter(None, firsts), default=None)

    @property
    def in_force(self) -> bool:
        begins, ended = self._begins(), self.wording.effective_to
        return (begins is None or begins <= self.day) and (ended is None or self.day <= ended)

    def _to_the_minute(self, unit: str, value: int) -> Reckoning:
        """An hour is an hour, on the night the clocks change, too. A day without a time of day began at 0:00."""
        moment = self.received if isinstance(self.received, datetime) else datetime.combine(self.received, time.min)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        until = (moment.astimezone(UTC) + timedelta(**{unit: value})).astimezone(self.zone)
        return self._told(calendars.day_of(until - MOMENT, self.zone), until)

    def _by_days(self, period: Period, waits: tuple[Pause, ...], extended: bool | date) -> Reckoning:
        run = self.clock.run(period, waits)
        latest = None if run.waiting else self._extend_by(run.due, waits)
        if extended and latest:
            assert self.extension
            if not isinstance(extended, bool) and extended > latest:
                raise NotExtendable(f"{self.regime}: extended on {extended}, but only until {latest} could it be.")
            self.relied.append(self.extension.by.path)
            if self.extension.by.value is None:
                self.steps.append(explained.extended_without_number(self.extension.by, latest))
                return self._told(None, extend_by=latest)
            period = self._lengthened(period, self.extension)
            self.steps.append(explained.extended(self.extension.by, period, latest))
            run = self.clock.run(period, waits)
        self.steps += run.steps
        self.relied += run.used
        if run.waiting:
            return replace(self._told(None, extend_by=latest), waiting=True)
        self.steps += self.clock.told(run, period)
        return self._told(run.due, extend_by=latest)

    def _extend_by(self, due: date, waits: tuple[Pause, ...]) -> date | None:
        """Before the first due date, and in time to tell the person."""
        if self.extension is None:
            return None
        notice = self.extension.notice_within
        return min(due, self.clock.run(notice, waits).due) if notice and notice.value else due

    def _lengthened(self, period: Period, extension: Extension) -> Period:
        """Counted from the start in all, so that a month clamped on the way does not shorten the rest."""
        assert period.value is not None
        assert extension.by.value is not None
        if extension.by.unit != period.unit:
            raise BadDeadline(self.regime, f"{extension.by.path}.unit", extension.by.unit, f"not the unit of {period.path}, {period.unit}.")
        total, most = period.value + extension.by.value, extension.max_total
        return replace(period, value=min(total, most.value) if most and most.value else total)

    def _told(self, due: date | None, until: datetime | None = None, extend_by: date | None = None) -> Reckoning:
        if due:
            until = until or calendars.end_of(due, self.zone)
            self.steps.append(explained.until(due, until, self.zone))
        return Reckoning(
            regime=self.regime,
            kind=self.kind,
            received=self.day,
            due=due,
            until=until,
            steps=self.steps,
            calendar=self.calendar,
            in_force=self.in_force,
            relies_on=tuple(dict.fromkeys(self.relied)),
            extend_by=extend_by,
        )


def _extension(wording: Regime, kind: str) -> Extension | None:
    """That of the answer stands beside the deadlines, that of an appeal among them."""
    if kind == RESPOND:
        return extension(wording.id, wording.entry.get("extension"))
    name = kind.removesuffix(RESPOND) + "extension"
    by = period(wording.id, f"deadlines.{name}", wording.entry["deadlines"].get(name)) if kind.endswith(f"_{RESPOND}") else None
    return Extension(by, None, None) if by else None


def only_code(wording: Regime) -> str:
    return next(iter(wording.jurisdictions)) if len(wording.jurisdictions) == 1 else ""
