"""What may be done with purposes: write a draft, publish it, retire a purpose, load a pack.

A draft is a sheet on the desk and leaves no trace. Publishing and retiring are acts: one turn on the brand's own chain, which everybody
may read. Neither touches a single person: what a new version means for each is judged when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue import growth, pack, validation
from catalogue.actions.acts import (
    end,
    first_midnight,
    four_eyes,
    hold,
    number_after,
    once_published,
    public_act,
    raise_epoch,
    throw_away,
    too_early,
)
from catalogue.content import RESERVED_KEYS, Content, body, sha256
from catalogue.models import Purpose, PurposeText, PurposeVersion, Safeguard, Use
from catalogue.problems import Problem, Refused
from ledger.canonical import timestamp


@transaction.atomic
def draft_purpose(brand: Brand, *, key: str, content: Content, order: int = 0, parent: str = "", by: str = "") -> PurposeVersion:
    """A new purpose with its first draft. `parent` is the key of the purpose that this one would have widened."""
    if key in RESERVED_KEYS:
        raise Refused([Problem("key_reserved", _("“%(key)s” is a word of this product’s own addresses: choose another.") % {"key": key})])
    hold(brand)
    if brand.purposes.filter(key=key).exists():
        raise Refused([Problem("key_taken", _("There is a purpose “%(key)s” already: revise it.") % {"key": key})])
    above = brand.purposes.filter(key=parent).first()
    if parent and not above:
        raise Refused([Problem("parent_unknown", _("There is no purpose “%(key)s” to be the parent.") % {"key": parent})])
    purpose = Purpose.objects.create(brand=brand, key=key, order=order, parent=above)
    return _write(PurposeVersion(purpose=purpose), content, by)


@transaction.atomic
def revise(purpose: Purpose, *, content: Content | None = None, by: str = "") -> PurposeVersion:
    """The draft of the next version: the one on the desk, else a copy of the newest published one; with `content`, filled with that."""
    hold(purpose.brand)
    draft = purpose.draft
    if content is None and draft:
        return draft
    if content is None:
        newest = once_published(purpose.newest, _("There is nothing to revise: this purpose was never published."))
        content = Content.of(newest)
    return _write(draft or PurposeVersion(purpose=purpose), content, by)


def discard(version: PurposeVersion) -> None:
    """Throws a draft away, and its purpose with it when nothing of that was ever published."""
    throw_away(version, version.purpose)


def publish(version: PurposeVersion, *, by: str, in_force_from: datetime | None = None, says_the_same: bool = False) -> PurposeVersion:
    """Freezes the draft, numbers and hashes it, and says so in the ledger. `by` is the ledger's name of who acts (`staff:<reference>`).
    `in_force_from`: at once when None. `says_the_same`: an officer's word that a change of prose alone changes nothing else.
    Published before: the same version again. Raises Refused with every problem; then nothing was written."""
    with public_act(version.purpose.brand, by) as t:
        draft: PurposeVersion = PurposeVersion.objects.select_related("purpose__brand", "purpose__parent").get(pk=version.pk)
        if draft.number is not None:
            return draft
        now = timezone.now()
        newest = draft.purpose.newest
        if problems := _problems(draft, newest, by, in_force_from, now, says_the_same):
            raise Refused(problems)
        draft.in_force_from = in_force_from or now
        draft.number = number_after(newest)
        draft.body = body(draft, draft.number)
        draft.sha256 = sha256(draft.body)
        entry = t.append(draft.purpose.brand.subject, "purpose.published", _act(draft, bool(newest) and says_the_same))
        draft.entry, draft.entry_public_id, draft.published_at = entry.id, entry.public_id, entry.recorded_at
        draft.save()
        raise_epoch(version.purpose.brand)
        return draft


def in_the_way(draft: PurposeVersion, *, by: str) -> list[Problem]:
    """What would refuse the publication at once by `by`. Nothing is written."""
    return [] if draft.number is not None else _problems(draft, draft.purpose.newest, by, None, timezone.now(), says_the_same=False)


def retire(purpose: Purpose, *, by: str) -> Purpose:
    """Ends a purpose for everybody: nothing may be done under it any more. What was published and answered stays provable."""
    retired: Purpose = end(purpose, "purpose", _("This purpose was never published: throw its draft away instead."), by)
    return retired


@transaction.atomic
def declare(brand: Brand, model: type[pack.Word], key: str, **fields: Any) -> pack.Word:
    """A word of the catalogue (a kind of data, a source, a recipient, a safeguard). Once a published use names it, it may only
    gain names in further languages."""
    hold(brand)
    word = model.objects.filter(brand=brand, key=key).first()
    if word and all(getattr(word, name) == value for name, value in fields.items()):
        return word
    if word and _in_use(word) and not all(_only_adds(getattr(word, name), value) for name, value in fields.items()):
        message = _("“%(key)s” stands in what was published. Give what is different a key of its own.")
        raise Refused([Problem("word_in_use", message % {"key": key})])
    word = word or model(brand=brand, key=key)
    for name, value in fields.items():
        setattr(word, name, value)
    word.full_clean(exclude=["brand", "names", "what_for"])
    word.save()
    raise_epoch(brand)
    return word


def load_pack(brand: Brand, path: Path, *, by: str, says_the_same: bool = False) -> list[PurposeVersion]:
    """Publishes what the pack has and the brand lacks, and new versions of what differs; returns what was published, nothing when
    nothing changed. A pack is published whole or not at all: what is new stays on the desk as drafts, and Refused lists why."""
    read = pack.read(path, brand)
    for model, key, fields in read.words:
        declare(brand, model, key, **fields)
    drafts, found = [], []
    for each in read.purposes:
        try:
            if draft := _draft_from_pack(brand, each):
                drafts.append((draft, first_midnight(each.in_force_after_days) if each.in_force_after_days else None))
        except Refused as refused:
            found += _named(each.key, refused.problems)
    coming = {draft.purpose.key for draft, _start in drafts}
    for draft, start in drafts:
        found += _named(draft.purpose.key, _before_publishing(draft, start, coming, by, says_the_same))
    if found:
        raise Refused(found)
    return [publish(draft, by=by, in_force_from=start, says_the_same=says_the_same) for draft, start in drafts]


def _before_publishing(draft: PurposeVersion, start: datetime | None, coming: set[str], by: str, says_the_same: bool) -> list[Problem]:
    """A parent that comes with the same pack is published before its child."""
    found = _problems(draft, draft.purpose.newest, by, start, timezone.now(), says_the_same)
    with_it = draft.purpose.parent is not None and draft.purpose.parent.key in coming
    return [each for each in found if not (with_it and each.code == "parent_not_published")]


def _named(key: str, problems: Iterable[Problem]) -> list[Problem]:
    return [Problem(each.code, f"{key}: {each.message}", each.language, each.field) for each in problems]


def _draft_from_pack(brand: Brand, each: pack.PackPurpose) -> PurposeVersion | None:
    purpose = brand.purposes.filter(key=each.key).first()
    if purpose is None:
        return draft_purpose(brand, key=each.key, content=each.content, order=each.order, parent=each.parent)
    newest = purpose.newest
    if purpose.retired_at or (newest and Content.of(newest) == each.content):
        return None
    return revise(purpose, content=each.content)


def _write(version: PurposeVersion, content: Content, by: str = "") -> PurposeVersion:
    words = validation.Vocabulary.of(version.purpose.brand)
    if problems := validation.unwritable(content, words):
        raise Refused(problems)
    for name in ("basis", "lifetime_months", "explicit", "conditional_benefit", "audience", "pictogram"):
        setattr(version, name, getattr(content, name))
    version.classes, version.channels = list(content.classes), list(content.channels)
    version.written_by = by
    version.save()
    for row in (*version.texts.all(), *version.uses.all()):
        row.delete()
    for language, text in content.texts.items():
        PurposeText.objects.create(version=version, language=language, **asdict(text))
    for use in content.uses:
        recipient = words.recipients[use.recipient] if use.recipient else None
        named = {"category": words.categories[use.category], "source": words.sources[use.source], "recipient": recipient}
        Use.objects.create(version=version, **asdict(use) | named | {"safeguards": list(use.safeguards)})
    return version


def _problems(
    draft: PurposeVersion, newest: PurposeVersion | None, by: str, in_force_from: datetime | None, now: datetime, says_the_same: bool
) -> list[Problem]:
    purpose, content = draft.purpose, Content.of(draft)
    start = in_force_from or now
    found = validation.problems(purpose.brand, content, on=timezone.localdate(start))
    if purpose.retired_at:
        found.append(Problem("retired", _("This purpose has ended. Publish a purpose of its own.")))
    if purpose.parent and (purpose.parent.retired_at or not purpose.parent.newest):
        found.append(Problem("parent_not_published", _("The parent of this purpose is not published.")))
    found += [*too_early(start, newest, now), *four_eyes(draft, by)]
    if newest:
        found += _against(Content.of(newest), content, purpose, by, says_the_same)
    return found


def _against(old: Content, new: Content, purpose: Purpose, by: str, says_the_same: bool) -> list[Problem]:
    if grown := growth.problems(old, new, parent=purpose.key, home=purpose.brand.country):
        return grown
    if not new.same_deeds(old):
        return []
    if new.texts == old.texts:
        return [] if new.pictogram != old.pictogram else [Problem("nothing_changed", _("Nothing differs from what is published."))]
    if not says_the_same:
        return [Problem("prose_changed", _("Only the wording changed: an officer has to confirm that it says the same."))]
    if not by.startswith("staff:"):
        return [Problem("officer_needed", _("That a new wording says the same is an officer’s word: no program gives it."))]
    return []


def _act(version: PurposeVersion, says_the_same: bool) -> dict[str, Any]:
    assert version.in_force_from
    return {
        "purpose": version.purpose.key,
        "version": version.number,
        "sha256": version.sha256,
        "basis": version.basis,
        "classes": version.classes,
        "channels": version.channels,
        "parent": version.purpose.parent.key if version.purpose.parent else None,
        "says_the_same": says_the_same,
        "in_force_from": timestamp(version.in_force_from),
    }


def _only_adds(old: Any, new: Any) -> bool:
    """Equal, or the same words with further languages."""
    return old == new or (isinstance(old, dict) and isinstance(new, dict) and old.items() <= new.items())


def _in_use(word: pack.Word) -> bool:
    if isinstance(word, Safeguard):
        rows = Use.objects.filter(version__purpose__brand=word.brand, version__number__isnull=False).values_list("safeguards", flat=True)
        return any(word.key in keys for keys in rows)
    return bool(word.uses.filter(version__number__isnull=False).exists())
