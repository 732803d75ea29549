"""What may be done with questions: write a draft, publish it, throw it away, retire a question, load a pack. A draft leaves no trace;
publishing and retiring are acts on the brand's own chain. Nobody is asked anything by them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue.actions.acts import end, four_eyes, hold, number_after, once_published, public_act, raise_epoch, throw_away
from catalogue.content import sha256
from catalogue.problems import Problem, Refused
from profiles import pack, validation
from profiles.actions.journey import set_moment, set_stage
from profiles.content import Content, body
from profiles.models import Condition, Question, QuestionText, QuestionVersion

RESERVED_KEYS = frozenset({"answer", "undo", "unused", "download"})  # words of the addresses that name questions


@transaction.atomic
def draft_question(brand: Brand, *, key: str, content: Content, topic: str = "", order: int = 0, by: str = "") -> QuestionVersion:
    """A new question with its first draft. `topic`: what a refusal covers; its own key when left out."""
    hold(brand)
    if key in RESERVED_KEYS:
        raise Refused([Problem("key_reserved", _("“%(key)s” is a word of this product’s own addresses: choose another.") % {"key": key})])
    if Question.objects.at(brand).filter(key=key).exists():
        raise Refused([Problem("key_taken", _("There is a question “%(key)s” already: revise it.") % {"key": key})])
    question = Question.objects.create(brand=brand, key=key, topic=topic or key, order=order)
    return _write(QuestionVersion(question=question), content, by)


@transaction.atomic
def revise_question(question: Question, *, content: Content | None = None, by: str = "") -> QuestionVersion:
    """The draft of the next version: the one on the desk, else a copy of the newest published one; with `content`, filled with that."""
    hold(question.brand)
    draft = question.draft
    if content is None and draft:
        return draft
    if content is None:
        newest = once_published(question.newest, _("There is nothing to revise: this question was never published."))
        content = Content.of(newest)
    return _write(draft or QuestionVersion(question=question), content, by)


def discard_question(version: QuestionVersion) -> None:
    """Throws a draft away, and its question with it when nothing of that was ever published."""
    throw_away(version, version.question)


def publish_question(version: QuestionVersion, *, by: str, sensitive_reason: str = "") -> QuestionVersion:
    """Freezes the draft, numbers and hashes it, and says so in the ledger; it is asked from now on. `sensitive_reason`: an officer's, why a
    sensitive kind of data is asked for. Published before: the same version again. Raises Refused with every problem; then nothing was
    written."""
    brand = version.question.brand
    with public_act(brand, by) as t:
        draft: QuestionVersion = QuestionVersion.objects.select_related("question__brand", "purpose", "category", "stage").get(
            pk=version.pk
        )
        if draft.number is not None:
            return draft
        newest = draft.question.newest
        if problems := _problems(draft, newest, by, sensitive_reason):
            raise Refused(problems)
        draft.number = number_after(newest)
        draft.sensitive_reason = sensitive_reason
        draft.body = body(draft, draft.number)
        draft.sha256 = sha256(draft.body)
        act = {
            "question": draft.question.key, "version": draft.number, "sha256": draft.sha256, "topic": draft.question.topic,
            "asks_for": draft.kind, "purpose": draft.purpose.key, "category": draft.category.key, "sensitive": sensitive_reason or None,
        }  # fmt: skip
        entry = t.append(brand.subject, "question.published", act)
        draft.entry, draft.entry_public_id = entry.id, entry.public_id
        draft.published_at = draft.in_force_from = entry.recorded_at
        draft.save()
        raise_epoch(brand)
        return draft


def retire_question(question: Question, *, by: str) -> Question:
    """It is not asked any more, its answers are read no more, and a job deletes them. Twice is once."""
    retired: Question = end(question, "question", _("This question was never published: throw its draft away instead."), by)
    return retired


def load_questions(brand: Brand, path: Path, *, by: str) -> list[QuestionVersion]:
    """Publishes what the pack has and the brand lacks, and new versions of what differs; returns what was published, nothing when nothing
    changed. Raises Refused."""
    read = pack.read(path, brand)
    for moment in read.moments:
        set_moment(brand, by=by, **moment)
    for stage in read.stages:
        set_stage(brand, by=by, **stage)
    drafts = [draft for each in read.questions if (draft := _draft_from_pack(brand, each))]
    return [publish_question(draft, by=by) for draft in drafts]


def _draft_from_pack(brand: Brand, each: pack.PackQuestion) -> QuestionVersion | None:
    question = Question.objects.at(brand).filter(key=each.key).first()
    if question is None:
        return draft_question(brand, key=each.key, content=each.content, topic=each.topic, order=each.order)
    newest = question.newest
    if question.retired_at or (newest and Content.of(newest) == each.content):
        return None
    return revise_question(question, content=each.content)


def _write(version: QuestionVersion, content: Content, by: str = "") -> QuestionVersion:
    words = validation.Vocabulary.of(version.question.brand)
    if problems := validation.unwritable(content, words):
        raise Refused(problems)
    for name in ("kind", "retention_days", "least", "most"):
        setattr(version, name, getattr(content, name))
    version.purpose, version.category = words.purposes[content.purpose], words.categories[content.category]
    version.stage = words.stages[content.stage] if content.stage else None
    version.moments, version.written_by = list(content.moments), by
    version.save()
    for part in (*version.texts.all(), *version.conditions.all()):
        part.delete()
    for language, text in content.texts.items():
        QuestionText.objects.create(version=version, language=language, **asdict(text))
    for row in content.conditions:
        Condition.objects.create(version=version, **asdict(row))
    return version


def in_the_way(draft: QuestionVersion, *, by: str) -> list[Problem]:
    """What would refuse the publication by `by`. Nothing is written."""
    return [] if draft.number is not None else _problems(draft, draft.question.newest, by, "")


def _problems(draft: QuestionVersion, newest: QuestionVersion | None, by: str, sensitive_reason: str) -> list[Problem]:
    found = validation.problems(draft.question, Content.of(draft), Content.of(newest) if newest else None, reason=sensitive_reason)
    found += four_eyes(draft, by)
    if draft.question.retired_at:
        found.append(Problem("retired", _("This question is not asked any more. Publish a question of its own.")))
    if sensitive_reason and not by.startswith("staff:"):
        found.append(Problem("officer_needed", _("Why a sensitive question is asked is an officer’s word: no program gives it.")))
    return found
