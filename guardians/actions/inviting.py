"""An adult is asked to decide, too; or to decide for a child who was too young to join alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from accounts import gates
from accounts.addresses import canonical_email
from accounts.models import Customer
from accounts.sealed import seal
from brands.models import Brand
from guardians.models import Invitation, hashed, new_invitation_code
from jobs.actions import enqueue
from ledger.turns import turn


class NotOpen(LookupError):
    """Accepted, taken back, too old, or never there: nobody is told which."""


def invite(guardian: Customer, children: Sequence[Customer], *, name: str, address: str) -> tuple[Invitation, str]:
    """The invitation, and its code: it is shown once, and mailed where there is an address ("" where it is handed over). Raises NotYours,
    Frozen, ValidationError for what is no address."""
    canonical = canonical_email(address) if address else ""
    code = new_invitation_code()
    subjects = [child.subject for child in children]
    with turn(guardian.subject, *subjects, brand=guardian.brand.key, actor=f"guardian:{guardian.subject}") as this:
        for child in children:
            gates.check(this, guardian, child)
            this.append(child.subject, "guardian.invited", {"by": guardian.subject})
        row = Invitation.objects.create(
            brand=guardian.brand, invited_by=guardian, children=subjects, sealed=seal({"to": canonical, "name": name}),
            code_sha256=hashed(code),
        )  # fmt: skip
        if canonical:
            _mail(row, code, guardian.language)
    return row, code


def invite_from_gate(brand: Brand, *, name: str, birth_date: date, address: str, language: str) -> tuple[Invitation, str]:
    """A child who was too young to join names an adult. Nothing of it is a customer, and it is gone after GUARDIAN_CONTACT_KEPT."""
    canonical, code = canonical_email(address) if address else "", new_invitation_code()
    row = Invitation.objects.create(
        brand=brand, sealed=seal({"to": canonical, "name": name, "birth_date": birth_date.isoformat()}), code_sha256=hashed(code)
    )
    if canonical:
        _mail(row, code, language)
    return row, code


def _mail(row: Invitation, code: str, language: str) -> None:
    enqueue("guardians.invite", {"invitation": row.pk, "language": language, "sealed": seal({"code": code})})


def open_invitation(brand: Brand, code: str) -> Invitation:
    """Raises NotOpen."""
    found = Invitation.objects.open(timezone.now()).filter(brand=brand, code_sha256=hashed(code)).first()
    if found is None:
        raise NotOpen
    return found


def accept_invitation(brand: Brand, code: str, guardian: Customer) -> Invitation:
    """Whether this customer may take it up. Raises NotOpen, NotYours for whoever is a guardian of all of them, or one of the children."""
    found = open_invitation(brand, code)
    already = {each.child.subject for each in gates.wards_of(guardian)}
    if guardian.subject in found.children or (found.children and already.issuperset(found.children)):
        raise gates.NotYours
    return found


def take_invitation_back(guardian: Customer, pk: int) -> bool:
    """False when there is none of theirs that is open."""
    with turn(guardian.subject, brand=guardian.brand.key, actor=f"self:{guardian.subject}") as this:
        mine = Invitation.objects.open(timezone.now()).filter(pk=pk, invited_by=guardian)
        if not mine.exists():
            return False
        this.append(guardian.subject, "invitation.taken_back", {})
        mine.update(taken_back_at=timezone.now())
    return True
