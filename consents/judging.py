"""The nine rules, over facts and nothing else: the same for now (decide.py) and for the past (past.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from accounts.models import Guardianship
from catalogue.published import Published
from consents.grounds import discloses, ground
from consents.states import NO, SCOPE_CLASSES, SCOPE_REASON, Reason, Scope, State
from regimes.resolver import Place, majority, who_decides


@dataclass(frozen=True, slots=True)
class Guarding:
    """What ties the party of a word to the child: None on both ends of `Word.guarding` when the law knows of no tie."""

    started_at: datetime
    ended_at: datetime | None
    ended_seq: int | None
    until: datetime | None = None  # the child comes of age
    discloses: bool = False  # how they were verified is good enough for passing data on to others (16 CFR 312.5(b)(2)(vi))

    @classmethod
    def of(cls, row: Guardianship) -> Self:
        return cls(row.started_at, row.ended_at, row.ended_seq, row.until, row.allows_disclosure)

    def in_force(self, at: datetime) -> bool:
        return self.started_at <= at and all(end is None or at < end for end in (self.ended_at, self.until))


@dataclass(frozen=True, slots=True)
class Word:
    """One party's standing word, as the ledger has it."""

    party: str
    channel: str
    state: str
    seq: int
    seen: int | None
    expires_at: datetime | None
    guarding: Guarding | None = None

    @property
    def is_no(self) -> bool:
        return self.state in NO

    def is_yes(self, at: datetime) -> bool:
        return self.state == State.GRANTED and (self.expires_at is None or self.expires_at > at)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the answer depends on."""

    at: datetime
    purpose: Published | None
    channel: str
    subject: str = ""
    known: bool = True
    place: Place = field(default_factory=lambda: Place(""))
    home: str = ""
    age: int | None = None  # None: an adult
    restricted_seq: int | None = None
    scopes: tuple[tuple[Scope, int], ...] = ()  # the wide words that stand, with the seq of each
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, its reason, and the seq of the entry in the person's chain that proves it (None: nobody has said anything)."""

    allowed: bool
    reason: Reason
    seq: int | None = None


def is_adult(age: int | None, place: Place) -> bool:
    """Somebody whose birth date we keep has an age for life: they are of age from the majority of the place on."""
    return age is None or age >= majority(place)


def judge(facts: Facts) -> Decision:
    """Rules 1 to 9, first that fits."""
    purpose, at = facts.purpose, facts.at
    if purpose is None or (purpose.retired_at is not None and purpose.retired_at <= at) or not _offered(purpose, facts.channel):
        return Decision(False, Reason.UNKNOWN_PURPOSE)
    if purpose.in_force_from > at:
        return Decision(False, Reason.NOT_IN_FORCE)
    if not facts.known:
        return Decision(False, Reason.UNKNOWN_PERSON)
    if facts.restricted_seq is not None:
        return Decision(False, Reason.RESTRICTED, facts.restricted_seq)
    basis = ground(purpose, facts.place, facts.age, at.date(), facts.home).basis
    if basis == "prohibited":
        return Decision(False, Reason.PROHIBITED)
    if basis in {"contract", "legal_duty"}:
        return Decision(True, Reason(basis))
    if wide := _wide_word(facts, purpose, basis):
        return wide
    if no := _no(facts):
        return Decision(False, Reason(no.state), no.seq)
    if basis in {"legitimate_interest", "opt_out"}:
        return Decision(True, Reason.NOT_OBJECTED)
    return _consent(facts, purpose)


def _offered(purpose: Published, channel: str) -> bool:
    return channel in purpose.channels if channel else True


def covering(purpose: Published, scopes: Iterable[tuple[Scope, int]]) -> list[tuple[Scope, int]]:
    """The wide words that bind this purpose."""
    return [
        (scope, seq)
        for scope, seq in scopes
        if SCOPE_CLASSES[scope].intersection(purpose.classes) or (scope is Scope.SALE and purpose.sold)
    ]


# Whose yes the law requires: is it the person's own?
SIDES = {"self": frozenset({True}), "guardian": frozenset({False}), "self_and_guardian": frozenset({True, False})}


def _wide_word(facts: Facts, purpose: Published, basis: str) -> Decision | None:
    for scope, seq in covering(purpose, facts.scopes):
        lifted_by_self = {word.party == facts.subject for word in facts.words if _lifts(word, seq, facts, basis)}
        if not lifted_by_self >= SIDES[who_decides(purpose.classes, facts.place, facts.age, facts.at.date())]:
            return Decision(False, SCOPE_REASON[scope], seq)
    return None


def _lifts(word: Word, seq: int, facts: Facts, basis: str) -> bool:
    """A later yes by somebody who had the wide word before them. Where the law asks for no consent, an objection taken back is one."""
    taken_back = basis != "consent" and word.state == State.UNSET
    if not (taken_back or word.is_yes(facts.at)) or not _counts(word, facts):
        return False
    here = word.channel == facts.channel and _whole(facts, word)
    return here and word.seq > seq and word.seen is not None and word.seen >= seq


def _whole(facts: Facts, word: Word) -> bool:
    """A yes to the purpose itself counts only where it has no channels."""
    return bool(word.channel) or facts.purpose is None or not facts.purpose.channels


def _counts(word: Word, facts: Facts) -> bool:
    """Whether a yes of this party counts: one's own, or a guardian's while the guardianship is in force; where others get the data, only
    of a guardian who was verified in a way that is good for it."""
    if word.party == facts.subject:
        return True
    tie = word.guarding
    return tie is not None and tie.in_force(facts.at) and (tie.discloses or facts.purpose is None or not discloses(facts.purpose))


def _no(facts: Facts) -> Word | None:
    """The newest no that still counts, on this channel or on the whole purpose."""
    standing = [word for word in facts.words if word.is_no and word.channel in {facts.channel, ""} and not _lifted(word, facts)]
    return max(standing, key=lambda word: word.seq, default=None)


def _lifted(no: Word, facts: Facts) -> bool:
    """Only a former guardian's no is lifted by somebody else: by a remaining guardian's later yes, or by the young adult."""
    guarding = no.guarding
    if no.party == facts.subject or guarding is None or guarding.in_force(facts.at) or guarding.ended_seq is None:
        return False
    ended = guarding.ended_seq
    by_guardian = any(
        word.party not in {facts.subject, no.party} and word.is_yes(facts.at) and word.seq > ended and _counts(word, facts)
        for word in facts.words
    )
    by_themselves = any(word.party == facts.subject and word.seq > ended for word in facts.words)
    return by_guardian or (by_themselves and is_adult(facts.age, facts.place))


def _consent(facts: Facts, purpose: Published) -> Decision:
    """Rule 9: the yes of everybody whose yes the law requires."""
    who = who_decides(purpose.classes, facts.place, facts.age, facts.at.date())
    here = [word for word in facts.words if word.channel == facts.channel and _whole(facts, word)]
    proof: Word | None = None
    if who in {"guardian", "self_and_guardian"}:
        guardians = [word for word in here if word.party != facts.subject]
        proof = next((word for word in guardians if word.is_yes(facts.at) and _counts(word, facts)), None)
        if proof is None:
            return Decision(False, _why_not(guardians, facts.at, Reason.GUARDIAN_MISSING))
    if who in {"self", "self_and_guardian"}:
        own = [word for word in here if word.party == facts.subject]
        proof = next((word for word in own if word.is_yes(facts.at)), None)
        if proof is None:
            return Decision(False, _why_not(own, facts.at, Reason.UNDECIDED), own[0].seq if own else None)
    return Decision(True, Reason.GRANTED, proof.seq if proof else None)


def _why_not(words: list[Word], at: datetime, otherwise: Reason) -> Reason:
    for word in words:
        if word.state == State.EXPIRED or (word.state == State.GRANTED and not word.is_yes(at)):
            return Reason.EXPIRED
        if word.state == State.PENDING:
            return Reason.UNCONFIRMED
        if word.state == State.DEFERRED:
            return Reason.DEFERRED
    return otherwise
