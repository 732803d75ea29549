"""The budget: one for each customer, across all questions of a brand. It can only say no.

A showing is at most one a visit and one a week; a question is shown three times in a lifetime; “not now” rests it for 30, then 90 days,
“don't ask again” ends its topic; nothing comes right after a no of any kind, on the way to paying, to a minor, or while the use of
somebody's data is restricted. The numbers stand in the settings (design.md 9a).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.conf import settings

from profiles.models import Asked
from profiles.published import PublishedQuestion, View


class Why(StrEnum):
    """Why nothing is asked; the whole list."""

    NOTHING = "nothing"  # no question fits this person at this moment
    MINOR = "minor"
    RESTRICTED = "restricted"
    VISIT = "visit"  # one was shown in this visit
    WEEK = "week"  # one was shown within seven days
    AFTER_NO = "after_no"
    PAYING = "paying"


@dataclass(frozen=True)
class Spent:
    """What is known of one customer. `rows`: by question; `said_no_at`: the newest no to any use of data;
    `shown_here`: in this visit."""

    rows: Mapping[int, Asked] = field(default_factory=dict)
    said_no_at: datetime | None = None
    shown_here: bool = False

    @property
    def last_at(self) -> datetime | None:
        return _newest(row.last_at for row in self.rows.values())

    @property
    def newest_no(self) -> datetime | None:
        return _newest([self.said_no_at, *(row.said_no_at for row in self.rows.values())])


def closed(spent: Spent, now: datetime) -> Why | None:
    """Whether the budget is closed for every question. A clock that was put back makes nothing due earlier."""
    if spent.shown_here:
        return Why.VISIT
    if spent.last_at is not None and now < spent.last_at + settings.PROMPT_EVERY:
        return Why.WEEK
    return Why.AFTER_NO if is_quiet(spent, now) else None


def is_quiet(spent: Spent, now: datetime) -> bool:
    """Right after a no to anything."""
    return spent.newest_no is not None and now < spent.newest_no + settings.PROMPT_QUIET_AFTER_NO


def may_be_shown(question: PublishedQuestion, spent: Spent, view: View, now: datetime) -> bool:
    """Whether this question has a showing left, where the budget as a whole is open. Of a topic that was refused none has."""
    if any(row.never_at is not None and view.topics.get(pk) == question.topic for pk, row in spent.rows.items()):
        return False
    row = spent.rows.get(question.pk)
    if row is None:
        return True
    rests = row.rest_until is not None and now < row.rest_until
    return row.answered_at is None and not rests and row.times < settings.PROMPT_SHOWINGS


def rest_after(put_off: int, now: datetime) -> datetime:
    """Until when a question rests after it was “not now” for the so-manieth time."""
    return now + settings.PROMPT_NOT_NOW[min(put_off, len(settings.PROMPT_NOT_NOW)) - 1]


def _newest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
