"""What may be done with a policy: write a draft, publish it, throw it away, load a pack. No person is touched by any of it:
what a change means for each of them is judged when somebody asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue import policy_pack
from catalogue.actions.acts import hold, public_act, raise_epoch, too_early
from catalogue.content import sha256
from catalogue.models import Clause, Policy, PolicyText, PolicyVersion
from catalogue.policy_content import PolicyContent, body, numbered
from catalogue.policy_validation import problems, unwritable
from catalogue.problems import Problem, Refused
from ledger.canonical import timestamp


@transaction.atomic
def draft_policy(brand: Brand, *, key: str, content: PolicyContent) -> PolicyVersion:
    """A new policy with its first draft."""
    hold(brand)
    if brand.policies.filter(key=key).exists():
        raise Refused([Problem("key_taken", _("There is a policy “%(key)s” already: revise it.") % {"key": key})])
    return _write(PolicyVersion(policy=Policy.objects.create(brand=brand, key=key)), content)


@transaction.atomic
def revise_policy(policy: Policy, *, content: PolicyContent | None = None) -> PolicyVersion:
    """The draft of the next version: the one on the desk, else a copy of the newest published one; with `content`, filled with that."""
    hold(policy.brand)
    draft = policy.draft
    if content is None:
        if draft:
            return draft
        newest = policy.newest
        if newest is None:
            raise Refused([Problem("never_published", _("There is nothing to revise: this policy was never published."))])
        content = PolicyContent(PolicyContent.of(newest).texts)
    return _write(draft or PolicyVersion(policy=policy), content)


@transaction.atomic
def discard_policy(version: PolicyVersion) -> None:
    """Throws a draft away, and its policy with it when nothing of that was ever published."""
    policy = version.policy
    hold(policy.brand)
    PolicyVersion.objects.get(pk=version.pk).delete()
    if not policy.versions.exists():
        policy.delete()


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
        if found := [*found, *too_early(in_force_from or now, newest, now)]:
            raise Refused(found)
        draft.in_force_from = in_force_from or now
        draft.number = newest.number + 1 if newest and newest.number else 1
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
        start = timezone.now() + timedelta(days=each.in_force_after_days) if each.in_force_after_days else None
        done.append(publish_policy(draft, by=by, in_force_from=start))
    return done


def _check(brand: Brand, read: policy_pack.PolicyPack, *, begin: int) -> None:
    """Every version before the first is published: a pack is loaded whole or not at all."""
    found = []
    for number, each in enumerate(read.versions[begin:], start=begin + 1):
        before = read.versions[number - 2].content if number > 1 else None
        for problem in (*unwritable(each.content), *problems(brand, each.content, before)):
            found.append(Problem(problem.code, f"{read.key} {number}: {problem.message}", problem.language, problem.field))
    if found:
        raise Refused(found)


def _write(version: PolicyVersion, content: PolicyContent) -> PolicyVersion:
    if found := unwritable(content):
        raise Refused(found)
    version.removed = sorted(content.removed)
    version.save()
    for row in (*version.texts.all(), *version.clauses.all()):
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
    return version
