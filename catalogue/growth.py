"""A purpose never grows: what a new version may do is at most what people were asked about (requirements CONS-14, CONS-15).

Judged on classes, channels, basis, audience and Use rows, never on prose. One use is covered by an old one when data, source and
recipient are the same and nothing about it is more: role, sale, sharing, country, safeguards, how long it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from catalogue.content import Content, UseFacts
from catalogue.problems import Problem

ROLES = {"": 0, "processor": 1, "joint": 2, "controller": 3}
STARTS = {"collected": 0, "year_end": 1, "stopped": 2}  # when the time of keeping begins: later is longer


def problems(old: Content, new: Content, *, parent: str, home: str) -> list[Problem]:
    """Each dimension that grew, in the editor's words, with the way out. `parent` is the purpose's key."""
    dimensions = {
        "grew_classes": _("It falls under a further class of the law"),
        "grew_channels": _("It reaches people through a further channel"),
        "grew_basis": _("It stands on another legal ground"),
        "grew_explicit": _("It no longer asks for the explicit yes that people gave"),
        "grew_benefit": _("A benefit hangs on the answer now"),
        "grew_lifetime": _("A yes would stand for longer"),
        "grew_audience": _("It concerns further people"),
        "grew_data": _("It uses further data"),
        "grew_source": _("It takes data from a further source"),
        "grew_recipient": _("Somebody further gets the data"),
        "grew_role": _("A recipient has a freer hand with the data"),
        "grew_sold": _("The data is sold now"),
        "grew_shared": _("The data is shared for others’ own ends now"),
        "grew_country": _("The data goes to a further country"),
        "grew_safeguards": _("A protection is gone"),
        "grew_retention": _("The data is kept for longer"),
    }
    rule = _("A purpose never grows: publish what is new as a purpose of its own that names “%(key)s” as its parent.") % {"key": parent}
    return [
        Problem(code, f"{dimensions[code]} ({what}). {rule}" if what else f"{dimensions[code]}. {rule}")
        for code, what in growth(old, new, home)
    ]


def growth(old: Content, new: Content, home: str) -> list[tuple[str, str]]:
    """(code, what grew) for each dimension in which `new` is wider than `old`; empty when it is narrower or equal.
    `home` is the brand's country: bringing data home is never wider."""
    return [*_frame(old, new), *dict.fromkeys(_uses(old.uses, new.uses, home))]


def exchanged(old: Content, new: Content, home: str) -> list[tuple[str, str]]:
    """(processor that goes, processor that comes) under the same instructions: a notice, not growth."""
    return _exchanges(old.uses, new.uses, home)


def _frame(old: Content, new: Content) -> Iterable[tuple[str, str]]:
    if added := set(new.classes) - set(old.classes):
        yield "grew_classes", ", ".join(sorted(added))
    if added := set(new.channels) - set(old.channels):
        yield "grew_channels", ", ".join(sorted(added))
    elif old.channels and not new.channels:
        yield "grew_channels", ""  # one answer for everything, where people had answered channel by channel
    if new.basis not in (old.basis, "consent"):
        yield "grew_basis", f"{old.basis} → {new.basis}"
    if old.explicit and not new.explicit:
        yield "grew_explicit", ""
    if new.conditional_benefit and not old.conditional_benefit:
        yield "grew_benefit", ""
    if (new.lifetime_months or 10**6) > (old.lifetime_months or 10**6):
        yield "grew_lifetime", str(new.lifetime_months or "∞")
    if new.audience != old.audience and old.audience != "everybody":
        yield "grew_audience", f"{old.audience} → {new.audience}"


def _uses(old: Sequence[UseFacts], new: Sequence[UseFacts], home: str) -> Iterable[tuple[str, str]]:
    stands_for = {comes: goes for goes, comes in _exchanges(old, new, home)}
    for use in new:
        yield from _wider(old, use, stands_for.get(use.recipient, use.recipient), home)


def _wider(old: Sequence[UseFacts], use: UseFacts, recipient: str, home: str) -> Iterable[tuple[str, str]]:
    same_data = [each for each in old if each.category == use.category]
    if not same_data:
        yield "grew_data", use.category
        return
    same_source = [each for each in same_data if each.source == use.source]
    if not same_source:
        yield "grew_source", f"{use.category}: {use.source}"
        return
    # The brand itself may always do what it had somebody else do for it.
    same = [each for each in same_source if not recipient or each.recipient == recipient]
    if not same:
        yield "grew_recipient", f"{use.category}: {use.recipient}"
        return
    yield from min((_more(each, use, home) for each in same), key=len)


def _more(old: UseFacts, new: UseFacts, home: str) -> list[tuple[str, str]]:
    """In what `new` goes beyond `old`, the data, source and recipient being the same."""
    checks = {
        "grew_role": ROLES[new.role] > ROLES[old.role],
        "grew_sold": new.sold and not old.sold,
        "grew_shared": new.shared and not old.shared,
        "grew_country": new.country not in (old.country, home),
        "grew_retention": new.retention_days > old.retention_days or STARTS[new.retention_after] > STARTS[old.retention_after],
        "grew_safeguards": bool(set(old.safeguards) - set(new.safeguards)),
    }
    return [(code, f"{new.category}: {new.recipient or '–'}") for code, wider in checks.items() if wider]


def _exchanges(old: Sequence[UseFacts], new: Sequence[UseFacts], home: str) -> list[tuple[str, str]]:
    going = _processors(old) - {use.recipient for use in new}
    found = []
    for comes in sorted(_processors(new) - {use.recipient for use in old}):
        for goes in sorted(going):
            if _does_no_more(comes, goes, old, new, home):
                found.append((goes, comes))
                going.remove(goes)
                break
    return found


def _processors(uses: Sequence[UseFacts]) -> set[str]:
    """Who only ever works on instructions."""
    others = {use.recipient for use in uses if use.role != "processor"}
    return {use.recipient for use in uses} - others


def _does_no_more(comes: str, goes: str, old: Sequence[UseFacts], new: Sequence[UseFacts], home: str) -> bool:
    theirs = [use for use in old if use.recipient == goes]
    return not any(list(_wider(theirs, use, goes, home)) for use in new if use.recipient == comes)
