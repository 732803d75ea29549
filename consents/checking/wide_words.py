from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Customer
from consents.states import SCOPE_COLUMN, Scope
from ledger.checking import Fault
from ledger.checking.rows import parsed
from ledger.kinds import Payload
from ledger.models import Entry

AT_ONCE = 2000


class WideWords:
    """The wide words on Customer against the newest scope.changed of each."""

    kinds = ("scope.changed",)

    def __init__(self) -> None:
        self._newest: dict[str, dict[object, int | None]] = {}  # by subject and scope: the seq that set it
        self._faults: list[Fault] = []

    def read(self, subject: str, seq: int, number: int, act: Payload) -> None:
        if subject not in self._newest and len(self._newest) >= AT_ONCE:
            self._compare()
        if type(act.get("scope")) is str:
            self._newest.setdefault(subject, {})[act["scope"]] = seq if act.get("state") == "on" else None

    def faults(self) -> Iterator[Fault]:
        self._compare()
        yield from self._faults
        changed = Entry.objects.readable().filter(subject=OuterRef("subject"), kind="scope.changed")
        some = Q(*((f"{column}__isnull", False) for column in SCOPE_COLUMN.values()), _connector=Q.OR)
        for scope in Scope:
            yield from _scope_otherwise(scope, Customer.objects.filter(~Exists(changed), some))

    def _compare(self) -> None:
        people = Customer.objects.filter(subject__in=self._newest).order_by("pk")
        for subject, *kept in people.values_list("subject", *SCOPE_COLUMN.values()):
            for scope, seq in zip(SCOPE_COLUMN, kept, strict=True):
                if self._newest[subject].get(scope.value) != seq:
                    self._faults += _scope_otherwise(scope, Customer.objects.filter(subject=subject))
        self._newest = {}


def _scope_otherwise(scope: Scope, people: QuerySet[Customer]) -> Iterator[Fault]:
    """Those of them on whom the word does not stand as it should: one statement reads row and entry together."""
    column = SCOPE_COLUMN[scope]
    newest = Entry.objects.filter(subject=OuterRef("subject"), kind="scope.changed", payload__contains=f'"scope":"{scope.value}"')
    with_newest = people.annotate(newest=Subquery(newest.order_by("-seq").values("id")[:1])).exclude(newest=None, **{column: None})
    for subject, seq, entry_id in with_newest.values_list("subject", column, "newest").iterator(AT_ONCE):
        entry = Entry.objects.filter(pk=entry_id).first()
        if seq != (entry.seq if entry is not None and parsed(entry.payload).get("state") == "on" else None):
            yield Fault(f"subject {subject}", f"the word “{scope.value}” does not stand as its newest entry says")
