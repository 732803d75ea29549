"""What may be done with a policy: write a draft, publish it, throw it away, load a pack. No person is touched by any of it:
what a change means for each of them is judged when somebody asks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue import change_validation, policy_pack
from catalogue.actions.acts import (
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
from catalogue.content import sha256
from catalogue.models import Change, Clause, Policy, PolicyText, PolicyVersion
from catalogue.policy_content import PolicyContent, body, numbered
from catalogue.policy_validation import problems, unwritable
from catalogue.problems import Problem, Refused
from catalogue.published import versions_of
from ledger.canonical import timestamp


@transaction.atomic
def draft_policy(brand: Brand, *, key: str, content: PolicyContent, by: str = "") -> PolicyVersion:
    """A new policy with its first draft."""
    hold(brand)
    if brand.policies.filter(key=key).exists():
        raise Refused([Problem("key_taken", _("There is a policy “%(key)s” already: revise it.") % {"key": key})])
    return _write(PolicyVersion(policy=Policy.objects.create(brand=brand, key=key)), content, by)


@transaction.atomic
def revise_policy(policy: Policy, *, content: PolicyContent | None = None, by: str = "") -> PolicyVersion:
    """The draft of the next version: the one on the desk, else a copy of the newest published one; with `content`, filled with that."""
    hold(policy.brand)
    draft = policy.draft
    if content is None and draft:
        return draft
    if content is None:
        newest = once_published(policy.newest, _("There is nothing to revise: this policy was never published."))
        content = PolicyContent(PolicyContent.of(newest).texts)
    return _write(draft or PolicyVersion(policy=policy), content, by)


def discard_policy(version: PolicyVersion) -> None:
    """Throws a draft away, and its policy with it when nothing of that was ever published."""
    throw_away(version, version.policy)


def publish_policy(version: PolicyVersion, *, by: str, in_force_from: datetime | None = None) -> PolicyVersion:
    """Freezes the draft, numbers and hashes it, and says so in the ledger. `by` is the ledger's name of who acts (`staff:<reference>`).
    `in_force_from`: at once when None. Published before: the same version again. Raises Refused with every problem; then nothing was
    written."""
    with public_act(version.policy.brand, by) as t:
        draft: PolicyVersion = PolicyVersion.objects.select_related("policy__brand").get(pk=version.pk)
        if draft.number is not None:
            return draft
        now = timezone.now()
        brand, newest, content = draft.policy.brand, draft.policy.newest, PolicyContent.of(draft)
        found = problems(brand, content, PolicyContent.of(newest) if newest else None)
        start = in_force_from or now
        found += [*too_early(start, newest, now), *four_eyes(draft, by), *change_validation.too_soon(brand, content, start, now)]
        if found := [*found, *change_validation.day_taken(newest, content, start)]:
            raise Refused(found)
        draft.in_force_from = start
        draft.number = number_after(newest)
        draft.body = body(draft, draft.number)
        draft.sha256 = sha256(draft.body)
        act = {
            "policy": draft.policy.key,
            "version": draft.number,
            "sha256": draft.sha256,
            "in_force_from": timestamp(draft.in_force_from),
            "clauses": len(content.texts[brand.default_language].clauses),
        }
        entry = t.append(brand.subject, "policy.published", act)
        draft.entry, draft.entry_public_id, draft.published_at = entry.id, entry.public_id, entry.recorded_at
        draft.save()
        raise_epoch(version.policy.brand)
        return draft


def review_policy(policy: Policy, *, by: str) -> Policy:
    """Somebody has read the newest version again and says that it still tells the truth. Raises Refused while nothing is published."""
    with public_act(policy.brand, by) as t:
        current = Policy.objects.select_related("brand").get(pk=policy.pk)
        newest = current.newest
        if newest is None:
            raise Refused([Problem("never_published", _("There is nothing to review: this policy was never published."))])
        entry = t.append(policy.brand.subject, "policy.reviewed", {"policy": policy.key, "version": newest.number})
        current.reviewed_at = entry.recorded_at
        current.save(update_fields=["reviewed_at"])
        return current


def load_policy(brand: Brand, path: Path, *, by: str) -> list[PolicyVersion]:
    """Publishes the versions of the pack that the brand has not come to yet; returns them, nothing when there are none. A pack only
    begins a policy: what the brand has published itself stands. Refused names version and place; then nothing was published."""
    read = policy_pack.read(path, brand)
    policy = brand.policies.filter(key=read.key).first()
    there = [PolicyContent.of(version) for version in policy.versions.published()] if policy else []
    if there != [each.content for each in read.versions[: len(there)]]:
        return []
    _check(brand, read, begin=len(there))
    done: list[PolicyVersion] = []
    for each in read.versions[len(there) :]:
        draft = revise_policy(policy, content=each.content) if policy else draft_policy(brand, key=read.key, content=each.content)
        policy = draft.policy
        done.append(publish_policy(draft, by=by, in_force_from=_start(brand, each)))
    return done


def _start(brand: Brand, version: policy_pack.PackVersion) -> datetime | None:
    """None is at once. When midnight passed after the purposes of the pack were loaded, theirs is the day."""
    if not version.in_force_after_days:
        return None
    begin = [versions_of(brand, key)[0].in_force_from for change in version.content.changes if change.asks for key in change.purposes]
    soonest = timezone.now() + settings.POLICY_NOTICE
    return min([first_midnight(version.in_force_after_days), *(each for each in begin if each >= soonest)])


def _check(brand: Brand, read: policy_pack.PolicyPack, *, begin: int) -> None:
    """Every version before the first is published: a pack is loaded whole or not at all."""
    found, now = [], timezone.now()
    for number, each in enumerate(read.versions[begin:], start=begin + 1):
        before = read.versions[number - 2].content if number > 1 else None
        said = (*unwritable(each.content), *problems(brand, each.content, before))
        for problem in said or change_validation.too_soon(brand, each.content, _start(brand, each) or now, now):
            found.append(Problem(problem.code, f"{read.key} {number}: {problem.message}", problem.language, problem.field))
    if found:
        raise Refused(found)


def _write(version: PolicyVersion, content: PolicyContent, by: str = "") -> PolicyVersion:
    if found := unwritable(content):
        raise Refused(found)
    version.removed, version.written_by = sorted(content.removed), by
    version.save()
    for row in (*version.texts.all(), *version.clauses.all(), *version.changes.all()):
        row.delete()
    for language, words in content.texts.items():
        PolicyText.objects.create(version=version, language=language, title=words.title, summary=words.summary)
        Clause.objects.bulk_create(
            Clause(
                version=version, language=language, anchor=clause.anchor, parent=clause.parent, order=order, number=number,
                heading=clause.heading, body=clause.body,
            )
            for order, (clause, number) in enumerate(numbered(words.clauses), start=1)
        )  # fmt: skip
    for order, change in enumerate(content.changes, start=1):
        Change.objects.create(version=version, order=order, **asdict(change))
    return version
