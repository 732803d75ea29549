"""What a guardian says for a child, and what the child says. Each has a word of their own: nobody's yes overrides another's no.

A child's page opens by a link, and who holds a link can only reduce. So what a child would like is asked of the guardian; with the
guardian's yes, and in the same turn, it takes the child's own no back, or becomes the child's yes where the law wants both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils import timezone

from accounts import gates
from accounts.ages import age_of, place_of
from accounts.models import Customer, Guardianship
from catalogue.published import Published, published
from consents.actions.choices import allow_in, deny_everything_in, say_in
from consents.grounds import discloses
from consents.models import Choice
from consents.saying import Outcome, Result, Said
from consents.standing import Standing, basis_here, offered, write
from consents.states import NO, How, State, Verb, Where
from ledger.models import Entry
from ledger.turns import Turn, turn
from regimes.resolver import Decider, who_decides


@dataclass(frozen=True)
class Wished:
    """What the child asked for: the entry that says so, and the child's page that it was asked on."""

    entry: Entry
    said: Said


def decider(child: Customer, purpose: Published) -> Decider:
    """Whose yes the law of the child's place asks for today."""
    now = timezone.now()
    return who_decides(purpose.classes, place_of(child), age_of(child, now), now.date())


def say_for(child: Customer, guardian: Customer, purpose_key: str, channel: str, verb: Verb, said: Said) -> Outcome:
    """One guardian's word. Raises NotYours, Frozen, UnknownPurpose."""
    with turn(child.subject, brand=child.brand.key, actor=said.actor) as this:
        return say_for_in(this, child, guardian, purpose_key, channel, verb, said)


def say_for_in(
    this: Turn, child: Customer, guardian: Customer, purpose_key: str, channel: str, verb: Verb, said: Said, wished: Wished | None = None
) -> Outcome:
    """The same inside a turn of the child's. `wished`: what the child asked for and this answers."""
    tie = gates.check(this, guardian, child, reduces=verb is Verb.DENY)
    purpose = offered(child, purpose_key, channel)
    who = decider(child, purpose)
    if verb is Verb.ALLOW and who == "self":
        return _take_back(this, child, purpose, channel, said)
    if verb is Verb.ALLOW and not _may_allow(tie, purpose):
        return Outcome(Result.WEAK_PROOF)
    outcome = say_in(this, child, purpose, channel, verb, said)
    if verb is Verb.ALLOW and outcome.result is Result.STANDS and _lifts_former_no(child, purpose, channel, outcome.choice):
        standing = Standing(this, child, purpose, channel, said)
        screen = standing.screen(said)
        outcome = allow_in(
            this, standing, basis_here(child, purpose), replace(said, key=None), shown_sha256=standing.keep(screen) if screen else None
        )  # fmt: skip
    if verb is Verb.ALLOW and wished is not None and outcome.result in {Result.SAVED, Result.STANDS}:
        _grant_wish(this, child, purpose, channel, who, wished)
    return outcome


def _lifts_former_no(child: Customer, purpose: Published, channel: str, mine: Choice | None) -> bool:
    """A no of somebody whose guardianship has ended stands until a remaining guardian has said yes after that. A yes from before is none:
    it is said, and written, once more."""
    noes = child.choices.filter(purpose=purpose.key, channel__in={channel, ""}, state__in=NO).exclude(party=child.subject)
    ended = Guardianship.objects.filter(child=child, guardian_subject__in=noes.values("party"), ended_seq__gte=mine.seq if mine else 0)
    return ended.exists()


def _may_allow(tie: Guardianship, purpose: Published) -> bool:
    """Who was verified by mail alone does not let a child's data go to others (16 CFR 312.5(b)(2)(vi))."""
    return tie.allows_disclosure or not discloses(purpose)


def _take_back(this: Turn, child: Customer, purpose: Published, channel: str, said: Said) -> Outcome:
    """The child decides alone by now. A guardian can only lift a no of their own that still stands in the way."""
    standing = Standing(this, child, purpose, channel, said)
    if standing.choice is None or standing.choice.state not in NO:
        return Outcome(Result.NO_CONTROL, choice=standing.choice)
    return write(this, standing, basis_here(child, purpose), State.UNSET, replace(said, key=None))


def _grant_wish(this: Turn, child: Customer, purpose: Published, channel: str, who: Decider, wished: Wished) -> None:
    """The child's own word, on the strength of what they asked for: their yes where the law wants it, else their no taken back."""
    said = replace(wished.said, seen=wished.entry.seq, key=None)
    standing = Standing(this, child, purpose, channel, said)
    basis = basis_here(child, purpose)
    newer = any(choice.is_no and choice.seq > wished.entry.seq for choice in standing.rows.values())
    if newer:  # they turned it off after they had asked
        return
    if who == "self_and_guardian":
        if not standing.allowed(basis):
            screen = standing.screen(said)
            shown_sha256 = standing.keep(screen) if screen else None
            allow_in(this, standing, basis, said, shown_sha256=shown_sha256, evidence=wished.entry.commitment)
    elif standing.state in NO:
        write(this, standing, basis, State.UNSET, said, evidence=wished.entry.commitment)


def turn_off(child: Customer, purpose_key: str, channel: str, said: Said) -> Outcome:
    """The child's own no. It asks nobody, works at once, and is lifted by nobody else. Raises UnknownPurpose."""
    with turn(child.subject, brand=child.brand.key, actor=said.actor) as this:
        return say_in(this, child, offered(child, purpose_key, channel), channel, Verb.DENY, said)


def deny_all_for(child: Customer, guardian: Customer, said: Said) -> list[Outcome]:
    """Every optional use of the child's data that this guardian has not refused already. Raises NotYours."""
    with turn(child.subject, brand=child.brand.key, actor=said.actor) as this:
        gates.check(this, guardian, child, reduces=True)
        return deny_everything_in(this, child, said)


def record_lapse(this: Turn, child: Customer, party: str, *, actor: str) -> list[Outcome]:
    """Writes down that what a guardian allowed no longer counts, so that everybody downstream hears of it: the guardianship is over, or the
    child decides alone by now. decide() has said no since that instant. Inside a turn of the child's."""
    said = Said(actor, party, How.COMING_OF_AGE, Where.JOB, assurance="IV0", language=child.language)
    ended = not child.guardians.in_force(timezone.now()).filter(guardian_subject=party).exists()
    lapsed = []
    for choice in child.choices.filter(party=party, state=State.GRANTED).order_by("pk"):
        purpose = published(child.brand).get(choice.purpose)
        if purpose is not None and (ended or decider(child, purpose) == "self"):
            standing = Standing(this, child, purpose, choice.channel, said)
            basis = basis_here(child, purpose)
            lapsed.append(write(this, standing, basis, State.EXPIRED, said, version=choice.version, until=standing.now))
    return lapsed
