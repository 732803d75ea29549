"""How old somebody is where they live, and when the law there no longer sees a minor."""

from __future__ import annotations

from datetime import date, datetime

from accounts.models import Customer
from regimes import days
from regimes.resolver import Place, majority


def age_at(birth_date: date | None, minor_until: date | None, country: str, at: datetime) -> int | None:
    """Completed years on the day that the country's last time zone has; None for an adult whose birth date we do not keep. A minor of
    unknown age counts as the youngest."""
    if birth_date is None and minor_until is None:
        return None
    today = days.day_in(country, at)
    if birth_date is not None:
        return days.age_on(birth_date, today)
    return 0 if minor_until is not None and today < minor_until else None


def age_of(customer: Customer, at: datetime) -> int | None:
    return age_at(customer.birth_date, customer.minor_until, customer.country, at)


def is_minor(customer: Customer, at: datetime) -> bool:
    age = age_of(customer, at)
    return age is not None and age < majority(place_of(customer))


def place_of(customer: Customer) -> Place:
    return Place(customer.country, customer.region)


def of_age_on(birth_date: date, place: Place) -> date:
    """The birthday on which every guardianship ends there."""
    return days.birthday(birth_date, majority(place))


def of_age_at(birth_date: date, place: Place) -> datetime:
    """The first moment of that day in the country's last time zone."""
    return days.start_of(of_age_on(birth_date, place), place.country)
