"""The published questions of a brand with its stages and moments, held in memory while the brand's `config_epoch` stands."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from brands.models import Brand
from profiles.content import Content, TextFacts
from profiles.eligibility import Row
from profiles.kinds import Shape, Words
from profiles.models import Moment, Question, QuestionVersion, Stage

Names = Mapping[str, str]  # by language


@dataclass(frozen=True)
class PublishedQuestion:
    """One published version of one question. `stage`: its place in the order of stages."""

    pk: int
    key: str
    topic: str
    order: int
    version: int
    shape: Shape
    purpose: str
    category: str
    retention_days: int
    stage: int
    moments: tuple[str, ...]
    conditions: tuple[Row, ...]
    texts: Mapping[str, TextFacts]
    sha256: str
    retired: bool
    default_language: str

    def for_language(self, language: str) -> TextFacts:
        return self.texts.get(language) or self.texts.get(language.split("-")[0]) or self.texts[self.default_language]

    def words(self, language: str) -> Words:
        text = self.for_language(language)
        return Words(dict(text.options), dict(text.columns), text.unit)


@dataclass(frozen=True)
class PublishedMoment:
    key: str
    lasts: timedelta
    on_the_way_to_pay: bool


@dataclass(frozen=True)
class PublishedStage:
    key: str
    order: int
    opens_on: str
    names: Names


@dataclass(frozen=True)
class View:
    """`questions`: those that are asked, by key, in their order; `by_moment`: the same, by the events after which they are; `versions`:
    every version ever published, retired ones included, by key and number; `topics`: of every question, by its row."""

    epoch: int
    questions: Mapping[str, PublishedQuestion]
    by_moment: Mapping[str, tuple[PublishedQuestion, ...]]
    versions: Mapping[tuple[str, int], PublishedQuestion]
    topics: Mapping[int, str]
    keys: Mapping[int, str]
    stages: tuple[PublishedStage, ...]
    moments: Mapping[str, PublishedMoment] = field(default_factory=dict)

    def of_topic(self, topic: str) -> list[int]:
        """Rows of the questions that share it."""
        return [pk for pk, each in self.topics.items() if each == topic]


_views: dict[str, View] = {}  # by the brand's subject, which no other brand ever has
_loading = threading.Lock()


def questions(brand: Brand) -> View:
    """No query while the brand's epoch stands."""
    view = _views.get(brand.subject)
    if view and view.epoch == brand.config_epoch:
        return view
    with _loading:
        loaded = _load(brand)
        view = _views.get(brand.subject)
        if view is None or view.epoch < loaded.epoch:
            _views[brand.subject] = loaded
        return loaded


def forget(brand: Brand) -> None:
    """After a change that was rolled back: its epoch will be given again to another."""
    _views.pop(brand.subject, None)


def question_of(brand: Brand, key: str, number: int) -> PublishedQuestion | None:
    return questions(brand).versions.get((key, number))


def _load(brand: Brand) -> View:
    stages = tuple(PublishedStage(row.key, row.order, row.opens_on, row.names) for row in Stage.objects.filter(brand=brand))
    moments = {
        row.key: PublishedMoment(row.key, timedelta(days=row.days), row.on_the_way_to_pay) for row in Moment.objects.filter(brand=brand)
    }
    rows = QuestionVersion.objects.published().filter(question__brand=brand).select_related("question", "purpose", "category", "stage")
    every = [
        _published(row, brand)
        for row in rows.prefetch_related("texts", "conditions").order_by("question__order", "question__key", "number")
    ]
    newest = {each.key: each for each in every}
    asked = {key: each for key, each in newest.items() if not each.retired}
    by_moment: dict[str, list[PublishedQuestion]] = defaultdict(list)
    for each in sorted(asked.values(), key=lambda question: (question.stage, question.order, question.key)):
        for moment in each.moments:
            by_moment[moment].append(each)
    known = list(Question.objects.at(brand).values_list("pk", "topic", "key"))
    return View(
        epoch=brand.config_epoch,
        questions=asked,
        by_moment={key: tuple(found) for key, found in by_moment.items()},
        versions={(each.key, each.version): each for each in every},
        topics={pk: topic for pk, topic, _key in known},
        keys={pk: key for pk, _topic, key in known},
        stages=stages,
        moments=moments,
    )


def imagined(draft: QuestionVersion) -> PublishedQuestion:
    """A draft as if it were published now, to be looked at; nothing is written."""
    newest = draft.question.newest
    copy = QuestionVersion.objects.select_related("question__brand", "purpose", "category", "stage").get(pk=draft.pk)
    copy.number = copy.number or 1 + (newest.number or 0 if newest else 0)
    return _published(copy, copy.question.brand)


def _published(row: QuestionVersion, brand: Brand) -> PublishedQuestion:
    assert row.number  # published whole: the database sees to it
    content = Content.of(row)
    return PublishedQuestion(
        pk=row.question_id,
        key=row.question.key,
        topic=row.question.topic,
        order=row.question.order,
        version=row.number,
        shape=content.shape(),
        purpose=content.purpose,
        category=content.category,
        retention_days=content.retention_days,
        stage=row.stage.order if row.stage else 0,
        moments=content.moments,
        conditions=content.conditions,
        texts=content.texts,
        sha256=row.sha256,
        retired=row.question.retired_at is not None,
        default_language=str(brand.default_language),
    )
