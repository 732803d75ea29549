"""“What you told us”: every answer with why it was asked, who may see it, and what it was used for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Sum
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer
from catalogue.published import published
from consents.screens import Reader, reader_of
from ledger.canonical import timestamp
from profiles.cards import facts, in_words, title_of
from profiles.models import Answer, AnswerUse, Asked
from profiles.published import PublishedQuestion, View, question_of, questions


@dataclass(frozen=True)
class Use:
    """`times`: how often on that day."""

    day: date
    purpose: str
    reader: str
    times: int
    last_at: datetime


@dataclass(frozen=True)
class Told:
    """One answer. `readable`: whether the use it was given for is allowed now; `unused`: offered for deletion."""

    key: str
    title: str
    answer: str
    given_at: datetime
    kept_until: datetime
    why: str
    facts: list[tuple[str, str]]
    purpose: str
    purpose_url: str
    readable: bool
    unused: bool
    used_at: datetime | None
    used_times: int
    receipt_url: str
    is_asked: bool


@dataclass(frozen=True)
class Open:
    """A question that one may answer unasked; of one that is refused, when."""

    key: str
    title: str
    benefit: str
    never_at: datetime | None = None


@dataclass(frozen=True)
class ToldPage:
    answers: list[Told]
    open: list[Open]
    refused: list[Open]

    @property
    def unused(self) -> list[Told]:
        return [each for each in self.answers if each.unused]


def told_page(customer: Customer, language: str) -> ToldPage:
    """Five queries, whatever the number of answers and uses."""
    view, reader = questions(customer.brand), reader_of(customer, language)
    answers = list(Answer.objects.filter(customer=customer).select_related("question").order_by("-given_at"))
    used = {
        row["answer"]: (row["last"], row["times"])
        for row in AnswerUse.objects.filter(answer__customer=customer).values("answer").annotate(last=Max("last_at"), times=Sum("times"))
    }
    asked = list(Asked.objects.filter(customer=customer))
    unused = set(Answer.objects.filter(customer=customer).unused(reader.now).values_list("pk", flat=True)) if answers else set()
    told = [_told(customer, each, reader, view, used.get(each.pk), unused) for each in answers]
    return ToldPage(told, *_others(view, reader, language, {each.question.key for each in answers}, asked))


def one(customer: Customer, key: str, language: str) -> tuple[Told, list[Use]] | None:
    """One answer with its uses, by day; None where there is none."""
    answer = Answer.objects.filter(customer=customer, question__key=key).select_related("question").first()
    if answer is None:
        return None
    reader = reader_of(customer, language)
    uses = [_use(each, customer, language) for each in answer.uses.order_by("-last_at")[:MOST_USES]]
    total = answer.uses.aggregate(last=Max("last_at"), times=Sum("times"))
    unused = set(Answer.objects.filter(pk=answer.pk).unused(reader.now).values_list("pk", flat=True))
    found = (total["last"], total["times"]) if total["last"] else None
    return _told(customer, answer, reader, questions(customer.brand), found, unused), uses


MOST_USES = 100  # rows that a page shows


def _use(row: AnswerUse, customer: Customer, language: str) -> Use:
    return Use(row.day, _purpose(customer, row.purpose, language), row.reader, row.times, row.last_at)


def _purpose(customer: Customer, key: str, language: str) -> str:
    found = published(customer.brand).get(key)
    return found.for_language(language).title if found else key


def _told(customer: Customer, answer: Answer, reader: Reader, view: View, used: tuple[datetime, int] | None, unused: set[int]) -> Told:
    asked = question_of(customer.brand, answer.question.key, answer.version)
    use = published(customer.brand, reader.now).get(answer.purpose)
    return Told(
        key=answer.question.key,
        title=title_of(customer.brand, answer.question.key, answer.version, reader.language),
        answer=in_words(customer.brand, answer, reader.language),
        given_at=answer.given_at,
        kept_until=answer.kept_until,
        why=asked.for_language(reader.language).why_now if asked else "",
        facts=facts(customer.brand, asked, reader.language) if asked else [],
        purpose=_purpose(customer, answer.purpose, reader.language),
        purpose_url=f"{reverse('consents:choices')}#{answer.purpose}",
        readable=use is not None and reader.decision(use, "").allowed,
        unused=answer.pk in unused,
        used_at=used[0] if used else None,
        used_times=used[1] if used else 0,
        receipt_url=reverse("consents:receipt", args=[answer.receipt]),
        is_asked=answer.question.key in view.questions,
    )


def _others(view: View, reader: Reader, language: str, answered: set[str], asked: Iterable[Asked]) -> tuple[list[Open], list[Open]]:
    """What one may still tell, for uses that are allowed; and what was refused for ever."""
    never = {view.topics[row.question_id]: row.never_at for row in asked if row.never_at and row.question_id in view.topics}
    open_ones, refused = [], []
    for question in view.questions.values():
        if question.key in answered:
            continue
        if question.topic in never:
            refused.append(_open(question, language, never[question.topic]))
        elif (use := published(reader.customer.brand, reader.now).get(question.purpose)) and reader.decision(use, "").allowed:
            open_ones.append(_open(question, language))
    return open_ones, refused


def _open(question: PublishedQuestion, language: str, never_at: datetime | None = None) -> Open:
    text = question.for_language(language)
    return Open(question.key, text.title, text.benefit, never_at)


def as_file(customer: Customer, language: str) -> dict[str, Any]:
    """Everything the page shows, to take along: JSON with the words of the language and the values as they are kept."""
    rows = Answer.objects.filter(customer=customer).select_related("question").prefetch_related("uses").order_by("given_at")
    return {
        "brand": customer.brand.key,
        "made_at": timestamp(timezone.now()),
        "answers": [
            {
                "question": row.question.key, "title": title_of(customer.brand, row.question.key, row.version, language),
                "answer": in_words(customer.brand, row, language), "value": row.value, "purpose": row.purpose,
                "given_at": timestamp(row.given_at), "kept_until": timestamp(row.kept_until),
                "uses": [
                    {"day": use.day.isoformat(), "purpose": use.purpose, "by": use.reader, "times": use.times} for use in row.uses.all()
                ],
            }
            for row in rows
        ],
    }  # fmt: skip
