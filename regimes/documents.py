"""The law file: split into documents, checked, written in one canonical form. No database here.

Shape of the file (JSON object): `regimes` (list; `id`, `jurisdictions`, `effective_from`, `consent_model` by class …),
`age_of_digital_consent` (list; `country`, `age` or null, `basis`, optional `scope`, `effective_from`, `dual_consent`),
`canonical_purposes` (the closed list of classes), `resolution_policy`, and more that later parts read. The same regime or
country may stand there several times with different `effective_from`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from regimes import periods
from regimes.minors import SCOPES
from regimes.readings import FLOOR_ID, READINGS

COMMON = "common"
AGE = "age:"
CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


class BadLaw(ValueError):
    """The file cannot be taken as law. `problems`: one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def canonical(body: Any) -> str:
    """One text for one meaning: sorted keys, no spaces. The law data holds fractions, so this is not the ledger's form."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def split(law: dict[str, Any]) -> dict[str, Any]:
    """The documents of a file by key (models.RegimeVersion says which)."""
    documents: dict[str, Any] = {COMMON: {name: part for name, part in law.items() if name not in {"regimes", "age_of_digital_consent"}}}
    for regime in law["regimes"]:
        documents.setdefault(regime["id"], []).append(regime)
    for row in law["age_of_digital_consent"]:
        documents.setdefault(f"{AGE}{row['country']}", []).append(row)
    return documents


def first_day(document: Any) -> date | None:
    """The first day a document says anything; None when an entry names no day."""
    if not isinstance(document, list) or not all(entry.get("effective_from") for entry in document):
        return None
    return min(date.fromisoformat(entry["effective_from"]) for entry in document)


def check(law: Any) -> None:
    """Raises BadLaw with every problem found, so that a file is mended in one go."""
    problems = list(_missing(law)) or [*_regime_problems(law), *_age_problems(law)]
    if problems:
        raise BadLaw(problems)


def _missing(law: Any) -> Iterator[str]:
    if not isinstance(law, dict):
        yield "The file is not a JSON object."
        return
    for name, shape in (("regimes", list), ("age_of_digital_consent", list), ("canonical_purposes", list), ("resolution_policy", dict)):
        if not isinstance(law.get(name), shape) or not law[name]:
            yield f"“{name}” is missing or empty."
    for number, regime in enumerate(law.get("regimes") or ()):
        if not isinstance(regime, dict) or not isinstance(regime.get("id"), str) or not isinstance(regime.get("jurisdictions"), list):
            yield f"Regime number {number + 1} has no id or no list of jurisdictions."
        elif not isinstance(regime.get("consent_model", {}), dict):
            yield f"{regime['id']}: the consent model is not an object."
    for number, row in enumerate(law.get("age_of_digital_consent") or ()):
        if not isinstance(row, dict) or not isinstance(row.get("country"), str):
            yield f"Age number {number + 1} names no country."


def _regime_problems(law: dict[str, Any]) -> Iterator[str]:
    ids = {regime["id"] for regime in law["regimes"]}
    classes = set(law["canonical_purposes"])
    for regime in law["regimes"]:
        name = regime["id"]
        if name == COMMON or ":" in name or len(name) > 64:
            yield f"{name}: not a name a regime may have."
        for code in regime["jurisdictions"]:
            if not isinstance(code, str) or not CODE.fullmatch(code):
                yield f"{name}: “{code}” is no ISO 3166 code."
        if regime.get("extends") and regime["extends"] not in ids:
            yield f"{name}: extends “{regime['extends']}”, which is not in the file."
        for purpose_class, phrase in (regime.get("consent_model") or {}).items():
            if purpose_class not in classes:
                yield f"{name}: “{purpose_class}” is not one of the canonical purposes."
            elif (purpose_class, phrase) not in READINGS:
                yield f"{name}: “{phrase}” for {purpose_class} has no reading in regimes/readings.py."
        for right in set(regime.get("rights") or ()) - set(law.get("canonical_rights") or ()):
            yield f"{name}: “{right}” is not one of the canonical rights."
        yield from periods.problems(regime, law.get("computation_rules"))
        yield from _day_problems(name, regime)
    yield from _floor_problems(law)
    yield from _repeated((regime["id"], regime.get("effective_from")) for regime in law["regimes"])


def _floor_problems(law: dict[str, Any]) -> Iterator[str]:
    """Of the periods that hold where no law has a word; what else stands there is no period."""
    for name, raw in (law["resolution_policy"].get("global_floor") or {}).items():
        if isinstance(raw, dict):
            yield from periods.fault(partial(periods.period, FLOOR_ID, f"resolution_policy.global_floor.{name}", raw))


def _age_problems(law: dict[str, Any]) -> Iterator[str]:
    for row in law["age_of_digital_consent"]:
        name, age = f"{AGE}{row['country']}", row.get("age")
        if not CODE.fullmatch(row["country"]):
            yield f"{name}: no ISO 3166 code."
        if age is not None and (isinstance(age, bool) or not isinstance(age, int) or not 0 < age <= 21):
            yield f"{name}: “{age}” is no age."
        if row.get("scope") and row["scope"] not in SCOPES:
            yield f"{name}: the scope “{row['scope']}” is not known (regimes/minors.py)."
        yield from _day_problems(name, row)
    yield from _repeated((f"{AGE}{row['country']}", row.get("scope"), row.get("effective_from")) for row in law["age_of_digital_consent"])
    floor = (law["resolution_policy"].get("global_floor") or {}).get("age_default")
    if not isinstance(floor, int) or isinstance(floor, bool):
        yield "resolution_policy.global_floor.age_default is not a number."


def _day_problems(name: str, entry: dict[str, Any]) -> Iterator[str]:
    for field in ("effective_from", "effective_to"):
        if entry.get(field) is not None:
            try:
                date.fromisoformat(entry[field])
            except (TypeError, ValueError):
                yield f"{name}: {field} “{entry[field]}” is no date."


def _repeated(names: Iterator[tuple[str | None, ...]]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{name[0]} stands {times} times with the same first day."
