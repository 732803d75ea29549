"""A guardian decides, with a note for the child; where the child had asked, that is the answer."""

from __future__ import annotations

from dataclasses import replace

from accounts.models import Customer
from consents import actions as consents
from consents.actions import Wished
from consents.forms import Page
from consents.saying import Outcome, Result, Said
from consents.states import How, Verb, Where
from guardians.actions.wishing import LONGEST
from guardians.models import Note, Wish
from ledger.models import Entry
from ledger.turns import Turn, turn

DONE = frozenset({Result.SAVED, Result.STANDS})


def decide(child: Customer, guardian: Customer, purpose: str, channel: str, verb: Verb, said: Said, *, note: str = "") -> Outcome:
    """Raises NotYours, Frozen, UnknownPurpose."""
    with turn(child.subject, brand=child.brand.key, actor=said.actor) as this:
        wish = child.wishes.open().filter(what=Wish.What.ALLOW, purpose=purpose, channel=channel).first()
        outcome = consents.say_for_in(this, child, guardian, purpose, channel, verb, said, _wished(child, wish))
        if outcome.result in DONE:
            if outcome.entry is not None and note:
                _note(this, child, guardian, outcome.entry, note)
            if wish is not None:
                _answer(this, child, guardian, wish, verb, note)
    return outcome


def deny_all(child: Customer, guardian: Customer, said: Said) -> int:
    """How many uses it stopped. Raises NotYours."""
    return len(consents.deny_all_for(child, guardian, said))


def _wished(child: Customer, wish: Wish | None) -> Wished | None:
    if wish is None:
        return None
    said = Said(f"self:{child.subject}", child.subject, How.BUTTON, Where.CHILD, "IV1", child.language)
    page = Page.parse(wish.page)
    if page is not None:
        said = replace(said, language=page.language, version=page.version, shown=page.shown)
    return Wished(Entry.objects.get(pk=wish.entry), said)


def _note(this: Turn, child: Customer, guardian: Customer, decision: Entry, note: str) -> None:
    act = {"receipt": str(decision.public_id), "text": note[:LONGEST]}
    entry = this.append(child.subject, "note.written", act)
    Note.objects.create(child=child, receipt=decision.public_id, party=guardian.subject, text=note[:LONGEST], entry=entry.id)


def _answer(this: Turn, child: Customer, guardian: Customer, wish: Wish, verb: Verb, note: str) -> None:
    state = Wish.State.ALLOWED if verb is Verb.ALLOW else Wish.State.REFUSED
    act = {
        "what": wish.what, "purpose": wish.purpose, "channel": wish.channel, "party": guardian.subject, "state": state.value,
        "note": note[:LONGEST] or None,
    }  # fmt: skip
    entry = this.append(child.subject, "wish.answered", act)
    child.wishes.filter(pk=wish.pk).update(state=state, answered_at=entry.recorded_at, answered_by=guardian.subject, answer=note[:LONGEST])
