"""What verify_ledger asks of the projections: that every row says what its entry says, and every entry has its row."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import OuterRef, Subquery

from accounts.models import Customer
from consents.models import Choice
from consents.past import word
from consents.states import SCOPE_COLUMN, Scope
from ledger.checking import Fault
from ledger.models import Entry

AT_ONCE = 500


def choices() -> Iterator[Fault]:
    """Each choice against its entry; then, per person, that no newer decision is without its row."""
    rows = Choice.objects.select_related("customer").order_by("pk")
    for choice in rows.iterator(AT_ONCE):
        if not _fits(choice):
            yield Fault(f"entry {choice.receipt}", f"the choice on {choice} of subject {choice.customer.subject} says otherwise")
    yield from _without_row()


def _fits(choice: Choice) -> bool:
    entry = Entry.objects.filter(pk=choice.entry, subject=choice.customer.subject).first()
    if entry is None or entry.payload is None:
        return False
    said = word(entry.act, entry.seq)
    kept = (choice.party, choice.channel, choice.state, choice.seq, choice.seen, choice.expires_at)
    return kept == (said.party, said.channel, said.state, said.seq, said.seen, said.expires_at) and entry.act["purpose"] == choice.purpose


def _without_row() -> Iterator[Fault]:
    """The newest decision on each use must be the one its row names."""
    newest: dict[tuple[str, str, str, str], Entry] = {}
    subject = ""
    decided = Entry.objects.readable().filter(kind="choice.decided", subject__in=Customer.objects.values("subject"))
    for entry in decided.order_by("subject", "seq").iterator(AT_ONCE):
        if entry.subject != subject:
            yield from _missing(newest)
            subject, newest = entry.subject, {}
        act = entry.act
        if act["outcome"] == "applied":
            newest[entry.subject, act["purpose"], act["channel"], act["party"]] = entry
    yield from _missing(newest)


def _missing(newest: dict[tuple[str, str, str, str], Entry]) -> Iterator[Fault]:
    if not newest:
        return
    subject = next(iter(newest))[0]
    rows = set(Choice.objects.filter(customer__subject=subject).values_list("entry", flat=True))
    for entry in newest.values():
        if entry.id not in rows:
            yield Fault(f"entry {entry.public_id}", "no choice shows this decision, the newest on its use")


def scopes() -> Iterator[Fault]:
    """The wide words on Customer against the newest scope.changed of each."""
    for scope in Scope:
        column = SCOPE_COLUMN[scope]
        newest = Entry.objects.filter(subject=OuterRef("subject"), kind="scope.changed", payload__contains=f'"scope":"{scope.value}"')
        people = Customer.objects.annotate(newest=Subquery(newest.order_by("-seq").values("id")[:1])).exclude(newest=None, **{column: None})
        for subject, seq, entry_id in people.values_list("subject", column, "newest").iterator(AT_ONCE):
            entry = Entry.objects.filter(pk=entry_id).first()
            if seq != (entry.seq if entry is not None and entry.act["state"] == "on" else None):
                yield Fault(f"subject {subject}", f"the word “{scope.value}” does not stand as its newest entry says")


def erased(subjects: set[str]) -> set[str]:
    """Those of these subjects that belong to no customer any more."""
    return subjects - set(Customer.objects.filter(subject__in=subjects).values_list("subject", flat=True))
