"""A child with its guardians, as rows: for tests of whose word counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.actions import join
from accounts.models import Customer, Guardianship
from brands.models import Brand
from consents.decide import decide

USE = "recs"  # personalisation: in Poland the guardian's yes below 16, in France the child's as well below 15


def a_child(brand: Brand, years: int, country: str = "PL") -> Customer:
    child = join(brand=brand, address="zosia@example.com", language="en")
    today = timezone.now().date()
    child.birth_date, child.country = date(today.year - years, 1, 1), country
    child.save()
    child.brand = brand
    return child


def tied(guardian: Customer | None, child: Customer, started_at: datetime | None = None) -> Guardianship:
    assert guardian is not None
    return Guardianship.objects.create(
        guardian=guardian, child=child, guardian_subject=guardian.subject, child_subject=child.subject, parenthood_claim="parent",
        adulthood_method="seen",
        started_seq=2, started_at=started_at or timezone.now() - timedelta(days=400),
    )  # fmt: skip


def ended(tie: Guardianship, seq: int = 30, at: datetime | None = None) -> datetime:
    tie.ended_at, tie.ended_seq = at or timezone.now() - timedelta(hours=1), seq
    tie.save()
    return tie.ended_at


def answer(child: Customer, at: datetime | None = None) -> tuple[bool, str]:
    decision = decide(child, USE, at=at)
    return decision.allowed, decision.reason.value


GRANTED, MISSING = (True, "granted"), (False, "guardian_missing")
