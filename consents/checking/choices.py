from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.models import Customer
from consents.models import Choice
from ledger.canonical import timestamp
from ledger.checking import Fault
from ledger.checking.rows import parsed
from ledger.kinds import Payload
from ledger.models import Entry

AT_ONCE = 2000
Use = tuple[object, ...]  # subject, purpose, channel, party
Decided = tuple[object, ...]  # of an act, then of a row, in this order and as the payload has each
ACT = itemgetter("state", "seq", "seen", "expires_at", "version", "how", "id", "recorded_at")
ROW = ("state", "seq", "seen", "expires_at", "version", "how", "receipt", "recorded_at")


class Choices:
    """Each row against its entry, and the newest decision on each use against its row."""

    kinds = ("choice.decided",)

    def __init__(self) -> None:
        self._people: list[str] = []
        self._newest: dict[Use, tuple[int, Decided]] = {}  # with the id of the entry
        self._faults: list[Fault] = []

    def read(self, subject: str, seq: int, number: int, act: Payload) -> None:
        if not self._people or subject != self._people[-1]:
            if len(self._people) + len(self._newest) >= AT_ONCE:
                self._compare()
            self._people.append(subject)
        if act.get("outcome") != "applied":
            return
        purpose, channel, party = act.get("purpose"), act.get("channel"), act.get("party")
        if type(purpose) is type(channel) is type(party) is str:
            self._newest[subject, purpose, channel, party] = (number, _said(act))

    def faults(self) -> Iterator[Fault]:
        self._compare()
        yield from self._faults
        decided = Entry.objects.readable().filter(subject=OuterRef("customer__subject"), kind="choice.decided")
        for choice in Choice.objects.filter(~Exists(decided)).select_related("customer").order_by("pk").iterator(AT_ONCE):
            yield _says_otherwise(choice)

    def _compare(self) -> None:
        """The people remembered with their rows: whoever is not found was erased, or is a brand."""
        columns = [f"choices__{name}" for name in ("id", "purpose", "channel", "party", "entry", *ROW)]
        here = set()
        for subject, pk, purpose, channel, party, entry, *kept in (
            Customer.objects.filter(subject__in=self._people).order_by("pk", "choices__id").values_list("subject", *columns)
        ):
            here.add(subject)
            newest = self._newest.pop((subject, purpose, channel, party), None)
            if pk is not None and newest != (entry, _kept(*kept)):
                self._faults += _closer(pk, newest[0] if newest else 0)
        self._faults += [_not_shown(entry) for use, (entry, _) in self._newest.items() if use[0] in here]
        self._people, self._newest = [], {}


def _closer(pk: int, newest: int) -> Iterator[Fault]:
    """A row that is not the newest decision that was read on its use: somebody changed it, or a newer one was made meanwhile."""
    choice = Choice.objects.select_related("customer").filter(pk=pk).first()
    if choice is None:
        return  # erased meanwhile
    if not _fits(choice):
        yield _says_otherwise(choice)
    if choice.entry < newest:
        yield _not_shown(newest)


def _fits(choice: Choice) -> bool:
    entry = Entry.objects.filter(pk=choice.entry, subject=choice.customer.subject, kind="choice.decided").first()
    if entry is None:
        return False
    act = parsed(entry.payload)
    same_use = (choice.purpose, choice.channel, choice.party) == (act.get("purpose"), act.get("channel"), act.get("party"))
    return same_use and _kept(*(getattr(choice, name) for name in ROW)) == _said(act)


def _said(act: Payload) -> Decided:
    """Nothing for a payload that lacks a member: no row can be like that."""
    try:
        said: Decided = ACT(act)
        return said
    except KeyError:
        return ()


def _kept(
    state: str, seq: int, seen: int | None, expires_at: datetime | None, version: int, how: str, receipt: UUID, recorded_at: datetime
) -> Decided:
    until = timestamp(expires_at) if expires_at else None
    return state, seq, seen, until, version, how, str(receipt), timestamp(recorded_at)


def _says_otherwise(choice: Choice) -> Fault:
    return Fault(f"entry {choice.receipt}", f"the choice on {choice} of subject {choice.customer.subject} says otherwise")


def _not_shown(entry_id: int) -> Fault:
    entry = Entry.objects.get(pk=entry_id)
    return Fault(f"entry {entry.public_id}", "no choice shows this decision, the newest on its use")
