"""At the age, the young adult makes the page their own: an address that a code has proven from that page, and an adult who agrees."""

from __future__ import annotations

from django.utils import timezone

from accounts import gates
from accounts.actions.joining import give_sign_in
from accounts.models import Customer
from accounts.sealed import seal, unseal
from consents.grounds import decides_alone
from guardians.models import ChildPage
from ledger.turns import Turn, turn


class TooYoung(PermissionError):
    """Below the age at which they may decide alone."""


def ask_for_page(child: Customer, canonical: str) -> None:
    """An address that was proven from the child's page waits for an adult to agree. Raises TooYoung."""
    with turn(child.subject, brand=child.brand.key, actor=f"self:{child.subject}") as this:
        if not decides_alone(child) or child.person_id is not None:
            raise TooYoung
        this.append(child.subject, "child_page.asked", {})
        ChildPage.objects.get_or_create(child=child)
        ChildPage.objects.filter(child=child).update(sealed=seal({"to": canonical}), asked_at=timezone.now())


def agree_to_address(child: Customer, *, guardian: Customer | None, by: str) -> bool:
    """A guardian in force, or somebody at the desk, says that the address is theirs: they sign in with it from now on. False when none
    waits. Raises NotYours, AddressTaken."""
    with turn(child.subject, brand=child.brand.key, actor=by) as this:
        page = _waiting(this, child, guardian, by)
        if page is None:
            return False
        this.append(child.subject, "child_page.claimed", {})
        give_sign_in(child, unseal(page.sealed)["to"])
        ChildPage.objects.filter(pk=page.pk).update(sealed="", asked_at=None)
    return True


def refuse_address(child: Customer, *, guardian: Customer | None, by: str) -> bool:
    """It is not theirs. False when none waits. Raises NotYours."""
    with turn(child.subject, brand=child.brand.key, actor=by) as this:
        page = _waiting(this, child, guardian, by)
        if page is None:
            return False
        this.append(child.subject, "child_page.refused", {})
        ChildPage.objects.filter(pk=page.pk).update(sealed="", asked_at=None)
    return True


def _waiting(this: Turn, child: Customer, guardian: Customer | None, by: str) -> ChildPage | None:
    if guardian is not None:
        gates.check(this, guardian, child)
    elif not by.startswith("staff:"):
        raise gates.NotYours
    return ChildPage.objects.filter(child=child, asked_at__isnull=False).first()
