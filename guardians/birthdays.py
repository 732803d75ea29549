"""Whose birthday is near enough to be told of. One indexed query for all children of all brands, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Q
from django_countries import countries

from accounts.ages import place_of
from accounts.models import Customer
from brands.models import Brand
from consents.grounds import GENERAL
from regimes import days
from regimes.law import Law, law
from regimes.minors import MAJORITY
from regimes.resolver import Place, age_of_consent, ages_by_region, majority


@dataclass(frozen=True)
class Due:
    """A child who becomes `age` in `days` days; 0 is the day itself. `of_age`: every guardianship ends on it."""

    child: Customer
    age: int
    days: int
    of_age: bool


def due(today: date, since: date) -> Iterator[Due]:
    """Everybody whose notice, or whose birthday, falls on a day after `since` up to today."""
    brands = {brand.pk: brand for brand in Brand.objects.all()}
    for child in Customer.objects.filter(_whose(today, since)).order_by("pk").iterator(2000):
        child.brand = brands[child.brand_id]
        yield from _of(child, today, since)


def _of(child: Customer, today: date, since: date) -> Iterator[Due]:
    assert child.birth_date is not None
    for age, grown in _ages(law(), place_of(child), today):
        day = days.birthday(child.birth_date, age)
        for ahead in AHEAD:
            if since < day - timedelta(days=ahead) <= today:
                yield Due(child, age, ahead, grown)


@lru_cache(maxsize=1024)
def _ages(law: Law, place: Place, today: date) -> tuple[tuple[int, bool], ...]:
    """The birthdays that count there, and whether it is the last. `law`: whose word it is; another law is asked anew."""
    grown = majority(place)
    return tuple((age, age == grown) for age in sorted({age_of_consent(place, GENERAL, today), grown}))


AHEAD = (*settings.COMING_OF_AGE_NOTICES, 0)


def _whose(today: date, since: date) -> Q:
    """By birth date and country, which an index holds: the region is looked at afterwards."""
    wanted = Q(pk__in=())
    for age, where in _countries_by_age(law(), today).items():
        wanted |= Q(birth_date__in=sorted(_born(age, today, since)), country__in=where)
    return wanted


def _born(age: int, today: date, since: date) -> set[date]:
    """Birth dates of those who become that old on a day that is told of now."""
    found: set[date] = set()
    for back in range((today - since).days):
        for ahead in AHEAD:
            found |= _born_for(today - timedelta(days=back) + timedelta(days=ahead), age)
    return found


def _born_for(birthday: date, age: int) -> set[date]:
    year = birthday.year - age
    try:
        found = {birthday.replace(year=year)}
    except ValueError:  # 29 February, of a year that had none
        return set()
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if (birthday.month, birthday.day) == (3, 1) and leap:
        found.add(date(year, 2, 29))
    return {born for born in found if days.birthday(born, age) == birthday}


@lru_cache(maxsize=4)
def _countries_by_age(law: Law, today: date) -> dict[int, list[str]]:
    """At which birthdays something passes to the child, and where: of a country, and of every region that has an age of its own."""
    found: dict[int, set[str]] = defaultdict(set)
    for code, _name in countries:
        found[age_of_consent(Place(code), GENERAL, today)].add(code)
        found[majority(Place(code))].add(code)
    for code in {*MAJORITY, *ages_by_region()}:
        country, _dash, _region = code.partition("-")
        found[majority(Place(country, code))].add(country)
        found[age_of_consent(Place(country, code), GENERAL, today)].add(country)
    return {age: sorted(codes) for age, codes in sorted(found.items())}
