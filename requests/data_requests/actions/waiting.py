"""Questions to the person, while whose answer is awaited the clock stands still where the law allows it."""

from __future__ import annotations

from django.utils import timezone

from data_requests.clock import set_due
from data_requests.models import Letter, Request, Wait
from data_requests.states import UNVERIFIED, NotPossible
from data_requests.steps import at_work_on
from ledger.turns import Turn


def ask(request: Request, why: str, text: str, *, by: str) -> Letter:
    """Before we know who it is, only about that; afterwards only about what they mean. One question of a kind at a time. Raises
    NotPossible."""
    with at_work_on(request, by=by) as (this, found):
        fits = Wait.Why.IDENTITY if found.state in UNVERIFIED else Wait.Why.CLARIFICATION
        if not found.is_open or not text.strip() or why != fits or found.waits.filter(why=why, answered_on=None).exists():
            raise NotPossible("this is not asked now, or is asked already")
        found.waits.create(why=why, asked_on=timezone.localdate())
        letter: Letter = found.letters.create(from_person=False, by=by, text=text.strip())
        _note(this, found, why, answered=False)
    return letter


def answered(this: Turn, request: Request) -> None:
    """The person has written, or proven who they are: the clock goes on. Inside a turn of theirs."""
    for wait in request.waits.filter(answered_on=None):
        wait.answered_on = timezone.localdate()
        wait.save(update_fields=["answered_on"])
        _note(this, request, wait.why, answered=True)


def _note(this: Turn, request: Request, why: str, *, answered: bool) -> None:
    set_due(request)
    request.save(update_fields=["regime", "due", "until", "extend_by"])
    act = {"request": request.number, "about": why, "answered": answered, "due": request.due.isoformat() if request.due else None}
    this.append(request.subject, "request.asked", act)
