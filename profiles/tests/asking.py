"""What people and clocks do in the tests of questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from ledger.models import Entry
from profiles import actions
from profiles.actions.asking import By, Way
from profiles.choosing import Choosing
from profiles.content import Content, TextFacts
from profiles.eligibility import Row
from profiles.models import Asked, QuestionVersion
from profiles.published import questions

HERE = By("center", "en")
ORDER = "order.placed"
DAY = timedelta(days=1)
SIZE = {"one": "160x200"}


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """The clock says so. Django and every module of ours ask timezone.now()."""
    with patch.object(timezone, "now", lambda: moment):
        yield moment


def later(**more: float) -> Any:
    return at(timezone.now() + timedelta(**more))


def ordered(customer: Customer) -> None:
    assert actions.happen_at_brand(customer, ORDER)


def shown(customer: Customer, session: str = "one") -> Choosing:
    return actions.show(customer, session, HERE)


def key_shown(customer: Customer, session: str = "one") -> str:
    """The key of what is asked, else why nothing is."""
    found = shown(customer, session)
    return found.prompt.question.key if found.prompt else str(found.why)


def not_now(customer: Customer, key: str = "bed-size", **more: Any) -> datetime | None:
    return actions.turn_down(customer, key, Way.LATER, HERE, **more)


def never(customer: Customer, key: str = "bed-size", **more: Any) -> datetime | None:
    return actions.turn_down(customer, key, Way.NEVER, HERE, **more)


def tells(customer: Customer, key: str = "bed-size", value: Any = None, **more: Any) -> Any:
    """As a form of the version that is asked now would say it."""
    asked = questions(customer.brand).questions.get(key)
    return actions.answer(customer, key, value or SIZE, HERE, **({"version": asked.version if asked else 1} | more))


def row(customer: Customer, key: str = "bed-size") -> Asked:
    return Asked.objects.get(customer=customer, question__key=key)


def kinds_of(customer: Customer) -> list[str]:
    """Of the entries about questions, in order."""
    found = Entry.objects.of(customer.subject).order_by("seq").values_list("kind", flat=True)
    return [kind for kind in found if kind.startswith(("question.", "answer."))]


def text(title: str = "Which one?", **more: Any) -> TextFacts:
    said = {
        "title": title, "why_now": "You have just ordered.", "benefit": "You see what fits", "if_not": "You see everything",
        "used_by": "Sorts the shop", "save_label": "Save it", "options": (("a", "First"), ("b", "Second")),
    }  # fmt: skip
    return TextFacts(**(said | more))


def content(**more: Any) -> Content:
    """A question with two answers, after an order."""
    said: dict[str, Any] = {
        "kind": "choice", "purpose": "recs", "category": "room-sizes", "retention_days": 90, "moments": (ORDER,),
        "texts": {"en": text(), "pl": text("Które?")},
    }  # fmt: skip
    return Content(**(said | more))


def published(brand: Brand, key: str, *, topic: str = "", order: int = 50, by: str = "system:tests", **more: Any) -> QuestionVersion:
    draft = actions.draft_question(brand, key=key, content=content(**more), topic=topic, order=order)
    return actions.publish_question(draft, by=by)


def when(*rows: tuple[str, str, str, str]) -> tuple[Row, ...]:
    """(fact, of what, is, value)"""
    return tuple(Row(fact, relation, about, value) for fact, about, relation, value in rows)
