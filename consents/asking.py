"""Whether a use may be put to a person again. An answer is respected for a while, on every channel and in every way of asking
(EDPB 05/2020 section 3.1; Cal. Civ. Code 1798.135(c)(4)). Whoever opens the choices page asks for themselves: it always shows all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings

from accounts.models import Customer
from catalogue.published import Published, published
from consents.models import Choice
from consents.screens import Reader, offered_now, reader_of
from consents.standing import basis_here, months_after, offered
from consents.state_line import ran_out
from consents.states import NO, SCOPE_CLASSES, SCOPE_COLUMN, SCOPE_REASON, Reason, Scope, State
from ledger.models import Entry

# The wide words that the law gives the longer wait.
LONG = frozenset({Scope.SALE, Scope.SENSITIVE})


class Why(StrEnum):
    """The whole list."""

    OPEN = "open"  # nobody has asked, or nobody has answered
    RAN_OUT = "ran_out"  # the yes was given for a time, which is over
    ANSWERED = "answered"  # there was a no, and the wait after it is not over
    SETTLED = "settled"  # allowed, waiting for a mailbox, or not theirs to decide


@dataclass(frozen=True, slots=True)
class Asking:
    """Whether the use may be put to the person, why, and the day from which it may (`why` answered)."""

    may: bool
    why: Why
    after: datetime | None = None


def may_ask(customer: Customer, purpose_key: str, channel: str = "", now: datetime | None = None) -> Asking:
    """For whoever would put one use to a person who has not come to decide. Raises UnknownPurpose."""
    purpose = offered(customer, purpose_key, channel)
    return Asked(reader_of(customer, customer.language, now)).asking(purpose, channel)


def months_to_wait(purpose: Published, scope: Scope | None = None) -> int:
    """After a no to this purpose, or after the wide word over it."""
    passed_on = purpose.sold or not SCOPE_CLASSES[Scope.SALE].isdisjoint(purpose.classes)
    long = scope in LONG if scope else passed_on
    return int(settings.ASK_AGAIN_AFTER_MONTHS["opted_out" if long else "refused"])


class Asked:
    """What one person was asked and answered, read once: one query more where a wide word stands."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.customer = reader.customer
        self.now = reader.now
        self._spoken = {scope: moment for scope, moment in _wide_words(self.customer)}

    def asking(self, purpose: Published, channel: str) -> Asking:
        """Rules in this order: nothing to ask; the wait after a no to it, to all of it, or to what it grew from; open or run out."""
        decision = self.reader.decision(purpose, channel)
        if basis_here(self.customer, purpose) != "consent" or decision.reason in SETTLED:
            return Asking(False, Why.SETTLED)
        after = max(self._waits(purpose, channel, decision.reason), default=None)
        if after is not None and after > self.now:
            return Asking(False, Why.ANSWERED, after)
        return Asking(True, Why.RAN_OUT if decision.reason is Reason.EXPIRED else Why.OPEN, after)

    def _waits(self, purpose: Published, channel: str, reason: Reason) -> Iterator[datetime]:
        for choice in self._noes(purpose, channel):
            yield months_after(choice.recorded_at, months_to_wait(purpose))
        for scope, spoken in self._spoken.items():
            if SCOPE_REASON[scope] is reason:
                yield months_after(spoken, months_to_wait(purpose, scope))

    def _noes(self, purpose: Published, channel: str) -> Iterator[Choice]:
        """The person's own no to this use or the whole purpose; and for what grew out of another purpose, the no to that one."""
        keys = [(purpose.key, channel), (purpose.key, "")]
        parent = published(self.customer.brand, self.now).get(purpose.parent)
        if parent is not None:
            keys += [(parent.key, each) for each in (*parent.channels, "")]
        found = (self.reader.choices.get(key) for key in dict.fromkeys(keys))
        return (choice for choice in found if choice is not None and choice.state in NO)


# Granted, or waiting for something that asking again would not bring nearer.
SETTLED = frozenset({
    Reason.GRANTED, Reason.UNCONFIRMED, Reason.DEFERRED, Reason.PROHIBITED, Reason.RESTRICTED, Reason.GUARDIAN_MISSING,
    Reason.UNKNOWN_PURPOSE, Reason.UNKNOWN_PERSON, Reason.NOT_IN_FORCE, Reason.ERROR,
})  # fmt: skip


def _wide_words(customer: Customer) -> Iterable[tuple[Scope, datetime]]:
    """When each wide word that stands was spoken."""
    standing = {seq: scope for scope, column in SCOPE_COLUMN.items() if (seq := getattr(customer, column)) is not None}
    if not standing:
        return []
    spoken = Entry.objects.of(customer.subject).filter(seq__in=standing).values_list("seq", "recorded_at")
    return [(standing[seq], moment) for seq, moment in spoken]


# ── The person's list ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Waiting:
    """A purpose that waits for an answer. `ran_out`: when the yes to it did; `given`: a guardian allowed it, who no longer decides; else it
    is new, and grew out of `parent`."""

    id: str
    title: str
    parent: str = ""
    ran_out: datetime | None = None
    given: bool = False


def waiting(reader: Reader) -> list[Waiting]:
    """What is put to the person on their overview: yeses that ran out, what was allowed for them as a child, and what is new to something
    they know. Never by a pop-up."""
    asked = Asked(reader)
    found = (_waiting(asked, purpose) for purpose in offered_now(reader.customer))
    return [each for each in found if each is not None]


def _waiting(asked: Asked, purpose: Published) -> Waiting | None:
    channels = purpose.channels or ("",)
    by_channel = {channel: asked.asking(purpose, channel) for channel in channels}
    why = {each.why for each in by_channel.values() if each.may}
    title = purpose.for_language(asked.reader.language).title
    if Why.RAN_OUT in why:
        choices = (asked.reader.choices.get((purpose.key, channel)) for channel, each in by_channel.items() if each.why is Why.RAN_OUT)
        ends = [ran_out(choice) for choice in choices if choice is not None]
        return Waiting(purpose.key, title, ran_out=max(ends))
    if Why.OPEN in why and _was_given(asked.reader, purpose):
        return Waiting(purpose.key, title, given=True)
    if Why.OPEN in why and purpose.parent:
        return Waiting(purpose.key, title, parent=asked.reader.parent(purpose))
    return None


def _was_given(reader: Reader, purpose: Published) -> bool:
    """Whether a guardian had allowed it for them, and the law asks for their own yes by now."""
    return any(key == purpose.key and word.state in {State.GRANTED, State.EXPIRED} for key, word in reader.others)
