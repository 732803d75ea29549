"""Proposals for the changes of a draft, read from what differs. A person judges each of them and says what it means for the reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import override
from django_countries import countries

from brands.models import Brand
from catalogue.diff_words import bag
from catalogue.law import EEA
from catalogue.models import Change, Policy, Recipient
from catalogue.models.vocabulary import KEY
from catalogue.policy_content import ChangeContent, ClauseContent, PolicyContent
from catalogue.published import Published, published

FEW = 3  # words; so few changed ones are an editor's hand, unless one of them counts or denies
DENIAL = re.compile(r"\d|^(?:no|not|never|nobody|nothing|none|without|only|nie|nigdy|nikt|nikomu|nic|żaden|żadna|żadne|bez|tylko)$")
DURATION = re.compile(
    r"(\d+)[\s\u00a0]+(?:(?P<day>days?|dni|dzień|dnia)|(?P<week>weeks?|tygod\w+|tydzień)|(?P<month>months?|miesi\w+)"
    r"|(?P<year>years?|lat\w?|rok\w?))\b",
    re.IGNORECASE,
)
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
ABROAD = re.compile(r"outside the European|poza (?:Uni[aąęi]|teren|obszar|Europejski)|\bUSA\b", re.IGNORECASE)
TRANSFERS = "transfers"  # the anchor that the starter packs give to that clause


def for_draft(policy: Policy, content: PolicyContent) -> tuple[ChangeContent, ...]:
    """For what no change of the draft tells of yet; nothing before the first version."""
    newest = policy.newest
    if newest is None:
        return ()
    recipients = Recipient.objects.filter(brand=policy.brand).order_by("key").values_list("name", flat=True)
    return propose(content, PolicyContent.of(newest), untold(policy.brand), tuple(recipients))


def untold(brand: Brand) -> tuple[Published, ...]:
    """The published uses that begin some day, and of which no published version of any policy tells."""
    told = {
        key
        for keys in Change.objects.filter(version__policy__brand=brand, version__number__isnull=False).values_list("purposes", flat=True)
        for key in keys
    }
    now = timezone.now()
    return tuple(each for key, each in published(brand).items() if key not in told and each.in_force_from > now and not each.retired_at)


def propose(
    content: PolicyContent, newest: PolicyContent, purposes: Iterable[Published], recipients: Sequence[str] = ()
) -> tuple[ChangeContent, ...]:
    """One for each clause that differs, one for each of the uses, with the clauses that name it; what a change tells of already is left
    out. `purposes` begin some day and nobody was told of them; `recipients` are the names in the brand's catalogue."""
    told = {anchor for change in content.changes for anchor in change.anchors}
    spoken = {key for change in content.changes for key in change.purposes}
    groups = list(_groups(content, newest, told))
    found: list[ChangeContent] = []
    for purpose in purposes:
        if purpose.key not in spoken:
            theirs = [group for group in groups if group.tells_of(purpose)]
            groups = [group for group in groups if group not in theirs]
            found.append(_of_purpose(purpose, [anchor for group in theirs for anchor in group.anchors], content))
    found += [_of_clauses(group, content, recipients) for group in groups]
    if not found and not content.changes and content.texts != newest.texts:
        found.append(_of_the_rest(content))
    return tuple(_keyed(found, {change.key for change in content.changes}))


@dataclass(frozen=True)
class _Clause:
    """One clause that differs: how it read and reads, by language; None where it does not stand."""

    anchor: str
    before: Mapping[str, ClauseContent | None]
    after: Mapping[str, ClauseContent | None]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """What it said and says, heading and body, in each language."""
        for language in {**self.before, **self.after}:
            yield _said(self.before.get(language)), _said(self.after.get(language))

    @property
    def reworded(self) -> bool:
        """It stands in both versions."""
        return any(self.before.values()) and any(self.after.values())


@dataclass(frozen=True)
class _Group:
    """A clause that differs, or a new or gone one with those below it."""

    top: str
    clauses: tuple[_Clause, ...]

    @property
    def anchors(self) -> tuple[str, ...]:
        return tuple(clause.anchor for clause in self.clauses)

    def tells_of(self, purpose: Published) -> bool:
        """Its anchor is the use's key, or its text names the use and did not before."""
        titles = [text.title.casefold() for text in purpose.texts.values()]
        return purpose.key in self.anchors or any(
            title in now.casefold() and title not in was.casefold()
            for clause in self.clauses
            for was, now in clause.pairs()
            for title in titles
        )


def _groups(content: PolicyContent, newest: PolicyContent, told: set[str]) -> Iterator[_Group]:
    differing = content.differing(newest)
    now, was = _parents(content), _parents(newest)
    grouped: dict[str, list[_Clause]] = {}
    for anchor in differing:
        if anchor not in told:
            grouped.setdefault(_top(anchor, now, was), []).append(_Clause(anchor, _read(newest, anchor), _read(content, anchor)))
    for top, clauses in grouped.items():
        yield _Group(top, tuple(clauses))


def _parents(content: PolicyContent) -> dict[str, str]:
    return {clause.anchor: clause.parent for words in content.texts.values() for clause in words.clauses}


def _top(anchor: str, now: Mapping[str, str], was: Mapping[str, str]) -> str:
    """The highest clause above it that came or went together with it; itself when there is none, or it was only reworded."""
    if anchor in now and anchor in was:
        return anchor
    parents, others = (now, was) if anchor in now else (was, now)
    seen = {anchor}
    while (above := parents.get(anchor, "")) in parents and above not in others and above not in seen:
        seen.add(above)
        anchor = above
    return anchor


def _read(content: PolicyContent, anchor: str) -> dict[str, ClauseContent | None]:
    return {
        language: next((clause for clause in words.clauses if clause.anchor == anchor), None) for language, words in content.texts.items()
    }


def _said(clause: ClauseContent | None) -> str:
    return f"{clause.heading}\n{clause.body}" if clause else ""


def _of_purpose(purpose: Published, anchors: Sequence[str], content: PolicyContent) -> ChangeContent:
    asks = purpose.basis == "consent"
    return ChangeContent(
        key=purpose.key,
        kind=Change.Kind.PURPOSE.value,
        materiality=(Change.Materiality.NEEDS_CONSENT if asks else Change.Materiality.MATERIAL).value,
        titles={language: purpose.for_language(language).title for language in content.texts},
        for_you=dict.fromkeys(content.texts, ""),
        anchors=tuple(anchors),
        purposes=(purpose.key,),
    )


def _of_clauses(group: _Group, content: PolicyContent, recipients: Sequence[str]) -> ChangeContent:
    kind = min((_kind(clause, recipients) for clause in group.clauses), key=_KINDS.index)
    editorial = kind == Change.Kind.WORDING and all(map(_barely, group.clauses))
    return ChangeContent(
        key=group.top,
        kind=kind.value,
        materiality=(Change.Materiality.EDITORIAL if editorial else Change.Materiality.MATERIAL).value,
        titles={language: _heading(group, language) for language in content.texts},
        for_you=dict.fromkeys(content.texts, ""),
        favourable=kind == Change.Kind.RETENTION and all(map(_shorter, group.clauses)),
        anchors=group.anchors,
    )


def _of_the_rest(content: PolicyContent) -> ChangeContent:
    """No clause differs, but the title, the summary or the order does."""
    return ChangeContent(
        key="summary",
        kind=Change.Kind.WORDING.value,
        materiality=Change.Materiality.EDITORIAL.value,
        titles={language: words.title for language, words in content.texts.items()},
        for_you=dict.fromkeys(content.texts, ""),
    )


def _heading(group: _Group, language: str) -> str:
    first = next((clause for clause in group.clauses if clause.anchor == group.top), group.clauses[0])
    clause = first.after.get(language) or first.before.get(language)
    return clause.heading if clause else ""


# The stronger guess first: a clause that names a new recipient abroad is about the transfer.
_KINDS = (Change.Kind.TRANSFER, Change.Kind.RECIPIENT, Change.Kind.RETENTION, Change.Kind.WORDING)


def _kind(clause: _Clause, recipients: Sequence[str]) -> Change.Kind:
    if clause.anchor == TRANSFERS or any(_abroad(was) != _abroad(now) for was, now in clause.pairs()):
        return Change.Kind.TRANSFER
    if any((name in was) != (name in now) for was, now in clause.pairs() for name in recipients):
        return Change.Kind.RECIPIENT
    if clause.reworded and any(_durations(was) != _durations(now) for was, now in clause.pairs()):
        return Change.Kind.RETENTION
    return Change.Kind.WORDING


def _abroad(text: str) -> frozenset[str]:
    """What in the text lies outside the European Economic Area, by name."""
    return frozenset([*(found.casefold() for found in ABROAD.findall(text)), *_countries().findall(text)])


@lru_cache(maxsize=1)
def _countries() -> re.Pattern[str]:
    names: set[str] = set()
    for language in ("en", "pl"):
        with override(language):
            names |= {str(name) for code, name in countries if code not in EEA}
    return re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + r")\b")


def _durations(text: str) -> Counter[int]:
    """In days."""
    return Counter(int(found[1]) * DAYS[str(found.lastgroup)] for found in DURATION.finditer(text))


def _shorter(clause: _Clause) -> bool:
    """Wherever it says how long, it is no longer than before, and somewhere less."""
    rows = [(_durations(was), _durations(now)) for was, now in clause.pairs()]
    rows = [(was - now, now - was) for was, now in rows if was != now]
    return bool(rows) and all(
        gone.total() == come.total() and all(new < old for old, new in zip(sorted(gone.elements()), sorted(come.elements()), strict=True))
        for gone, come in rows
    )


def _barely(clause: _Clause) -> bool:
    """Only marks, the case or a few words differ, in every language."""
    for was, now in clause.pairs():
        if bool(was) != bool(now):
            return False
        old, new = bag(was), bag(now)
        changed = [word for word in [*(old - new).elements(), *(new - old).elements()] if any(map(str.isalnum, word))]
        if len(changed) > 2 * FEW or any(DENIAL.search(word) for word in changed):
            return False
    return True


def _keyed(changes: Iterable[ChangeContent], taken: set[str]) -> Iterator[ChangeContent]:
    """Each with a key of its own."""
    used = set(taken)
    for change in changes:
        key, number = change.key[:KEY].strip("-"), 1
        while key in used:
            number += 1
            tail = f"-{number}"
            key = change.key[: KEY - len(tail)].strip("-") + tail
        used.add(key)
        yield replace(change, key=key)
