"""Giving and taking what somebody may do at the desk of one brand. More takes two officers; less is done by one, at once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.addresses import canonical_email
from accounts.models import Person, Role, RoleChange
from brands.models import Brand
from ledger.turns import Turn, turn

LONGEST_NAME = 80
MAY_GIVE = "accounts.give_roles"


class NotYourself(PermissionError):
    """Nobody decides about their own roles, nor confirms what they asked for."""


class NotGiven(ValueError):
    """There is no such role, or a change of this colleague's roles waits already."""


class AsTheyAre(ValueError):
    """These are their roles already."""


def ask_for_roles(brand: Brand, address: str, roles: Iterable[str], *, known_as: str = "", by: str) -> RoleChange | None:
    """A colleague, new perhaps, is to have these roles at the brand and no others, and the name once they are given. What only takes away
    is done at once, and answered with None. Raises ValidationError for what is no address, NotYourself, NotGiven, AsTheyAre."""
    wanted, canonical = _named(roles), canonical_email(address)
    with _act(brand, by) as this:
        person = Person.objects.filter(email=canonical).first()
        has = _roles(brand, person) if person else set()
        if set(wanted) == has:
            raise AsTheyAre(wanted)
        person = person or Person.objects.create_user(canonical)
        _not_oneself(person, by)
        if set(wanted) < has:
            _end_open(this, brand, Q(person=person), by)
            _give(this, brand, person, wanted)
            return None
        try:
            with transaction.atomic():
                asked = RoleChange.objects.create(person=person, brand=brand, roles=wanted, known_as=known_as[:LONGEST_NAME], asked_by=by)
        except IntegrityError:
            raise NotGiven("one waits already") from None
        this.append(brand.subject, "staff.roles_asked", {"staff": person.reference, "roles": wanted})
    return asked


def decide_roles(brand: Brand, change: RoleChange, *, give: bool, by: str) -> None:
    """The second officer's word. Whoever asked may take it back. Twice is once. Raises NotYourself, and RoleChange.DoesNotExist where it
    is of another brand."""
    with _act(brand, by) as this:
        found = RoleChange.objects.at(brand).select_for_update(of=("self",)).select_related("person").get(pk=change.pk)
        if found.decided_at is not None:
            return
        _not_oneself(found.person, by)
        if give and found.asked_by == by:
            raise NotYourself(by)
        found.decided_by, found.decided_at, found.given = by, timezone.now(), give
        found.save(update_fields=["decided_by", "decided_at", "given"])
        if not give:
            this.append(brand.subject, "staff.roles_refused", {"staff": found.person.reference, "roles": found.roles})
            return
        if found.known_as and not found.person.known_as:
            Person.objects.filter(pk=found.person.pk).update(known_as=found.known_as)
        _give(this, brand, found.person, found.roles)


def suspend(brand: Brand, person: Person, *, by: str) -> None:
    """At once: their next click at this brand fails, and their sessions there end. Raises NotYourself."""
    with _act(brand, by) as this:
        _not_oneself(person, by)
        waited = _end_open(this, brand, Q(person=person), by)
        if waited or _roles(brand, person):
            _give(this, brand, person, [])


def appoint(brand: Brand, address: str, roles: Iterable[str], *, known_as: str = "", by: str) -> Person:
    """The operator's way to the first officers, from the command line. Twice is once."""
    wanted, canonical = _named(roles), canonical_email(address)
    with _act(brand, by) as this:
        person = Person.objects.filter(email=canonical).first() or Person.objects.create_user(canonical)
        if known_as:
            Person.objects.filter(pk=person.pk).update(known_as=known_as[:LONGEST_NAME])
        if set(wanted) != _roles(brand, person):
            _end_open(this, brand, Q(person=person), by)
            _give(this, brand, person, wanted)
    return person


def _named(roles: Iterable[str]) -> list[str]:
    wanted = sorted(set(roles))
    if Group.objects.filter(name__in=wanted).count() != len(wanted):
        raise NotGiven(wanted)
    return wanted


def _act(brand: Brand, by: str) -> AbstractContextManager[Turn]:
    return turn(brand.subject, brand=brand.key, actor=by)


def _give(this: Turn, brand: Brand, person: Person, roles: list[str]) -> None:
    """These and no others. Who has none left is signed out here, and what somebody asked for who gives no roles any more is confirmed by
    nobody."""
    theirs = Role.objects.at(brand).filter(person=person)
    theirs.exclude(group__name__in=roles).delete()
    new = Group.objects.filter(name__in=set(roles) - _roles(brand, person))
    Role.objects.bulk_create(Role(person=person, brand=brand, group=group) for group in new)
    this.append(brand.subject, "staff.roles_changed", {"staff": person.reference, "roles": roles})
    if MAY_GIVE not in (theirs.permissions() or ()):
        _end_open(this, brand, Q(asked_by=f"staff:{person.reference}"), this.actor)
    if not roles:
        for session in UserSession.objects.filter(user=person, data__brand=brand.key):
            session.end()


def _end_open(this: Turn, brand: Brand, which: Q, by: str) -> int:
    """What waits for a second officer goes with what is taken: nobody confirms it later by mistake."""
    waiting = list(RoleChange.objects.at(brand).open().filter(which).select_related("person"))
    for change in waiting:
        change.decided_by, change.decided_at = by, timezone.now()
        change.save(update_fields=["decided_by", "decided_at"])
        this.append(brand.subject, "staff.roles_refused", {"staff": change.person.reference, "roles": change.roles})
    return len(waiting)


def _roles(brand: Brand, person: Person) -> set[str]:
    return set(person.roles.at(brand).values_list("group__name", flat=True))


def _not_oneself(person: Person, by: str) -> None:
    if by == f"staff:{person.reference}":
        raise NotYourself(by)
