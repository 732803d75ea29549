"""On what ground a use would stand in every place that the law speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django_countries import countries

from catalogue.published import Published
from consents.grounds import ground
from regimes.law import law
from regimes.resolver import Place

REGIONS = "-"  # between a country and its part: US-CA


@dataclass(frozen=True)
class Ground:
    """`basis`: as of a purpose, or "prohibited"; `places`: names, the brand's own first; `like`: a place to look at it from."""

    basis: str
    places: tuple[str, ...]
    like: Place


def grounds_everywhere(purpose: Published, home: str, country: str, on: date) -> list[Ground]:
    """For grown people, the ground of the brand's own country first. `home`: its regime."""
    found: dict[str, list[Place]] = {}
    for code in _codes(country, on):
        place = Place(code.partition(REGIONS)[0], code if REGIONS in code else "")
        found.setdefault(ground(purpose, place, None, on, home).basis, []).append(place)
    return [Ground(basis, tuple(map(name_of, places)), places[0]) for basis, places in found.items()]


def _codes(country: str, on: date) -> list[str]:
    """Every place that some law in force names, once."""
    known = {code for code, _name in countries}
    named = {code for regime in law().in_force(on).values() for code in regime.jurisdictions}
    return [country, *sorted(code for code in named - {country} if code.partition(REGIONS)[0] in known)]


def name_of(place: Place) -> str:
    """“Poland”; “United States of America (CA)”."""
    part = place.region.partition(REGIONS)[2]
    return f"{countries.name(place.country)} ({part})" if part else str(countries.name(place.country))
