"""The journey as the desk draws it: stages from left to right, what opens each, and what is asked there, at which moments, of whom."""

from __future__ import annotations

from dataclasses import dataclass

from brands.models import Brand
from profiles.eligibility import sentence
from profiles.models import Moment
from profiles.published import PublishedQuestion, questions
from profiles.validation import Vocabulary


@dataclass(frozen=True)
class Asked:
    key: str
    title: str
    benefit: str
    moments: list[str]
    whom: str


@dataclass(frozen=True)
class Step:
    """`opens_on`: the name of the event; "" for the first."""

    name: str
    opens_on: str
    questions: list[Asked]


def journey(brand: Brand, language: str) -> list[Step]:
    view = questions(brand)
    moments = {row.key: row.name_in(language) for row in Moment.objects.filter(brand=brand)}
    names = Vocabulary.of(brand).names(language) | {
        ("answer", key): each.for_language(language).title for key, each in view.questions.items()
    }

    def asked(question: PublishedQuestion) -> Asked:
        text = question.for_language(language)
        at = [moments.get(key, key) for key in question.moments]
        return Asked(question.key, text.title, text.benefit, at, sentence(question.conditions, names))

    return [
        Step(
            stage.names.get(language) or stage.key,
            moments.get(stage.opens_on, stage.opens_on),
            [asked(each) for each in view.questions.values() if each.stage == stage.order],
        )
        for stage in view.stages
    ]
