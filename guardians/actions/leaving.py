"""A guardianship ends, and with it every way that the guardian had to the child's page."""

from __future__ import annotations

from django.db.models import F

from accounts import gates
from accounts.actions.families import end_in
from accounts.models import Customer, Guardianship
from guardians.links import FIRST
from guardians.models import ChildPage
from ledger.turns import Turn, turn


def resign(guardian: Customer, child: Customer) -> bool:
    """One's own. Raises NotYours."""
    tie = gates.ward(guardian, child.code).tie
    return end(tie, why="resigned", by=f"guardian:{guardian.subject}")


def end(tie: Guardianship, *, why: str, by: str) -> bool:
    """Besides ending it, the child's link is made anew: whoever leaves may know the one before. False when it had ended."""
    if tie.child is None:
        return False
    subjects = [tie.child_subject, *([tie.guardian_subject] if tie.guardian_id else [])]
    with turn(*subjects, brand=tie.child.brand.key, actor=by) as this:
        return end_here(this, tie, tie.child, why=why)


def end_here(this: Turn, tie: Guardianship, child: Customer, *, why: str) -> bool:
    """The same inside a turn that names the child, and the guardian unless they are gone."""
    if not end_in(this, tie, why=why):
        return False
    if why != "of_age":
        _new_link(this, child)
    return True


def replace_link(guardian: Customer, child: Customer) -> None:
    """The one before opens nothing from now on. Raises NotYours."""
    with turn(child.subject, brand=child.brand.key, actor=f"guardian:{guardian.subject}") as this:
        gates.check(this, guardian, child, reduces=True)
        _new_link(this, child)


def _new_link(this: Turn, child: Customer) -> None:
    this.append(child.subject, "child_page.replaced", {})
    ChildPage.objects.get_or_create(child=child, defaults={"version": FIRST})
    ChildPage.objects.filter(child=child).update(version=F("version") + 1)
