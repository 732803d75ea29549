"""What is to be done with a request until it is answered, and what of it is. Read off how it stands: nobody ticks anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from data_requests.desk_texts import corrected
from data_requests.kinds import BY_MACHINE
from data_requests.models import Item, Request
from data_requests.states import UNVERIFIED, State


@dataclass(frozen=True)
class Task:
    """`hint`: by whom or how, where that is not plain."""

    text: str
    done: bool
    hint: str = ""


def checklist(request: Request) -> list[Task]:
    """Empty for one that is closed."""
    return list(_tasks(request)) if request.is_open else []


def _tasks(request: Request) -> Iterator[Task]:
    proven = request.verified_at is not None
    yield Task(_("Whoever asks has proven who they are"), proven, "" if proven else _("They do so themselves."))
    open_questions = request.waits.filter(answered_on=None).count()
    if open_questions:
        yield Task(_("They have answered our question"), done=False, hint=_("The clock waits where the law lets it."))
    if request.not_before is not None:
        day = date_format(timezone.localtime(request.not_before), "DATETIME_FORMAT")
        yield Task(_("Their time to change their mind is over"), request.not_before <= timezone.now(), day)
    yield from _systems(request)
    if request.kind == "correct":
        yield Task(_("What is wrong is corrected here"), done=bool(corrected(request)), hint=_("The part that the center holds itself."))
    if request.proposed_by:
        yield Task(_("A second person has read the refusal"), done=False)
    if request.state == State.EXTENDED:
        yield Task(_("Extended: there is no second time"), done=True)
    elif request.extend_by is not None and request.extend_by >= timezone.localdate() and request.state not in UNVERIFIED:
        day = date_format(request.extend_by, "DATE_FORMAT")
        yield Task(_("Enough time, or extended"), done=False, hint=_("An extension is possible until %(day)s.") % {"day": day})
    by_itself = _("Goes by itself once the rest is done.") if request.kind in BY_MACHINE else ""
    yield Task(pgettext("the last step of a request", "Answered"), done=False, hint=by_itself)


def _systems(request: Request) -> Iterator[Task]:
    items = list(request.items.exclude(system="person"))
    if items:
        missing = [str(item.title) for item in items if item.outcome in {Item.Outcome.OPEN, Item.Outcome.FAILED}]
        text = ngettext("%(n)d system has answered", "All %(n)d systems have answered", len(items)) % {"n": len(items)}
        yield Task(text, not missing, ", ".join(missing))
