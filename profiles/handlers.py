"""Nightly work: answers whose time is over go, and what answers are used for is counted for the desk."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Sum
from django.utils import timezone

from jobs.handlers import Work, daily
from profiles.actions import let_go
from profiles.models import Answer, AnswerUse, Question, QuestionFigures

AT_ONCE = 500
DAYS = 90  # that the figure of readings goes back


@daily("profiles.let_go", at_hour=0)
def let_answers_go(work: Work) -> None:
    """Before retention (data_requests), which would delete the same rows without a word."""
    while some := list(Answer.objects.over(timezone.now()).select_related("customer__brand")[:AT_ONCE]):
        for each in some:
            let_go(each)
    with work.finishing():
        pass


@daily("profiles.count_uses", at_hour=2)
def count_uses(work: Work) -> None:
    """Of every question: how many answers stand, how many were ever used, and how soon."""
    for question in Question.objects.filter(versions__number__isnull=False).distinct():
        count(question)
    with work.finishing():
        pass


def count(question: Question) -> QuestionFigures:
    now = timezone.now()
    took = ExpressionWrapper(F("first_used_at") - F("given_at"), output_field=DurationField())
    answers = Answer.objects.filter(question=question)
    found = answers.aggregate(answers=Count("pk"), used=Count("first_used_at"), took=Avg(took))
    since = timezone.localdate(now - timedelta(days=DAYS))
    reads = AnswerUse.objects.filter(answer__question=question, day__gte=since).aggregate(reads=Sum("times"))["reads"]
    hours = None if found["took"] is None else max(0, round(found["took"].total_seconds() / 3600))
    figures, _made = QuestionFigures.objects.update_or_create(
        question=question,
        defaults={
            "counted_at": now, "answers": found["answers"], "used": found["used"], "unused": answers.unused(now).count(),
            "reads": reads or 0, "hours_to_first_use": hours,
        },
    )  # fmt: skip
    return figures
