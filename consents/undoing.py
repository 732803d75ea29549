"""What an undo gives back: the word before, exactly as it was, and when it may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.ages import age_of, place_of
from accounts.models import Customer
from catalogue.published import Published
from consents.judging import covering
from consents.models import Choice
from consents.standing import Standing
from consents.states import NO, How, State
from ledger.kinds import Payload
from ledger.models import Entry
from regimes.resolver import who_decides


@dataclass(frozen=True)
class Back:
    """The word that is given back, with the wording, the version, the view and the end of the entry that spoke it first."""

    state: State
    seen: int | None = None
    shown: str | None = None
    version: int | None = None
    until: datetime | None = None


def may_undo(choice: Choice, now: datetime) -> bool:
    """An undo is offered for half an hour, for a press of a button, and not for an undo."""
    return choice.how in {How.BUTTON, How.PROMPT} and now - choice.recorded_at < settings.UNDO_WINDOW and choice.state != State.OPTED_OUT


def reverse(standing: Standing, choice: Choice, act: Payload, basis: str) -> Back | None:
    """`act` is the entry that is undone. None where it would raise permission and may not, or where what was before cannot be given
    back: it has run out, it waits for a mailbox, or its entry was emptied and proves nothing any more."""
    if choice.state == State.GRANTED:
        return Back(State.WITHDRAWN)
    before = _word_before(standing, choice)
    state = State(act["before"])
    if before is None and state is not State.UNSET:
        return None
    if choice.state == State.OBJECTED and state not in NO:
        state = State.UNSET  # under a legitimate interest nobody needs to have said yes
    until = datetime.fromisoformat(before["expires_at"]) if before and before["expires_at"] else None
    if state in {State.EXPIRED, State.PENDING} or (until is not None and until <= standing.now):
        return None
    raises = state is State.GRANTED or (basis != "consent" and state not in NO)
    newer = any(seq > choice.seq for _, seq in covering(standing.purpose, standing.scopes))
    if raises and (newer or not _decides_alone(standing.customer, standing.purpose, standing.now)):
        return None
    return Back(state, before["seen"], before["shown"], before["version"], until) if before else Back(state)


def _word_before(standing: Standing, choice: Choice) -> Payload | None:
    """What the same party had said of the same use before this word; None when nothing."""
    decided = Entry.objects.of(standing.customer.subject).readable().filter(kind="choice.decided", seq__lt=choice.seq).order_by("-seq")
    use = (choice.purpose, choice.channel, choice.party, "applied")
    acts = (entry.act for entry in decided.iterator(chunk_size=50))
    return next((act for act in acts if (act["purpose"], act["channel"], act["party"], act["outcome"]) == use), None)


def _decides_alone(customer: Customer, purpose: Published, now: datetime) -> bool:
    """A child below the age raises nothing alone, not even by an undo."""
    return who_decides(purpose.classes, place_of(customer), age_of(customer, now), now.date()) == "self"
