"""What must be true before a question is put to anybody. Each problem has a code and a sentence in the editor's words.

The sources: GDPR Art. 5(1)(b) and (c) (one purpose, no more than it needs), Art. 9 (sensitive kinds refused), Art. 13 (said before it is
asked), requirements PROG-01, -02, -06 and -08, and the rules of design.md 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue.models import DataCategory, Purpose
from catalogue.problems import Problem
from catalogue.published import Published, published
from catalogue.validation import copy_problems
from profiles import eligibility
from profiles.content import Content, TextFacts
from profiles.kinds import LARGEST, WITH_BOUNDS, WITH_OPTIONS, Kind
from profiles.models import Moment, Question, Stage
from profiles.models.journey import ANSWER_USED, OURS
from profiles.models.questions import LONGEST_KEPT

MOST_OPTIONS = 12
MOST_CONDITIONS = 10
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
SENSITIVE = "sensitive_data"


@dataclass(frozen=True)
class Vocabulary:
    """What the brand has that a question may name, read once for one validation."""

    purposes: dict[str, Purpose]
    published: dict[str, Published]
    categories: dict[str, DataCategory]
    stages: dict[str, Stage]
    moments: dict[str, Moment]
    questions: frozenset[str]

    @classmethod
    def of(cls, brand: Brand) -> Vocabulary:
        return cls(
            purposes={row.key: row for row in brand.purposes.all()},
            published={key: each for key, each in published(brand).items() if each.retired_at is None},
            categories={row.key: row for row in brand.data_categories.all()},
            stages={row.key: row for row in Stage.objects.filter(brand=brand)},
            moments={row.key: row for row in Moment.objects.filter(brand=brand)},
            questions=frozenset(Question.objects.at(brand).filter(versions__number__isnull=False).values_list("key", flat=True)),
        )

    def names(self, language: str) -> dict[tuple[str, str], str]:
        """What the conditions' sentence calls things, by fact and key."""
        uses = {
            ("consent", f"{key}/{channel}" if channel else key): each.for_language(language).title
            for key, each in self.published.items()
            for channel in ("", *each.channels)
        }
        return uses | {("stage", key): row.name_in(language) for key, row in self.stages.items()}


def unwritable(content: Content, words: Vocabulary) -> list[Problem]:
    """What keeps the content from even becoming a draft."""
    found = [
        Problem("word_unknown", _("The catalogue has no “%(key)s”.") % {"key": key}, field=field)
        for field, key, known in (
            ("purpose", content.purpose, words.purposes.keys()), ("category", content.category, words.categories.keys()),
            ("stage", content.stage, frozenset({"", *words.stages})), *(("moments", key, words.moments.keys()) for key in content.moments),
        )
        if key not in known
    ]  # fmt: skip
    if content.kind not in Kind.values:
        found.append(Problem("kind_unknown", _("“%(kind)s” is no kind of answer.") % {"kind": content.kind}, field="kind"))
    if not 1 <= content.retention_days <= LONGEST_KEPT:
        text = _("An answer is kept for a number of days, ten years at most.")
        found.append(Problem("retention_unbounded", text, field="retention_days"))
    least, most = content.least, content.most
    bounds = [bound for bound in (least, most) if bound is not None]
    if any(abs(bound) > LARGEST for bound in bounds) or (least is not None and most is not None and least > most):
        found.append(Problem("bounds", _("The smallest number is not above the largest."), field="least"))
    return found


def problems(question: Question, content: Content, before: Content | None, *, reason: str) -> list[Problem]:
    """Everything that keeps this content from being published; empty when nothing does. `before`: the version in force; `reason`: an
    officer's, why a sensitive question is asked."""
    brand = question.brand
    words = Vocabulary.of(brand)
    return [
        *_purpose(content, words),
        *_sensitive(content, words, reason),
        *_languages(brand, content),
        *_shape(content),
        *(found for language in brand.languages if language in content.texts for found in _text(content.texts[language], language)),
        *_moments(content, words),
        *_conditions(question, content, words),
        *(_against(before, content) if before else ()),
    ]


def _purpose(content: Content, words: Vocabulary) -> Iterator[Problem]:
    purpose = words.published.get(content.purpose)
    if purpose is None:
        yield Problem("purpose_not_published", _("The purpose it serves is not published, or has ended."), field="purpose")
    elif purpose.audience == "children":
        yield Problem(
            "purpose_of_children", _("A purpose about children is served by no answer: minors are asked nothing."), field="purpose"
        )
    elif purpose.channels:
        yield Problem("purpose_by_channel", _("A purpose that is decided by channel is served by no answer."), field="purpose")
    elif not any(path.category == content.category and path.source_kind == "person" for path in purpose.uses):
        message = _("“%(purpose)s” does not say that it uses this kind of data as people tell it.")
        yield Problem("purpose_does_not_use_it", message % {"purpose": content.purpose}, field="purpose")


def _sensitive(content: Content, words: Vocabulary, reason: str) -> Iterator[Problem]:
    purpose = words.published.get(content.purpose)
    sensitive = words.categories[content.category].sensitive or bool(purpose and SENSITIVE in purpose.classes)
    if sensitive and not reason.strip():
        message = _("This is a sensitive kind of data: an officer has to sign for it, and say why it is asked.")
        yield Problem("sensitive_unsigned", message, field="category")


def _languages(brand: Brand, content: Content) -> Iterator[Problem]:
    for language in brand.languages:
        if language not in content.texts:
            yield Problem("language_missing", _("The text in “%(language)s” is missing.") % {"language": language}, language)
    for language in sorted(set(content.texts) - set(brand.languages)):
        yield Problem("language_unknown", _("The brand does not speak “%(language)s”.") % {"language": language}, language)


def _shape(content: Content) -> Iterator[Problem]:
    asked = [("options", content.kind in WITH_OPTIONS, 2), ("columns", content.kind == Kind.SIZE_TABLE, 1)]
    if content.kind == Kind.SIZE_TABLE:
        asked[0] = ("options", True, 1)
    for name, wanted, fewest in asked:
        keys = {tuple(key for key, _label in getattr(text, name)) for text in content.texts.values()}
        if len(keys) > 1:
            yield Problem("options_differ", _("The keys are the same in every language, and in the same order."), field=name)
        for each in keys:
            if not wanted and each:
                yield Problem("options_unwanted", _("This kind of answer has none."), field=name)
            elif wanted and not fewest <= len(set(each)) == len(each) <= MOST_OPTIONS:
                message = _("Give %(fewest)d to %(most)d of them, each once.") % {"fewest": fewest, "most": MOST_OPTIONS}
                yield Problem("options_number", message, field=name)
            if any(not KEY.match(key) for key in each):
                yield Problem("option_key", _("A key is small letters, digits, - and _."), field=name)
    if content.kind not in WITH_BOUNDS and (content.least, content.most) != (None, None):
        yield Problem("bounds_unwanted", _("This kind of answer has no smallest and largest number."), field="least")


def _text(text: TextFacts, language: str) -> Iterator[Problem]:
    for name in ("title", "why_now", "benefit", "if_not", "used_by", "save_label"):
        if not getattr(text, name).strip():
            yield Problem("fact_missing", _("“%(field)s” is empty.") % {"field": name}, language, name)
    for name, words in text.prose():
        yield from copy_problems(words, language, name, purpose=name in {"benefit", "used_by"})
        if name in {"options", "columns"} and not words.strip():
            yield Problem("fact_missing", _("“%(field)s” is empty.") % {"field": name}, language, name)


def _moments(content: Content, words: Vocabulary) -> Iterator[Problem]:
    for key in content.moments:
        if words.moments[key].on_the_way_to_pay:
            message = _("“%(key)s” lies on the way to paying: nothing is asked there.")
            yield Problem("moment_on_the_way_to_pay", message % {"key": key}, field="moments")


def _conditions(question: Question, content: Content, words: Vocabulary) -> Iterator[Problem]:
    rows = content.conditions
    if len(rows) > MOST_CONDITIONS:
        yield Problem("conditions_many", _("At most %(most)d conditions.") % {"most": MOST_CONDITIONS}, field="conditions")
    purposes = {key: each.channels for key, each in words.published.items()}
    faults = eligibility.faults(rows, questions=words.questions | {question.key}, purposes=purposes, stages=words.stages)
    for fault in faults:
        yield Problem("condition", fault, field="conditions")
    if not faults:
        order = {key: row.order for key, row in words.stages.items()}
        for one, other in eligibility.contradictions(rows, own=question.key, order=order):
            both = eligibility.sentence([one, other], words.names(question.brand.default_language))
            message = _("No one can fit both of these: %(rows)s") % {"rows": both}
            yield Problem("conditions_contradict", message, field="conditions")


def _against(before: Content, after: Content) -> Iterator[Problem]:
    """What people answered for one purpose is not moved to another, nor made into another kind of data."""
    if (before.purpose, before.category, before.kind) != (after.purpose, after.category, after.kind):
        message = _("Purpose, kind of data and kind of answer stay. Give the other question a key of its own.")
        yield Problem("another_question", message, field="purpose")
    if before == after:
        yield Problem("nothing_changed", _("Nothing differs from what is published."))


def stage_opens_on(brand: Brand) -> frozenset[str]:
    """The events that can open a stage: something was delivered. That a form was filled, or somebody came by, is none."""
    theirs = Moment.objects.filter(brand=brand, on_the_way_to_pay=False).exclude(key__in=OURS)
    return frozenset({ANSWER_USED, *theirs.values_list("key", flat=True)})
