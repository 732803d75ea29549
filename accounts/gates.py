"""The one gate to a child's data. Every page, mail and job that reads or writes it for a guardian comes through here, and is answered from
the row of the guardianship at that moment: no session, cookie or cache remembers that somebody was entitled.

A customer of another brand, a sibling, a guardian whose guardianship has ended and a stranger are told the same: nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Customer, Guardianship, GuardianshipQuerySet
from ledger.turns import Turn


class NotYours(PermissionError):
    """No guardianship in force ties this adult to this child. A page answers it like a child that never was."""


class Frozen(PermissionError):
    """Support looks into a dispute about this child: until it is settled, what a guardian does can only reduce."""


@dataclass(frozen=True)
class Ward:
    """A child, and what entitles the guardian who asks."""

    child: Customer
    tie: Guardianship

    @property
    def is_frozen(self) -> bool:
        return self.tie.frozen_at is not None


def wards_of(guardian: Customer, at: datetime | None = None) -> list[Ward]:
    """Everybody whom this customer is guardian of now, the youngest first. One query."""
    ties = _in_force(at).filter(guardian=guardian, child__isnull=False).select_related("child").order_by("-child__birth_date", "child__pk")
    return [_ward(tie, guardian) for tie in ties]


def ward(guardian: Customer, code: str, at: datetime | None = None) -> Ward:
    """By the child's public code. Raises NotYours."""
    tie = _in_force(at).filter(guardian=guardian, child__code=code).select_related("child").first()
    if tie is None:
        raise NotYours
    return _ward(tie, guardian)


def guardians_of(child: Customer, at: datetime | None = None) -> list[Guardianship]:
    """With each guardian, who came first standing first."""
    return list(_in_force(at).filter(child=child, guardian__isnull=False).select_related("guardian").order_by("started_at", "pk"))


def check(this: Turn, guardian: Customer, child: Customer, *, reduces: bool = False) -> Guardianship:
    """Inside a turn that holds the child's head: what it says stands until the turn ends. Raises NotYours, and Frozen for what would not
    only reduce."""
    this.head(child.subject)
    tie = _in_force(None).filter(guardian=guardian, child=child).first()
    if tie is None:
        raise NotYours
    if tie.frozen_at is not None and not reduces:
        raise Frozen
    return tie


def _in_force(at: datetime | None) -> GuardianshipQuerySet:
    return Guardianship.objects.in_force(at or timezone.now())


def _ward(tie: Guardianship, guardian: Customer) -> Ward:
    assert tie.child is not None
    tie.child.brand, tie.guardian = guardian.brand, guardian
    return Ward(tie.child, tie)
