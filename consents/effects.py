"""What a change does at others: from the register alone, the same for the words before it is saved and for what is then carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brands.models import Brand
from catalogue.published import Path, Published, published
from consents.naming import in_language

FIXED = frozenset({"contract", "legal_duty"})


@dataclass(frozen=True)
class Told:
    """A recipient who has to hear of a stop. `delete_days`: within how many it must delete what it has; None where another period of the
    register says when."""

    recipient: str
    name: str
    data: tuple[Mapping[str, str], ...]
    delete_days: int | None
    third_party: bool


def told_of(purpose: Published) -> list[Told]:
    """Everybody who receives data under this use, in the order of the register."""
    found: dict[str, list[Path]] = {}
    for path in purpose.uses:
        if path.recipient:
            found.setdefault(path.recipient, []).append(path)
    return [_told(key, paths) for key, paths in found.items()]


def _told(key: str, paths: list[Path]) -> Told:
    days = [path.retention_days if path.retention_after in {"stopped", "collected"} else None for path in paths]
    data = {path.category: path.category_names for path in paths}
    known = [each for each in days if each is not None]
    return Told(key, paths[0].recipient_name, tuple(data.values()), max(known) if len(known) == len(days) else None, paths[0].third_party)


# ── In words ────────────────────────────────────────────────────────────────────────────────────────────────────────


_effects: dict[tuple[str, int, str, int, frozenset[str], str], SafeString] = {}
MOST_EFFECTS = 4096  # kept in memory; every one can be made anew


def effect(brand: Brand, purpose: Published, happening: frozenset[str], language: str) -> SafeString:
    """What happens if this is turned off, while the uses of `happening` go on: folded, rendered once for each wording and state."""
    about = (brand.subject, brand.config_epoch, purpose.key, purpose.version, happening, language)
    if about not in _effects:
        if len(_effects) >= MOST_EFFECTS:
            _effects.clear()
        with translation.override(language):
            context = {"label": purpose.for_language(language).title, "lines": lines(brand, purpose, happening, language)}
            _effects[about] = render_to_string("consents/_effect.html", context)
    return _effects[about]


def lines(brand: Brand, purpose: Published, happening: Iterable[str], language: str) -> list[str]:
    """Whole sentences: who stops receiving what, who must delete it and when, what they go on getting for something else, what stays."""
    told = told_of(purpose)
    others = [other for key, other in published(brand).items() if key in set(happening) and key != purpose.key]
    return [*_stops(told), *_deletes(told), *_goes_on(told, others, language), *_stays(others, language)]


def told_now(purpose: Published) -> str:
    """Once it is saved: the third parties that are being told, by name. Who works on our instructions is stopped by us."""
    names = [each.name for each in told_of(purpose) if each.third_party]
    return ngettext("%(names)s is being told.", "%(names)s are being told.", len(names)) % {"names": _and(names)} if names else ""


def _stops(told: list[Told]) -> list[str]:
    if not told:
        return [_("We stop it at once. Nobody else has this data from us.")]
    by_data: dict[str, list[str]] = {}
    for each in told:
        by_data.setdefault(", ".join(in_language(names) for names in each.data), []).append(each.name)
    return [
        ngettext("%(names)s stops receiving: %(data)s.", "%(names)s stop receiving: %(data)s.", len(names))
        % {"names": _and(names), "data": data}
        for data, names in by_data.items()
    ]


def _deletes(told: list[Told]) -> list[str]:
    by_days: dict[int | None, list[str]] = {}
    for each in told:
        by_days.setdefault(each.delete_days, []).append(each.name)
    return [_delete(days, names) for days, names in sorted(by_days.items(), key=lambda item: (item[0] is None, item[0] or 0))]


def _delete(days: int | None, names: list[str]) -> str:
    who = {"names": _and(names)}
    if days is None:
        return ngettext("%(names)s deletes it when its period is over.", "%(names)s delete it when their period is over.", len(names)) % who
    if days == 0:
        return ngettext("%(names)s must delete it.", "%(names)s must delete it.", len(names)) % who
    within = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    text = ngettext("%(names)s must delete it within %(days)s.", "%(names)s must delete it within %(days)s.", len(names))
    return text % {**who, "days": within}


def _and(names: list[str]) -> str:
    """“A”, “A and B”, “A, B and C”."""
    if len(names) < 2:
        return "".join(names)
    return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}


def _goes_on(told: list[Told], others: list[Published], language: str) -> list[str]:
    """The same company may have data for another use, which this does not touch."""
    found = []
    for each in told:
        still = [other.for_language(language).title for other in others if any(path.recipient == each.recipient for path in other.uses)]
        if still:
            found.append(_("%(name)s goes on with: %(uses)s.") % {"name": each.name, "uses": ", ".join(still)})
    return found


def _stays(others: list[Published], language: str) -> list[str]:
    kept = [other.for_language(language).title for other in others if other.basis in FIXED]
    return [_("You keep: %(uses)s.") % {"uses": ", ".join(kept)}] if kept else []
