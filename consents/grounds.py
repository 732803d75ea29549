"""On which ground a use stands for somebody: what was published, as the law of the place and age tightens it, and what we ourselves do
to no child."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from accounts.ages import age_of, place_of
from accounts.models import Customer
from catalogue.published import Published
from regimes.minors import TARGETED
from regimes.resolver import Place, Tightened, majority, tighten, who_decides

GENERAL = ("general",)  # what the age of consent is asked for where no particular use is meant
OURS = "no-advertising-to-children"  # beside the ids of regimes, for what is a rule of ours


def ground(purpose: Published, place: Place, age: int | None, on: date, home: str) -> Tightened:
    """As tighten() says. Prohibited besides: advertising to a child who is below the age of consent (GDPR Rec. 71, DPDP Act s.9(3), 16 CFR
    312.5), and to any minor what a brand offers adults alone."""
    if age is not None and _is_closed(purpose, place, age, on):
        return Tightened("prohibited", (OURS,))
    return tighten(purpose.basis, purpose.classes, place, age, on, home)


def _is_closed(purpose: Published, place: Place, age: int, on: date) -> bool:
    if age >= majority(place):
        return False
    return purpose.audience == "adults" or (not TARGETED.isdisjoint(purpose.classes) and is_below(place, age, on))


def is_below(place: Place, age: int | None, on: date) -> bool:
    """Below the age of consent: for some of what a brand does somebody else has to say yes, or to say it, too."""
    return who_decides(GENERAL, place, age, on) != "self"


def decides_alone(customer: Customer) -> bool:
    """At the age of consent of their place, or past it."""
    now = timezone.now()
    return not is_below(place_of(customer), age_of(customer, now), now.date())


def meant_for(customer: Customer, purpose: Published, on: date) -> bool:
    """Whether it is put to this customer at all: what is about children, to children and to those who were children here."""
    if purpose.audience == "children":
        return customer.birth_date is not None or customer.minor_until is not None
    return purpose.audience == "everybody" or not (customer.minor_until is not None and on < customer.minor_until)


def discloses(purpose: Published) -> bool:
    """Whether somebody outside the brand gets the data for ends of their own."""
    return purpose.sold or purpose.shared or bool(purpose.third_parties) or any(path.role in OWN_ENDS for path in purpose.uses)


OWN_ENDS = frozenset({"controller", "joint"})
