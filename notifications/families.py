"""Whom of a family a ledger entry is told: the adults who decide for the child now, and of some things the young person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts import gates
from accounts.models import Contact, Customer
from consents.grounds import decides_alone
from consents.states import NO, How, State, Where
from ledger.models import Entry

LONGEST_NAME = 40  # letters of a first name; whole names may be twice as long
ONE_PRESS = timedelta(seconds=1)  # between two entries that one press has written
SILENT = frozenset({How.COMING_OF_AGE, How.RESTORE})  # of these another mail tells, or nobody did anything


@dataclass(frozen=True)
class Happened:
    """One entry of a child's chain, and who decides for the child at this moment."""

    entry: Entry
    act: dict[str, Any]
    child: Customer
    guardians: list[Customer]

    @property
    def family(self) -> list[Customer]:
        """The child, too, who reads it where they have an address of their own."""
        return [*self.guardians, self.child]

    def others(self, subject: str) -> list[Customer]:
        return [each for each in self.guardians if each.subject != subject]

    def seeing(self, but: str = "") -> list[Customer]:
        return [each for each in guardians_of(self.child, seeing=True) if each.subject != but]


def guardians_of(child: Customer, *, seeing: bool = False) -> list[Customer]:
    """Those in force, each with the brand. `seeing`: who has the child's choices before them: nobody in a dispute, nor once the child
    decides alone."""
    if seeing and decides_alone(child):
        return []
    ties = [tie for tie in gates.guardians_of(child) if not (seeing and tie.frozen_at)]
    found = [tie.guardian for tie in ties if tie.guardian is not None]
    for each in found:
        each.brand = child.brand
    return found


def decides_for(guardian: Customer, child: Customer, *, seeing: bool = False) -> bool:
    return any(each.pk == guardian.pk for each in guardians_of(child, seeing=seeing))


def readers_of(customer: Customer) -> list[Customer]:
    """Who reads what is written to somebody: for a child who does not decide alone and has no proven address, the adults who do; else they
    themselves."""
    if decides_alone(customer) or _has_address(customer):
        return [customer]
    return guardians_of(customer) or [customer]


def asked_about(customer: Customer) -> list[Customer]:
    """To whom it is put what happens with somebody's data: for a child who does not decide alone, those who see the choices."""
    return guardians_of(customer, seeing=True) or [customer]


def may_read(reader: Customer, customer: Customer) -> bool:
    """Whether this is still so, right before a mail goes."""
    return reader.pk == customer.pk or (not decides_alone(customer) and decides_for(reader, customer))


def called(child: Customer) -> str:
    """By the first name, as the family itself wrote it; one that no line of a mail would hold is left out."""
    first = next(iter(child.name.split()), "")
    return first if 0 < len(first) <= LONGEST_NAME else _("your child")


def _has_address(customer: Customer) -> bool:
    return customer.contacts.proven().filter(channel=Contact.Channel.EMAIL).exists()


# ── Who is told of what ─────────────────────────────────────────────────────────────────────────────────────────────


def told_of(entry: Entry) -> tuple[str, list[Customer]]:
    """The child's public code, "" where it is about none, and who is written to."""
    if not _is_of_family(entry):
        return "", []
    customer = Customer.objects.select_related("brand").filter(subject=entry.subject).first()
    if customer is None:
        return "", []
    if entry.kind == "guardian.refused":
        return "", [customer]
    return customer.code, TOLD[entry.kind](Happened(entry, entry.act, customer, guardians_of(customer)))


def _is_of_family(entry: Entry) -> bool:
    """Asked of the entry alone: most decisions are those of adults for themselves. What begins and ends is told of the child's chain."""
    act = entry.act
    if entry.kind == "choice.decided":
        return bool(act["party"] != entry.subject or act["where"] == Where.CHILD)
    return bool(act.get("child", entry.subject) == entry.subject)


def _everybody(of: Happened) -> list[Customer]:
    return of.guardians


def _who_see_it(of: Happened) -> list[Customer]:
    return of.seeing()


def _decided(of: Happened) -> list[Customer]:
    """What a guardian decided, or the child on their own page; in bulk once a press. What a guardian's yes writes down of a child's wish
    comes with that yes."""
    act, by_guardian = of.act, of.entry.actor.startswith("guardian:")
    own = act["party"] == of.child.subject
    if act["how"] in SILENT or act["outcome"] != "applied" or act["state"] not in NO | {State.GRANTED}:
        return []
    if (own and (act["where"] != Where.CHILD or by_guardian)) or _goes_on(of.entry, act):
        return []
    return of.seeing(but=of.entry.actor.removeprefix("guardian:"))


def _started(of: Happened) -> list[Customer]:
    """Whoever was confirmed by mail has that from the second of the two mails."""
    return of.others(of.act["guardian"]) if of.act["method"] == "email_plus" else of.guardians


def _ended(of: Happened) -> list[Customer]:
    if of.act["why"] == "restored":  # told before the backup was put back
        return []
    left = list(Customer.objects.filter(brand=of.child.brand, subject=of.act["guardian"]).select_related("brand"))
    return left if of.act["why"] == "of_age" else [*of.others(of.act["guardian"]), *left]


def _invited(of: Happened) -> list[Customer]:
    return of.others(of.act["by"])


def _with_the_child(of: Happened) -> list[Customer]:
    return of.family


TOLD: dict[str, Callable[[Happened], list[Customer]]] = {
    "wish.made": _who_see_it,
    "wish.reminded": _who_see_it,
    "choice.decided": _decided,
    "guardianship.started": _started,
    "guardianship.ended": _ended,
    "guardianship.frozen": _everybody,
    "guardian.invited": _invited,
    "coming_of_age.told": _with_the_child,
    "child_page.asked": _everybody,
    "child_page.claimed": _with_the_child,
}
KINDS = (*TOLD, "guardian.refused")
OF_CHOICES = frozenset({"wish.made", "wish.reminded", "choice.decided"})


# ── One press, many uses ────────────────────────────────────────────────────────────────────────────────────────────


def press(entry: Entry) -> list[Entry]:
    """The decision and those that the same press has written after it: “don’t allow any of these” is told once."""
    found, act = [entry], entry.act
    for later in Entry.objects.of(entry.subject).filter(seq__gt=entry.seq).order_by("seq")[:MOST]:
        if not _same_press(found[-1], later, act):
            break
        found.append(later)
    return found


MOST = 500  # uses and channels


def _goes_on(entry: Entry, act: dict[str, Any]) -> bool:
    before = Entry.objects.of(entry.subject).filter(seq=entry.seq - 1).first()
    return before is not None and _same_press(before, entry, act)


def _same_press(before: Entry, after: Entry, act: dict[str, Any]) -> bool:
    if (before.kind, after.kind, after.actor) != ("choice.decided", "choice.decided", before.actor):
        return False
    if after.recorded_at - before.recorded_at > ONE_PRESS or not (before.payload and after.payload):
        return False
    return all(each.act["state"] in NO and each.act["seen"] == act["seen"] for each in (before, after))
