"""Work on a request: beginning, systems that answer, an extension, the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from data_requests.actions.waiting import answered
from data_requests.clock import reckoned
from data_requests.connectors import Keys, Table, keys_of
from data_requests.erasing.holding import hold
from data_requests.kinds import BY_MACHINE, DELETE
from data_requests.models import Item, Letter, Request
from data_requests.pausing import end_pause
from data_requests.refusals import GROUNDS
from data_requests.states import WORKING, Event, NotPossible, Role, State
from data_requests.steps import at_work_on, step
from jobs.actions import enqueue


def may_execute(request: Request, now: datetime) -> bool:
    """Asked again right before anything is done: proven, and its wait over. The way here is not what counts, the state now is."""
    waited = request.not_before is None or request.not_before <= now
    return request.verified_at is not None and waited and request.state in {State.VERIFIED, *WORKING}


def start(request: Request, *, by: str, role: Role = Role.SYSTEM, now: datetime | None = None) -> Request:
    """Twice is once."""
    with at_work_on(request, by=by) as (this, found):
        if found.state in WORKING:
            return found
        if not may_execute(found, now or timezone.now()):
            raise NotPossible(f"{found.number} is not proven, or has to wait")
        step(this, found, Event.START, role)
    return found


def item_done(
    item: Item,
    outcome: str,
    *,
    by: str,
    count: int = 0,
    note: str = "",
    tables: Iterable[Table] = (),
    keys: Keys | None = None,
    machine: bool = False,
) -> Item:
    """A system has answered; a later answer of a person takes its place while the request is open. The last one has a copy made, or the
    deletion go on. `tables`: what a program found; `keys`: by which it finds again what it had to keep. `machine`: a program asked, whose
    second answer changes nothing, and whoever asked goes on by itself."""
    kept = list(tables)
    with at_work_on(item.request, by=by) as (this, request):
        if request.state not in {State.VERIFIED, *WORKING}:
            raise NotPossible(f"{request.number} is not worked on")
        found = request.items.get(pk=item.pk)
        if machine and found.outcome not in {Item.Outcome.OPEN, Item.Outcome.FAILED}:
            return found
        found.outcome, found.count, found.note, found.by, found.answered_at = outcome, count, note, by, timezone.now()
        if outcome != Item.Outcome.FAILED:
            found.located, found.found = "", [table.as_json() for table in kept]
        found.save()
        act = {"request": request.number, "system": found.system, "outcome": str(outcome), "count": count}
        this.append(request.subject, "request.system_answered", act)
        if outcome == Item.Outcome.KEPT and kept and request.customer is not None:
            hold(request, found, kept, keys or keys_of(request.customer))
        if (
            not machine
            and request.kind in BY_MACHINE
            and request.state in WORKING
            and not _missing(request).exclude(system="center").exists()
        ):
            go_on(request, found.answered_at.isoformat())
    return found


def reopen(item: Item, *, by: str) -> None:
    """A system that has answered holds something again: it is asked anew."""
    with at_work_on(item.request, by=by) as (this, request):
        if request.state not in WORKING:
            raise NotPossible(f"{request.number} is not worked on")
        values: dict[str, Any] = {"outcome": Item.Outcome.OPEN, "answered_at": None, "located": "", "found": [], "count": 0, "note": ""}
        request.items.filter(pk=item.pk).update(**values)
        act = {"request": request.number, "system": item.system, "outcome": "open", "count": 0}
        this.append(request.subject, "request.system_answered", act)


def go_on(request: Request, when: str, *, run_after: datetime | None = None) -> None:
    """The job that carries a copy or a deletion out, once it may; one for each `when`."""
    waits = request.not_before if request.not_before and request.not_before > timezone.now() else None
    name, once = f"data_requests.{request.kind}", f"{request.kind} {request.number} {when}"
    enqueue(name, {"request": request.pk}, run_after=run_after or waits, once=once)


def _missing(request: Request) -> QuerySet[Item]:
    return request.items.filter(outcome__in=(Item.Outcome.OPEN, Item.Outcome.FAILED))


def extend(request: Request, reason: str, *, by: str) -> Request:
    """Once, in time, with the reason that the person reads, where the law grants it. Raises NotPossible, NotExtendable."""
    today = timezone.localdate()
    with at_work_on(request, by=by) as (this, found):
        if not reason.strip():
            raise NotPossible("an extension says why")
        before = reckoned(found, extended=False)
        if before is None or before.extend_by is None or today > before.extend_by:
            raise NotPossible("the law grants no extension here, or it is too late for one")
        step(this, found, Event.EXTEND, Role.AGENT, extended_on=today, extension_reason=reason.strip())
    return found


def fulfil(request: Request, answer: str, *, by: str, in_part: bool = False, ground: str = "") -> Request:
    """The answer of a person at the desk to anything that no program carries out. In part: why the rest was not done."""
    with at_work_on(request, by=by) as (this, found):
        if found.kind in BY_MACHINE or not answer.strip() or (in_part and ground not in GROUNDS):
            raise NotPossible("an answer has words, and one in part a ground")
        _is_somebody_else(found, by)
        found.items.filter(system="person").update(outcome=Item.Outcome.DONE, answered_at=timezone.now(), by=by)
        if _missing(found).exists():
            raise NotPossible("a system has not answered")
        event = Event.FULFIL_IN_PART if in_part else Event.FULFIL
        step(this, found, event, Role.AGENT, answer=answer.strip(), ground=ground if in_part else "", answered_by=by)
    return found


def propose_refusal(request: Request, ground: str, answer: str, *, by: str) -> Request:
    """The first of two, where the refusal says that somebody misuses their right. Moves nothing."""
    with at_work_on(request, by=by) as (_this, found):
        _checked(found, ground, answer, by)
        if not GROUNDS[ground].abuse or found.state not in {State.VERIFIED, *WORKING}:
            raise NotPossible("only what takes two is proposed")
        found.ground, found.answer, found.proposed_by = ground, answer.strip(), by
        found.save()
    return found


def refusal_mark(request: Request) -> str:
    """What the second person has read, in short: SHA-256 in hex of the ground and the words."""
    return hashlib.sha256(f"{request.ground}|{request.answer}".encode()).hexdigest()


def approve_refusal(request: Request, *, read: str, by: str) -> Request:
    """The second, somebody else, who approves what they have read and not what was put in its place. `read`: its `refusal_mark`."""
    with at_work_on(request, by=by) as (this, found):
        if not found.proposed_by or found.proposed_by == by or refusal_mark(found) != read or has_begun(found):
            raise NotPossible("the second person is another one, and approves what stands there")
        _is_somebody_else(found, by)
        step(this, found, Event.REFUSE, Role.AGENT, why=found.ground, answered_by=by)
        end_pause(this, found)
    return found


def refuse(request: Request, ground: str, answer: str, *, by: str) -> Request:
    """With a coded ground and words for the person: why, and what is not refused."""
    with at_work_on(request, by=by) as (this, found):
        _checked(found, ground, answer, by)
        if GROUNDS[ground].abuse:
            raise NotPossible("this takes two people")
        step(this, found, Event.REFUSE, Role.AGENT, why=ground, ground=ground, answer=answer.strip(), answered_by=by)
        end_pause(this, found)
    return found


def has_begun(request: Request) -> bool:
    """Whether another system has deleted something already."""
    gone = (Item.Outcome.DONE, Item.Outcome.KEPT)
    return request.kind == DELETE and request.items.filter(outcome__in=gone).exclude(system__in=("center", "person")).exists()


def _is_somebody_else(request: Request, by: str) -> None:
    """Of an appeal neither who gave the answer nor who proposed it; of a complaint who answered last."""
    before = {request.decided_before_by, request.appeal_of.proposed_by if request.appeal_of else ""} - {""}
    if by in before:
        raise NotPossible("somebody else decides this: you gave the answer it is about")


def _checked(request: Request, ground: str, answer: str, by: str) -> None:
    _is_somebody_else(request, by)
    known = GROUNDS.get(ground)
    if known is None or not answer.strip():
        raise NotPossible("a refusal has a ground of the list, and words")
    if request.kind in known.not_of or has_begun(request):
        raise NotPossible("it is no answer to this, or other systems have deleted already")
    if known.unproven != (request.state == State.IDENTITY_PENDING):
        raise NotPossible("whoever has proven who they are is not refused for want of proof, and nobody else for anything else")


def write(request: Request, text: str, *, by: str, from_person: bool) -> Letter:
    """A message about the request, in either direction, while it is open. The same again with nothing in between is the same press."""
    with at_work_on(request, by=by) as (this, found):
        if not found.is_open or not text.strip():
            raise NotPossible("there is nothing to say, or nothing to say it about")
        newest: Letter | None = found.letters.order_by("-pk").first()
        if newest is not None and (newest.from_person, newest.by, newest.text) == (from_person, by, text.strip()[:5000]):
            return newest
        this.append(found.subject, "request.letter", {"request": found.number, "from_person": from_person})
        if from_person:
            answered(this, found)
        letter: Letter = found.letters.create(from_person=from_person, by=by, text=text.strip()[:5000])
    return letter
