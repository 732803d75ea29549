"""Values of the law that the data itself is unsure of (`verify`), and those among them that nobody has confirmed yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from regimes import documents
from regimes.law import law
from regimes.minors import MINOR_RULES, MinorRule
from regimes.models import Confirmation
from regimes.reckoning import Reckoning

STEP = re.compile(r"[^.\[\]]+")
LONGEST = 160  # characters of a value in a list


@dataclass(frozen=True)
class Unsure:
    """`key`: the document (models.RegimeVersion). `path`: in the entry, "clock.pauses[1]"; "" is all of it. `sha256`: of `value`."""

    key: str
    path: str
    value: Any
    sha256: str

    @property
    def told(self) -> str:
        """The value in short: its figure where it has one."""
        if isinstance(self.value, dict) and "value" in self.value:
            figure = self.value["value"]
            words = [str(figure)] if figure is not None else []
            return " ".join([*words, str(self.value.get("unit") or "").replace("_", " ")]).strip()
        if not self.path:
            return str(self.value.get("name") or self.value.get("basis") or "") if isinstance(self.value, dict) else ""
        text = documents.canonical(self.value)
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def unsure() -> list[Unsure]:
    """Every value marked, confirmed or not, in the order of keys and paths. No query but for the law itself."""
    found = {(each.key, each.path, each.sha256): each for each in _everything()}
    return [found[name] for name in sorted(found)]


def unconfirmed() -> list[Unsure]:
    """Those that nobody has confirmed as they are now. One query."""
    confirmed = set(Confirmation.objects.values_list("key", "path", "sha256"))
    return [each for each in unsure() if (each.key, each.path, each.sha256) not in confirmed]


def unconfirmed_in(reckoning: Reckoning) -> list[Unsure]:
    """Those among them that a due date hangs on: what it relied on, and the regime as a whole."""
    wanted = {"", *reckoning.relies_on}
    return [each for each in unconfirmed() if each.key == reckoning.regime and each.path in wanted]


def _everything() -> Iterator[Unsure]:
    for key, document in law().documents.items():
        for entry in document if isinstance(document, list) else [document]:
            yield from _marked(key, "", entry)
            for path in entry.get("verify_fields") or ():
                yield _unsure(key, path, _at(entry, path))
    yield from (_rule(rule) for rule in MINOR_RULES if rule.verify)


def _marked(key: str, path: str, value: Any) -> Iterator[Unsure]:
    if isinstance(value, dict):
        # `verify_section_number` and the like say which part of the value is meant.
        if any(name.startswith("verify") and flag is True for name, flag in value.items()):
            yield _unsure(key, path, value)
        for name, part in value.items():
            yield from _marked(key, f"{path}.{name}" if path else name, part)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _marked(key, f"{path}[{number}]", part)


def _unsure(key: str, path: str, value: Any) -> Unsure:
    return Unsure(key, path, value, documents.sha256(documents.canonical(value)))


def _at(entry: Any, path: str) -> Any:
    """What stands at a path; None where nothing does."""
    for step in STEP.findall(path):
        try:
            entry = entry[int(step)] if isinstance(entry, list) else entry[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return entry


def _rule(rule: MinorRule) -> Unsure:
    """A rule about minors is a line of ours (minors.py), unsure as any other."""
    value = {
        "below": rule.below,
        "classes": sorted(rule.classes) if rule.classes is not None else None,
        "model": rule.model.name,
        "effective_from": rule.effective_from.isoformat(),
        "source": rule.source,
    }
    return _unsure(rule.regime, f"minors ({rule.code}, below {rule.below}, {rule.model.name})", value)
