"""Places, and the regimes that hold in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from regimes.law import Law, Regime


class UnknownRegime(ValueError):
    """A brand's home regime that the law data does not hold."""


@dataclass(frozen=True)
class Place:
    """Where a person lives. country: ISO 3166-1 alpha-2, "" when unknown; region: ISO 3166-2, with or without its country."""

    country: str
    region: str = ""

    @property
    def codes(self) -> frozenset[str]:
        """Those of the place itself and of what it lies in: {"US", "US-CA"}."""
        country, region = self.country.upper(), self.region.upper()
        if region and "-" not in region:
            region = f"{country}-{region}" if country else ""
        return frozenset(filter(None, (country or region.partition("-")[0], region)))


def of_place(law: Law, place: Place, on: date) -> list[Regime]:
    return _with_bases(law, [regime for regime in law.in_force(on).values() if not regime.jurisdictions.isdisjoint(place.codes)], on)


def of_home(law: Law, home: str, on: date) -> list[Regime]:
    """The home regime, and those that hold wherever it holds: for Poland's also the GDPR and ePrivacy."""
    if not home:
        return []
    if home not in law.ids:
        raise UnknownRegime(f"No regime is called “{home}”.")
    regime = law.in_force(on).get(home)
    if regime is None:
        return []
    beside = [
        other
        for other in law.in_force(on).values()
        if all(other.jurisdictions & {code, code.partition("-")[0]} for code in regime.jurisdictions)
    ]
    return _with_bases(law, beside, on)


def _with_bases(law: Law, regimes: list[Regime], on: date) -> list[Regime]:
    """A regime that lies over another brings it along. Neither loosens the other: the strictest wins."""
    found = {regime.id: regime for regime in regimes}
    waiting = list(regimes)
    while waiting:
        base = law.in_force(on).get(waiting.pop().extends)
        if base and base.id not in found:
            found[base.id] = base
            waiting.append(base)
    return list(found.values())
