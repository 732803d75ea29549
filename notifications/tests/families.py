"""Zosia with the two adults who decide for her, made by the acts that make families."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.actions import Verified, begin_guardianship, new_child
from accounts.models import Customer, Guardianship
from consents.saying import Said
from consents.states import Where
from consents.tests.acting import page
from ledger.models import Entry
from ledger.proving import prove
from ledger.turns import turn
from notifications.models import Message

SEEN = Verified("mother", "in_person", True)


def a_child(guardian: Customer, *others: Customer, name: str = "Zosia Zielińska", years: int = 12) -> Customer:
    """Whom all of them decide for. What was told of that is forgotten."""
    child = new_child(guardian, name, date(timezone.now().year - years, 1, 1))
    child.brand = guardian.brand
    for each in (guardian, *others):
        decides(each, child)
    prove()
    Message.objects.all().delete()
    return child


def decides(guardian: Customer, child: Customer, verified: Verified = SEEN) -> Guardianship:
    return begin_guardianship(guardian=guardian, child=child, verified=verified, by="staff:ola")


def written(child: Customer, kind: str, act: dict[str, Any], *, actor: str = "") -> Entry:
    """As the app that owns the kind appends it."""
    with turn(child.subject, brand=child.brand.key, actor=actor or f"self:{child.subject}") as this:
        return this.append(child.subject, kind, act)


def wish(child: Customer, what: str = "allow", purpose: str = "photos", kind: str = "wish.made", **more: Any) -> Entry:
    act = {"what": what, "purpose": purpose if what == "allow" else "", "channel": ""}
    return written(child, kind, act | ({"note": "for the wall"} if kind == "wish.made" else {}) | more)


def for_child(child: Customer, guardian: Customer, purpose: str, channel: str = "") -> Said:
    """What the form on the guardian's page says of itself."""
    said: dict[str, Any] = {"actor": f"guardian:{guardian.subject}", "party": guardian.subject, "where": Where.FAMILY}
    return page(child, purpose, channel, **said)
