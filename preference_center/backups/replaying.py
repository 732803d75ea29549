"""What happened after a backup, and is known only from the journal: every withdrawal, refusal and objection, every wide word, every pause
and every erasure, applied again through the actions that first applied them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.assurance import Level, Proof
from accounts.models import Customer, Guardianship
from consents.actions import say, stop
from consents.saying import Said
from consents.standing import UnknownPurpose
from consents.states import How, Scope, Verb, Where
from data_requests.actions import erase_customer, receive
from data_requests.actions.erasing import close_restored
from data_requests.erasing import walker
from data_requests.models import Request
from guardians.actions import end
from ledger.epochs import is_overtaken, restarts
from ledger.models import Entry
from ledger.turns import turn

BY = "system:restore"
ERASURES = frozenset({"person.erased", "tombstone"})


@dataclass
class Replayed:
    """`known`: the backup has them; `applied`: they were done again; `stood`: it stood so anyway; `unknown`: of people whom the backup
    does not have, so that there is nothing to reduce; `by_hand`: what no action can do again yet."""

    known: int = 0
    withdrawals: int = 0
    erasures: int = 0
    pauses: int = 0
    guardianships: int = 0
    stood: int = 0
    unknown: int = 0
    by_hand: list[str] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)  # subjects: a deletion has two lines

    @property
    def applied(self) -> int:
        return self.withdrawals + self.erasures + self.pauses + self.guardianships


def replay(lines: Iterable[dict[str, Any]]) -> Replayed:
    """In the order of the journal. Twice is once: a line whose act stands changes nothing."""
    done, before = Replayed(), restarts()
    for line in lines:
        # What an earlier restore of this database has applied stands, or was changed since by whom it belongs to.
        if is_overtaken(line, before) or Entry.objects.of(line["subject"]).filter(commitment=line["commitment"]).exists():
            done.known += 1
            continue
        customer = Customer.objects.select_related("brand", "person").filter(subject=line["subject"]).first()
        if customer is None:
            done.unknown += line["subject"] not in done.erased
        else:
            _apply(line, customer, done)
    return done


def _apply(line: dict[str, Any], customer: Customer, done: Replayed) -> None:
    kind = line["kind"]
    if kind in ERASURES:
        _erase(customer, line)
        done.erased.add(customer.subject)
        done.erasures += 1
    elif kind == "choice.decided":
        _count(done, "withdrawals", _withdraw(line, customer))
    elif kind == "scope.changed":
        _count(done, "withdrawals", stop(customer, Scope(line["scope"]), _said(line)) is not None)
    elif kind == "restriction.changed":
        _count(done, "pauses", _pause(customer))
    elif kind == "guardianship.ended":
        _count(done, "guardianships", _end_guardianship(line))
    else:
        done.by_hand.append(f"{kind} of {line['subject']}, {line['recorded_at']}")


def _end_guardianship(line: dict[str, Any]) -> bool:
    """By the line of the child’s chain; the guardian’s own says the same."""
    open_ones = Guardianship.objects.open().filter(child_subject=line["subject"], guardian_subject=line["party"] or "")
    tie = open_ones.select_related("child__brand").first()
    return tie is not None and end(tie, why="restored", by=BY)


def _count(done: Replayed, name: str, changed: bool) -> None:
    name = name if changed else "stood"
    setattr(done, name, getattr(done, name) + 1)


def _withdraw(line: dict[str, Any], customer: Customer) -> bool:
    """False where it stands so, or the use was published after the backup and so is not here to be refused."""
    try:
        return say(customer, line["purpose"], line["channel"] or "", Verb.DENY, _said(line)).saved
    except UnknownPurpose:
        return False


def _said(line: dict[str, Any]) -> Said:
    return Said(actor=BY, party=line["party"] or line["subject"], how=How.RESTORE, where=Where.JOB, assurance="IV0")


def _pause(customer: Customer) -> bool:
    """With a request of its own, by which the person or the desk can end it: the one that it came with may be lost."""
    if customer.restricted_seq is not None:
        return False
    receive(customer, "restrict", {}, RESTORED, by=BY, via=Request.Via.POST)
    return True


RESTORED = Proof(Level.IV2, "restored")


def _erase(customer: Customer, line: dict[str, Any]) -> None:
    request = Request.objects.of(customer).open().filter(number=line.get("request") or "").first()
    if request is not None and request.verified_at is not None:
        close_restored(request, by=BY)
    with turn(customer.subject, brand=customer.brand.key, actor=BY) as this:
        erase_customer(this, customer, why="restored", request=line.get("request"))
    if found := walker.left(customer):
        raise RuntimeError(f"still there after an erasure: {sorted(found)}")
