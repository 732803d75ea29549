"""A showing, and the two ways of not answering it. Each is one turn of the person who is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone

from accounts.models import Customer
from consents.decide import decide
from ledger.canonical import timestamp
from ledger.turns import Turn, turn
from profiles import budget
from profiles.choosing import Choosing, Prompt, choose
from profiles.models import Ask, Asked
from profiles.published import PublishedQuestion, questions


@dataclass(frozen=True)
class By:
    """Where somebody acts (`center`, `brand`: an embedded prompt), and in which language."""

    where: str
    language: str


class Gone(LookupError):
    """The question is not asked any more, or never was."""


class Way(StrEnum):
    LATER = "later"
    NEVER = "never"


def show(customer: Customer, session: str, by: By, *, within: frozenset[str] | None = None) -> Choosing:
    """One question becomes a showing, if inside the turn one is still due: the budget is spent with it. The same visit is answered with
    the same showing."""
    with turn(customer.subject, brand=customer.brand.key, actor="system:profiles") as this:
        current = Customer.objects.get(pk=customer.pk)
        current.brand = customer.brand
        found = choose(current, session, within=within)
        prompt = found.prompt
        if prompt is None or prompt.ask is not None:
            return found
        if not decide(current, prompt.question.purpose).allowed:
            return Choosing(why=budget.Why.NOTHING)
        return Choosing(_shown(this, current, prompt, session, by))


def _shown(this: Turn, customer: Customer, prompt: Prompt, session: str, by: By) -> Prompt:
    question = prompt.question
    row, _made = Asked.objects.get_or_create(customer=customer, question_id=question.pk)
    number = row.times + 1
    act = _act(question, by) | {"moment": prompt.moment, "number": number, "sha256": question.sha256}
    entry = this.append(customer.subject, "question.shown", act)
    Asked.objects.filter(pk=row.pk).update(times=number, last_at=entry.recorded_at)
    ask = Ask.objects.create(
        customer=customer, question_id=question.pk, version=question.version, moment=prompt.moment, session=session,
        number=number, language=by.language, shown_at=entry.recorded_at,
    )  # fmt: skip
    return Prompt(question, prompt.moment, ask)


def turn_down(customer: Customer, key: str, way: Way, by: By, *, ask: int | None = None) -> datetime | None:
    """“Not now” or “don't ask again”. Until when it rests; None: for ever. `ask`: the showing it answers. Twice is once: what was turned
    down stays so, and a showing that was answered in another window is not put off. Raises Gone."""
    with turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}") as this:
        question, now = question_asked(customer, key), timezone.now()
        row, _made = Asked.objects.get_or_create(customer=customer, question_id=question.pk)
        shown = Ask.objects.open().filter(customer=customer, question=question.pk, pk=ask).first() if ask else None
        if row.never_at is not None:
            return None
        rests = row.rest_until is not None and now < row.rest_until
        if way is Way.LATER and shown is None and (ask is not None or rests):
            return row.rest_until
        until = _rest(this, customer, row, now) if way is Way.LATER else None
        state = {"state": way.value, "until": timestamp(until) if until else None}
        entry = this.append(customer.subject, "question.declined", _act(question, by) | state)
        changed: dict[str, Any] = {"said_no_at": entry.recorded_at}
        changed |= {"put_off": row.put_off + 1, "rest_until": until} if until else {"never_at": entry.recorded_at}
        Asked.objects.filter(pk=row.pk).update(**changed)
        _close(customer, question, way, entry.recorded_at)
        return until


def _rest(this: Turn, customer: Customer, row: Asked, now: datetime) -> datetime:
    """From the moment that is written down, which a clock put back does not move; never shorter than what rests already."""
    written = max(now, this.head(customer.subject).recorded_at or now)
    until = budget.rest_after(row.put_off + 1, written)
    return until if row.rest_until is None else max(until, row.rest_until)


def _close(customer: Customer, question: PublishedQuestion, way: Way, at: datetime) -> None:
    """No showing waits any more of what was turned down: for ever of the whole topic, and what was put off before as well."""
    asks = Ask.objects.filter(customer=customer)
    if way is Way.NEVER:
        topic = questions(customer.brand).of_topic(question.topic)
        asks = asks.filter(question__in=topic, state__in=[Ask.State.OPEN, Ask.State.LATER])
    else:
        asks = asks.open().filter(question=question.pk)
    asks.update(state=way.value, acted_at=at)


def ask_again(customer: Customer, key: str, by: By) -> bool:
    """Takes “don't ask again” back, for the whole topic. It gives no showing back. False where nothing was to take back."""
    with turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}") as this:
        question = question_asked(customer, key)
        topic = questions(customer.brand).of_topic(question.topic)
        refused = Asked.objects.filter(customer=customer, question__in=topic, never_at__isnull=False)
        if not refused.exists():
            return False
        this.append(
            customer.subject,
            "question.declined",
            _act(question, by) | {"state": "lifted", "until": None},
        )
        refused.update(never_at=None)
        Ask.objects.filter(customer=customer, question__in=topic, state=Ask.State.NEVER).update(state=Ask.State.LATER)
        return True


def question_asked(customer: Customer, key: str) -> PublishedQuestion:
    """Raises Gone."""
    question = questions(customer.brand).questions.get(key)
    if question is None:
        raise Gone(key)
    return question


def _act(question: PublishedQuestion, by: By) -> dict[str, Any]:
    return {"question": question.key, "version": question.version, "language": by.language, "where": by.where}
