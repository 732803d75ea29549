"""Which questions earn their place: what was asked, answered, refused, used. Read from roll-ups alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from brands.models import Brand
from profiles.models import Question, QuestionDay, QuestionFigures
from profiles.published import questions

COLUMNS = ("asked", "answered", "put_off", "never", "deleted", "withdrawn")
FEWEST = 10  # askings and answers from which on a share says something; below it no figure of people is shown
PATIENCE = timedelta(days=30)  # a question is given to show what it is for


@dataclass(frozen=True)
class Line:
    """One question. Counts of fewer than FEWEST people are None: so few could be told apart. `faults`: why it does not earn its place."""

    key: str
    title: str
    asked: int | None
    answered: int | None
    put_off: int | None
    never: int | None
    deleted: int | None
    withdrawn: int | None
    answers: int | None
    used: int | None
    unused: int | None
    reads: int
    hours_to_first_use: int | None
    counted_at: datetime | None
    faults: tuple[str, ...]
    is_early: bool  # too few were asked to say anything


def report(brand: Brand, language: str) -> list[Line]:
    """Those that do not earn their place first, the worst on top. Two queries."""
    summed: Any = QuestionDay.objects.filter(question__brand=brand).values("question")
    days = {
        row["question"]: {name: row[f"all_{name}"] or 0 for name in COLUMNS}
        for row in summed.annotate(**{f"all_{name}": Sum(name) for name in COLUMNS})
    }
    asked = Question.objects.at(brand).filter(retired_at=None, versions__number__isnull=False).distinct().select_related("figures")
    lines = [_line(question, brand, language, days.get(question.pk, {})) for question in asked]
    return sorted(lines, key=lambda line: (-len(line.faults), line.used or 0, line.key))


def _line(question: Question, brand: Brand, language: str, row: dict[str, int]) -> Line:
    figures = getattr(question, "figures", None)
    counts = {name: row.get(name, 0) for name in COLUMNS}
    found = questions(brand).questions.get(question.key)
    return Line(
        key=question.key,
        title=found.for_language(language).title if found else question.key,
        **{name: _told(count) for name, count in counts.items()},
        answers=_told(figures.answers) if figures else 0,
        used=_told(figures.used) if figures else 0,
        unused=_told(figures.unused) if figures else 0,
        reads=figures.reads if figures else 0,
        hours_to_first_use=figures.hours_to_first_use if figures and figures.used >= FEWEST else None,
        counted_at=figures.counted_at if figures else None,
        faults=tuple(_faults(question, counts, figures)),
        is_early=max(counts["asked"], counts["answered"]) < FEWEST,
    )


def _told(count: int) -> int | None:
    return count if count == 0 or count >= FEWEST else None


def _faults(question: Question, counts: dict[str, int], figures: QuestionFigures | None) -> list[str]:
    found = []
    if figures and figures.answers >= FEWEST and not figures.used and _is_old(question):
        found.append(_("No answer was ever used"))
    elif figures and figures.answers >= FEWEST and 2 * figures.unused > figures.answers:
        found.append(_("Most answers are not used any more"))
    if counts["asked"] >= FEWEST and counts["never"] > counts["answered"]:
        found.append(_("More people refuse it for ever than answer"))
    if counts["answered"] >= FEWEST and 4 * (counts["deleted"] + counts["withdrawn"]) > counts["answered"]:
        found.append(_("Many take their answer back"))
    return found


def _is_old(question: Question) -> bool:
    first = question.versions.published().first()
    return bool(first and first.published_at < timezone.now() - PATIENCE)
