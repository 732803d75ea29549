"""The end of a pause that was granted: announced, then carried out; or the person's own word, at once."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils import timezone

from data_requests.models import Request
from data_requests.pausing import end_pause, holds_pause
from data_requests.states import RELEASED, NotPossible
from data_requests.steps import at_work_on


def announce_end_of_pause(request: Request, reason: str, *, by: str) -> Request:
    """The person hears of it PAUSE_END_NOTICE before (GDPR Art. 18(3)), with the reason. Raises NotPossible."""
    with at_work_on(request, by=by) as (this, found):
        if found.state not in RELEASED or not holds_pause(found) or found.lift_on is not None or not reason.strip():
            raise NotPossible("no granted pause to end, or no reason for it")
        found.lift_on = timezone.localdate() + settings.PAUSE_END_NOTICE
        found.save(update_fields=["lift_on"])
        found.letters.create(from_person=False, by=by, text=reason.strip())
        this.append(found.subject, "request.pause_ends", {"request": found.number, "on": found.lift_on.isoformat()})
    return found


def lift_pause(request: Request, *, by: str, today: date | None = None) -> bool:
    """On its day. Twice is once."""
    with at_work_on(request, by=by) as (this, found):
        due = found.lift_on is not None and found.lift_on <= (today or timezone.localdate())
        if not due or not holds_pause(found):
            return False
        end_pause(this, found)
    return True


def end_own_pause(request: Request, *, by: str) -> bool:
    """Who asked for the pause needs it no longer. False when there was none to end."""
    with at_work_on(request, by=by) as (this, found):
        if found.is_open or not holds_pause(found):
            return False
        end_pause(this, found)
    return True
