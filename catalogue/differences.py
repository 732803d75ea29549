"""What a draft changes, field by field, in the words that the desk uses for the fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Model

from catalogue.content import Content, TextFacts, UseFacts
from catalogue.models import PurposeText, PurposeVersion, Use

FRAME = ("basis", "audience", "classes", "channels", "lifetime_months", "explicit", "conditional_benefit", "pictogram")

Place = tuple[str, str]  # language ("" for what is the same in all), field as it is called
Flat = Mapping[Place, str]


@dataclass(frozen=True)
class Different:
    """`before` or `now` empty: it comes, or goes."""

    what: str
    before: str
    now: str
    language: str = ""


def differences(old: Flat | None, new: Flat) -> list[Different]:
    """In the order of the fields. Nothing before the first version: all of it is new."""
    if old is None:
        return []
    return [
        Different(place[1], old.get(place, ""), new.get(place, ""), place[0])
        for place in dict.fromkeys((*new, *old))
        if old.get(place, "") != new.get(place, "")
    ]


def flat(content: Content) -> dict[Place, str]:
    sets = {name: sorted(getattr(content, name)) for name in ("classes", "channels")}  # their order says nothing
    found = {("", called(PurposeVersion, name)): said(sets.get(name, getattr(content, name))) for name in FRAME}
    found["", str(Use._meta.verbose_name_plural)] = "\n".join(_use(use) for use in sorted(content.uses))
    for language, text in sorted(content.texts.items()):
        found |= {(language, called(PurposeText, each.name)): said(getattr(text, each.name)) for each in fields(TextFacts)}
    return found


def called(model: type[Model], name: str) -> str:
    """As the draft's form names the field."""
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def said(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {said(each)}" for key, each in sorted(value.items()))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(said(each) for each in value)
    return "–" if value is None else str(value)


def _use(use: UseFacts) -> str:
    """“orders ← shop → carrier (processor; PL), 365 d collected; locked”: keys, as the draft's form has them."""
    whom = f" → {use.recipient}" if use.recipient else ""
    where = "; ".join(filter(None, (use.role, use.country, use.transfer_ground)))
    marks = "".join(f", {mark}" for mark in ("sold", "shared") if getattr(use, mark))
    safe = f"; {', '.join(use.safeguards)}" if use.safeguards else ""
    return f"{use.category} ← {use.source}{whom} ({where}), {use.retention_days} d {use.retention_after}{marks}{safe}"
