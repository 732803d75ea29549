"""What is read of a family, in few queries whatever its size: every page is put together from this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.ages import age_of, is_minor, place_of
from accounts.models import Customer, Guardianship
from catalogue.published import Published
from consents.forms import new_nonce
from consents.grounds import is_below
from consents.judging import Decision, Facts, Guarding, Word, judge
from consents.models import Choice
from consents.screens import offered_now
from consents.standing import basis_here
from consents.states import SCOPE_COLUMN
from guardians.models import Note, Wish
from ledger.models import Head
from regimes.resolver import Decider, who_decides

OLDER_FROM = 13  # years: from here on a child proposes, and reads the words for older children
OPTIONAL = frozenset({"consent", "opt_out", "legitimate_interest"})


@dataclass
class Known:
    """All that is known of one child's choices: `choices` and `ties` of every party, `seen` the head that forms have seen."""

    child: Customer
    now: datetime
    seen: int
    choices: list[Choice] = field(default_factory=list)
    ties: list[Guardianship] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    nonce: str = field(default_factory=new_nonce)

    def __post_init__(self) -> None:
        self.age = age_of(self.child, self.now)
        self.place = place_of(self.child)
        scopes = ((scope, getattr(self.child, column)) for scope, column in SCOPE_COLUMN.items())
        self.scopes = tuple((scope, seq) for scope, seq in scopes if seq is not None)
        # A guardian who came twice: the guardianship in force counts, else the one that ended last.
        self.guarding = {tie.guardian_subject: Guarding.of(tie) for tie in sorted(self.ties, key=_end)}
        self._words: dict[tuple[str, str], list[Choice]] = defaultdict(list)
        for choice in self.choices:
            self._words[choice.purpose, choice.channel].append(choice)

    @property
    def decides_alone(self) -> bool:
        """At the age of consent: guardians see no choices any more."""
        return not is_below(self.place, self.age, self.now.date())

    @property
    def guardians(self) -> list[Guardianship]:
        return [tie for tie in self.ties if tie.guardian is not None and Guarding.of(tie).in_force(self.now)]

    def uses(self) -> Iterator[tuple[Published, str]]:
        return put_for(self.child)

    def decision(self, purpose: Published, channel: str) -> Decision:
        words = tuple(self._word(choice) for choice in self.spoken(purpose.key, channel))
        return judge(
            Facts(
                at=self.now, purpose=purpose, channel=channel, subject=self.child.subject, place=self.place,
                home=self.child.brand.home_regime, age=self.age, restricted_seq=self.child.restricted_seq, scopes=self.scopes, words=words,
            )
        )  # fmt: skip

    def spoken(self, purpose: str, channel: str) -> list[Choice]:
        """The words of all parties on this channel, and on the whole purpose."""
        return [*self._words[purpose, channel], *(self._words[purpose, ""] if channel else [])]

    def word(self, party: str, purpose: str, channel: str) -> Choice | None:
        return next((choice for choice in self._words[purpose, channel] if choice.party == party), None)

    def counts(self, choice: Choice) -> bool:
        """Whether whoever spoke it still has a say."""
        guarding = self.guarding.get(choice.party)
        return choice.party == self.child.subject or (guarding is not None and guarding.in_force(self.now))

    def decider(self, purpose: Published) -> Decider:
        return who_decides(purpose.classes, self.place, self.age, self.now.date())

    @property
    def has_open_wish(self) -> bool:
        return any(wish.state == Wish.State.OPEN for wish in self.wishes)

    def open_wish(self, what: str, purpose: str = "", channel: str = "") -> Wish | None:
        about = (what, purpose, channel)
        return next(
            (wish for wish in self.wishes if wish.state == Wish.State.OPEN and (wish.what, wish.purpose, wish.channel) == about), None
        )

    def _word(self, choice: Choice) -> Word:
        tie = self.guarding.get(choice.party)
        return Word(choice.party, choice.channel, choice.state, choice.seq, choice.seen, choice.expires_at, tie)


def put_for(child: Customer) -> Iterator[tuple[Published, str]]:
    """Every optional use that is put to somebody for this child, with each of its channels."""
    for purpose in offered_now(child):
        if basis_here(child, purpose) in OPTIONAL:
            yield from ((purpose, channel) for channel in purpose.channels or ("",))


def read(children: Sequence[Customer], now: datetime, *, notes: bool = False) -> list[Known]:
    """Four queries for all of them, five with the notes."""
    keys = [child.pk for child in children]
    heads = dict(Head.objects.filter(pk__in=[child.subject for child in children]).values_list("subject", "seq"))
    found = {child.pk: Parts() for child in children}
    for choice in Choice.objects.filter(customer__in=keys).order_by("pk"):
        found[choice.customer_id].choices.append(choice)
    for tie in Guardianship.objects.filter(child__in=keys).select_related("guardian").order_by("started_at", "pk"):
        if tie.child_id is not None:
            found[tie.child_id].ties.append(tie)
    for wish in Wish.objects.filter(child__in=keys).order_by("made_at"):
        found[wish.child_id].wishes.append(wish)
    for note in Note.objects.filter(child__in=keys) if notes else ():
        found[note.child_id].notes[str(note.receipt)] = note
    return [
        Known(child, now, heads[child.subject], parts.choices, parts.ties, parts.wishes, parts.notes)
        for child, parts in ((child, found[child.pk]) for child in children)
    ]


@dataclass
class Parts:
    choices: list[Choice] = field(default_factory=list)
    ties: list[Guardianship] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)


def _end(tie: Guardianship) -> tuple[bool, float]:
    return tie.ended_at is None, tie.ended_at.timestamp() if tie.ended_at else 0.0


def who_asks(guardian: Customer, now: datetime) -> list[str]:
    """The names of the children who wait for an answer of this guardian. One query."""
    ties = Guardianship.objects.in_force(now).filter(guardian=guardian, frozen_at=None, child__wishes__state=Wish.State.OPEN)
    return sorted(ties.values_list("child__name", flat=True).distinct())


def has_grown_up(customer: Customer, now: datetime) -> bool:
    """Somebody who was a child here and came of age less than a year ago: what is kept from then is put to them."""
    if customer.birth_date is None or customer.minor_until is None or is_minor(customer, now):
        return False
    return now.date() - customer.minor_until < A_YEAR


A_YEAR = timedelta(days=365)
