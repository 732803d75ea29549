"""What the law asks for a use of data, in a place, at an age, on a day. Questions only; nothing here writes or waits.

Every function may raise UnknownClass, UnknownRegime or regimes.law.NoLaw. Whoever decides about a person takes an error as no.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from django.conf import settings

from regimes.law import Age, Law, Regime, law
from regimes.minors import ADULT_AT, MAJORITY, MINOR_RULES, OWN_YES_FROM, SCOPES, MinorRule
from regimes.places import Place, UnknownRegime, of_home, of_place
from regimes.readings import FLOOR_ID, Model, floor

__all__ = [
    "Model",
    "Place",
    "Resolved",
    "Tightened",
    "UnknownClass",
    "UnknownRegime",
    "age_of_consent",
    "ages_by_region",
    "consent_model",
    "known_classes",
    "known_regimes",
    "majority",
    "proof_years",
    "rights",
    "statutory_rights",
    "tighten",
    "who_decides",
]

Basis = Literal["consent", "legitimate_interest", "opt_out", "contract", "legal_duty", "prohibited"]
Decider = Literal["self", "guardian", "self_and_guardian"]
# What everybody is offered, wherever they live: ask, correct, delete, take along, object, take back.
FLOOR_RIGHTS = frozenset(
    {
        "access",
        "rectification",
        "erasure",
        "portability",
        "objection",
        "objection_direct_marketing",
        "opt_out_sale",
        "opt_out_sharing",
        "opt_out_targeted_advertising",
        "withdraw_consent",
    }
)
BASES: tuple[Basis, ...] = ("consent", "legitimate_interest", "opt_out", "contract", "legal_duty")


class UnknownClass(ValueError):
    """Not one of the canonical purposes. The list is closed: a class nobody has read the law for has no answer."""


class Resolved(NamedTuple):
    """`regimes`: the ids of those that ask for exactly this model, sorted; "global-floor" where no law has a word."""

    model: Model
    regimes: tuple[str, ...]


class Tightened(NamedTuple):
    """`regimes`: whose word it is that the basis is not, or may not be, looser. Empty for a legal duty."""

    basis: Basis
    regimes: tuple[str, ...]


def consent_model(classes: Iterable[str], place: Place, age: int | None, on: date, home: str) -> Resolved:
    """The strictest model that any regime of the place asks for any of the classes.

    age: completed years, None for an adult. home: id of the brand's home regime, "" for none, which binds the brand wherever its
    customers live. Classes the place's law has no word for, and places without a law, are measured by the global floor, too.
    """
    return _resolve(law(), _known(classes), place, age, on, home, False)


def tighten(basis: str, classes: Iterable[str], place: Place, age: int | None, on: date, home: str) -> Tightened:
    """The basis a use really stands on for this person: the published one, or a stricter one, never a looser.

    * legal_duty stays: a law that commands the use is not undone by one about consent.
    * contract stays, unless a law about minors forbids the use itself: no contract makes a known minor's data saleable.
    * legitimate_interest stays where the law leaves room for it: post in the EU, profiling the controller has weighed
      (readings.py, `weighable`). It becomes consent where the law wants the yes itself: marketing by e-mail, SMS or telephone,
      storage on a device, statistics, targeted advertising, passing on, sensitive data. In the EU a mailing is opt-in under
      the ePrivacy rules, whatever ground the GDPR would give.
    * opt_out becomes consent wherever the place is opt-in.
    """
    if basis not in BASES:
        raise ValueError(f"“{basis}” is not a basis.")
    names = _known(classes)
    if basis == "legal_duty":
        return Tightened("legal_duty", ())
    if basis == "contract":
        banned = _forbidden_to_minors(names, place, age, on, home)
        return Tightened("prohibited", banned) if banned else Tightened("contract", ())
    resolved = _resolve(law(), names, place, age, on, home, basis == "legitimate_interest")
    if resolved.model is Model.PROHIBITED:
        return Tightened("prohibited", resolved.regimes)
    if resolved.model >= Model.OPT_IN:
        return Tightened("consent", resolved.regimes)
    return Tightened(basis, resolved.regimes)  # one of BASES


def age_of_consent(place: Place, classes: Iterable[str], on: date) -> int:
    """The birthday, in years, that the law of the place names for these classes; the global floor where it names none.

    Of several that apply the highest. Ages only proposed (`pending` in the data) are not law and do not count.
    """
    row = _age_row(place, _known(classes), on)
    return row.age if row and row.age is not None else law().default_age


def ages_by_region() -> frozenset[str]:
    """Codes (ISO 3166-2) of regions whose law names an age of its own, for whatever classes."""
    return frozenset(code for code in law().age_codes if "-" in code)


def who_decides(classes: Iterable[str], place: Place, age: int | None, on: date) -> Decider:
    """Whose yes is needed. age: completed years, None for an adult. An adult, and a child who has reached the age: "self".

    Below the age "guardian", or "self_and_guardian" where the row says joint (France: Loi Informatique et Libertés Art 45).
    """
    names = _known(classes)
    if age is None:
        return "self"
    row = _age_row(place, names, on)
    if row is None or row.age is None:
        return "self" if age >= law().default_age else "guardian"
    if age >= OWN_YES_FROM.get((row.code, row.scope), row.age):
        return "self"
    return "self_and_guardian" if row.joint else "guardian"


def majority(place: Place) -> int:
    """The birthday, in years, at which every guardianship ends there."""
    return max((MAJORITY[code][0] for code in place.codes if code in MAJORITY), default=ADULT_AT)


def proof_years(place: Place, on: date) -> int:
    """How many years the proof of a choice is kept: the longest a regime of the place names, at least settings.PROOF_YEARS."""
    # A consent manager's seven years and a request log's 24 months are about other records.
    named = ("consent", "product_default", "sale_authorization", "logs_and_personal_data")
    periods = [regime.proof.get(name) for regime in of_place(law(), place, on) for name in named]
    return max([settings.PROOF_YEARS, *(_years(period) for period in periods if isinstance(period, dict))])


def statutory_rights(place: Place, on: date, home: str) -> frozenset[str]:
    """The canonical rights that the regimes of the place and those of the brand's home give, taken together.
    home: as in consent_model()."""
    held = law()
    return frozenset().union(*(regime.rights for regime in (*of_place(held, place, on), *of_home(held, home, on))))


def rights(place: Place, on: date, home: str) -> frozenset[str]:
    """The statutory ones and the global floor, which everybody is offered: what a person may ask of the brand."""
    return statutory_rights(place, on, home) | FLOOR_RIGHTS


def known_classes() -> frozenset[str]:
    """The closed list of classes a purpose may name."""
    return law().classes


def known_regimes() -> frozenset[str]:
    """The ids a brand may name as its home regime."""
    return law().ids


def _known(classes: Iterable[str]) -> tuple[str, ...]:
    # A lone string would be taken letter by letter.
    names = tuple(sorted({classes} if isinstance(classes, str) else set(classes)))
    unknown = [name for name in names if name not in law().classes]
    if unknown or not names:
        raise UnknownClass(f"Not a canonical purpose: {', '.join(unknown)}." if unknown else "No class was named.")
    return names


@lru_cache(maxsize=8192)
def _resolve(law: Law, classes: tuple[str, ...], place: Place, age: int | None, on: date, home: str, weighed: bool) -> Resolved:
    """`weighed`: the controller relies on a legitimate interest, which counts where the law names it beside consent."""
    local, at_home = of_place(law, place, on), of_home(law, home, on)
    words = [word for name in classes for word in _words(name, local, at_home, weighed)]
    words += [(rule.model, rule.regime) for rule in _minor_rules(law, classes, place, age, on, home)]
    strictest = max(model for model, _ in words)
    return Resolved(strictest, tuple(sorted({regime for model, regime in words if model is strictest})))


def _words(purpose_class: str, local: list[Regime], at_home: list[Regime], weighed: bool) -> list[tuple[Model, str]]:
    def said(regimes: list[Regime]) -> list[tuple[Model, str]]:
        readings = [(regime.reading(purpose_class), regime.id) for regime in regimes]
        return [(Model.OPT_OUT if weighed and reading.weighable else reading.model, name) for reading, name in readings if reading]

    # The law at home binds the brand for customers everywhere (GDPR Art. 3(1)); abroad it adds to the law of the place.
    here = said(local)
    return [*here, *said(at_home)] if here else [*said(at_home), (floor(purpose_class), FLOOR_ID)]


def _minor_rules(law: Law, classes: tuple[str, ...], place: Place, age: int | None, on: date, home: str) -> list[MinorRule]:
    if age is None:
        return []
    places = [place.codes] if of_place(law, place, on) else [place.codes, *_home_codes(law, home, on)]
    return [
        rule
        for rule in MINOR_RULES
        if age < rule.below and rule.effective_from <= on and rule.speaks_of(classes) and any(_covers(rule, codes) for codes in places)
    ]


def _home_codes(law: Law, home: str, on: date) -> list[frozenset[str]]:
    regime = law.in_force(on).get(home)
    return [Place(code.partition("-")[0], code).codes for code in regime.jurisdictions] if regime else []


def _covers(rule: MinorRule, codes: frozenset[str]) -> bool:
    """A minor whose region is not known may live in the one that protects them: there the rule holds too."""
    if rule.code in codes:
        return True
    region_unknown = not any("-" in code for code in codes)
    return region_unknown and rule.code.partition("-")[0] in codes


def _forbidden_to_minors(classes: tuple[str, ...], place: Place, age: int | None, on: date, home: str) -> tuple[str, ...]:
    rules = _minor_rules(law(), classes, place, age, on, home)
    return tuple(sorted({rule.regime for rule in rules if rule.model is Model.PROHIBITED}))


def _age_row(place: Place, classes: tuple[str, ...], on: date) -> Age | None:
    """The row with the highest age among those whose scope meets the classes. A row that names no age counts as the floor."""
    rows = [row for row in law().ages(place.codes, on) if not row.scope or not SCOPES[row.scope].isdisjoint(classes)]
    return max(rows, key=lambda row: row.age if row.age is not None else law().default_age, default=None)


def _years(period: dict[str, object]) -> int:
    value, unit = period.get("value"), period.get("unit")
    if not isinstance(value, int) or unit not in {"years", "months"}:
        return 0
    return value if unit == "years" else -(-value // 12)
