"""Whether anything is asked now, and what: from memory and three queries at most, whatever the number of questions and of past asks.

What it finds is a proposal. It becomes a showing in actions.show(), which looks again inside the person's turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.ages import is_minor, place_of
from accounts.models import Customer
from catalogue.published import published
from consents.models import Choice
from consents.screens import Reader
from consents.states import SCOPE_COLUMN, State
from ledger.models import Entry
from profiles import eligibility
from profiles.budget import Spent, Why, closed, is_quiet, may_be_shown
from profiles.models import Ask, Asked, Happening
from profiles.models.journey import FIRST_VISIT, OURS
from profiles.published import PublishedQuestion, View, questions
from regimes import days
from regimes.resolver import majority

Rows = dict[int, Asked]  # by question


@dataclass(frozen=True)
class Prompt:
    """One question to put to somebody. `ask`: the showing, where it is one already."""

    question: PublishedQuestion
    moment: str
    ask: Ask | None = None


@dataclass(frozen=True)
class Choosing:
    """What is asked, or why nothing is."""

    prompt: Prompt | None = None
    why: Why | None = None


def choose(
    customer: Customer, session: str, now: datetime | None = None, reader: Reader | None = None, within: frozenset[str] | None = None
) -> Choosing:
    """For one visit of this customer. `session` names the visit; `reader`: of a page that has read their choices already; `within`:
    purposes beyond which nothing is asked."""
    now = now or timezone.now()
    view = questions(customer.brand)
    if why := _never(customer, view, now):
        return Choosing(why=why)
    happenings = _happenings(customer)
    if not happenings:
        return Choosing(why=Why.NOTHING)
    if _is_paying(happenings, view, now):
        return Choosing(why=Why.PAYING)
    asked: list[Any] = list(Asked.objects.filter(customer=customer).annotate(**_of_visit(customer, session)))
    rows = {row.question_id: row for row in asked}
    if asked and asked[0].here_id is not None:
        return _again(asked[0], view, happenings, rows, now, reader or _reader(customer, now), within)
    return _choose(customer, view, happenings, rows, now, reader, within)


def _of_visit(customer: Customer, session: str) -> dict[str, Subquery]:
    """The showing of this visit, in each row: one query for both."""
    shown = Ask.objects.filter(customer=customer, session=session)
    return {f"here_{name}": Subquery(shown.values(name)[:1]) for name in HERE}


HERE = ("id", "question_id", "version", "moment", "state", "shown_at", "number")


def _never(customer: Customer, view: View, now: datetime) -> Why | None:
    """Without a query."""
    if not view.by_moment:
        return Why.NOTHING
    if is_minor(customer, now):
        return Why.MINOR
    return Why.RESTRICTED if customer.restricted_seq is not None else None


def _again(
    row: Any, view: View, happenings: list[Happening], rows: Rows, now: datetime, reader: Reader, within: frozenset[str] | None
) -> Choosing:
    """The same visit: what it was shown, as long as that waits for an answer, its use is allowed and nobody has said no to anything since;
    and nothing else."""
    ask = Ask(customer=reader.customer, session="", language="", **{name: getattr(row, f"here_{name}") for name in HERE})
    question = view.questions.get(view.keys.get(ask.question_id, ""))
    if question is None or not waits(ask, question, now) or (within is not None and question.purpose not in within):
        return Choosing(why=Why.VISIT)
    if _stands(reader, question.purpose, "") != "allowed":
        return Choosing(why=Why.VISIT)
    if is_quiet(Spent(rows, _newest_no(reader, happenings)), now):
        return Choosing(why=Why.AFTER_NO)
    return Choosing(Prompt(question, ask.moment, ask))


def waits(ask: Ask, question: PublishedQuestion, now: datetime) -> bool:
    """Whether a showing can still be answered. One of an earlier wording is over."""
    return ask.state == Ask.State.OPEN and ask.version == question.version and ask.shown_at <= now < ask.shown_at + settings.PROMPT_OPEN


def _happenings(customer: Customer) -> list[Happening]:
    """With the moment of the newest wide no, where one stands: `no_at`, the same in each row."""
    seqs = [seq for column in SCOPE_COLUMN.values() if (seq := getattr(customer, column)) is not None]
    rows = Happening.objects.filter(customer=customer)
    if seqs:
        said = Entry.objects.filter(subject=OuterRef("customer__subject"), seq=max(seqs)).values("recorded_at")
        rows = rows.annotate(no_at=Subquery(said[:1]))
    return list(rows)


def _is_paying(happenings: list[Happening], view: View, now: datetime) -> bool:
    """The newest of what the brand told is a step on the way to paying, and not long ago. What the center saw itself ends no payment."""
    told = [each for each in happenings if each.event in view.moments and each.event not in OURS]
    newest = max(told, key=lambda each: each.last_at, default=None)
    return newest is not None and view.moments[newest.event].on_the_way_to_pay and now < newest.last_at + settings.PROMPT_PAYING


def _choose(
    customer: Customer,
    view: View,
    happenings: list[Happening],
    rows: Rows,
    now: datetime,
    reader: Reader | None,
    within: frozenset[str] | None,
) -> Choosing:
    fresh = [each for each in sorted(happenings, key=lambda each: each.last_at, reverse=True) if _is_fresh(each, view, now)]
    if not any(each.event in view.by_moment for each in fresh):
        return Choosing(why=Why.NOTHING)
    reader = reader or _reader(customer, now)
    spent = Spent(rows, _newest_no(reader, happenings))
    if why := closed(spent, now):
        return Choosing(why=why)
    reached = frozenset(reached_by({each.event for each in happenings}, view))
    known = known_of(customer, view, rows, reached, reader, now)
    for question, moment in _candidates(view, fresh, reached):
        if (within is None or question.purpose in within) and _fits(question, spent, view, known, reader, now):
            return Choosing(Prompt(question, moment))
    return Choosing(why=Why.NOTHING)


def _is_fresh(each: Happening, view: View, now: datetime) -> bool:
    moment = view.moments.get(each.event)
    if moment is None or moment.on_the_way_to_pay:
        return False
    begins = each.last_at + settings.PROMPT_AFTER_FIRST_VISIT if each.event == FIRST_VISIT else each.last_at
    return begins <= now < each.last_at + moment.lasts


def _reader(customer: Customer, now: datetime) -> Reader:
    choices = {(choice.purpose, choice.channel): choice for choice in Choice.objects.filter(customer=customer, party=customer.subject)}
    return Reader(customer, choices, [], customer.language, "", 0, now)


def _newest_no(reader: Reader, happenings: list[Happening]) -> datetime | None:
    told = [choice.recorded_at for choice in reader.choices.values() if choice.is_no]
    wide: list[datetime] = [at for each in happenings if (at := getattr(each, "no_at", None)) is not None]
    return max([*told, *wide], default=None)


def reached_by(events: set[str], view: View) -> Iterator[str]:
    """Keys of the stages that are open: each when its event has happened and those before it are."""
    for stage in view.stages:
        if stage.opens_on and stage.opens_on not in events:
            return
        yield stage.key


def known_of(customer: Customer, view: View, rows: Rows, reached: frozenset[str], reader: Reader, now: datetime) -> eligibility.Known:
    answered = {view.keys[pk] for pk, row in rows.items() if row.answered_at and pk in view.keys}
    return eligibility.Known(
        answered=frozenset(answered),
        reached=reached,
        consent=lambda purpose, channel: _stands(reader, purpose, channel),
        age=reader.age,
        majority=majority(place_of(customer)),
        country=customer.country,
        today=days.day_in(customer.country, now),
    )


def _stands(reader: Reader, purpose: str, channel: str) -> str:
    """How a use stands, in the words of the conditions."""
    found = published(reader.customer.brand, reader.now).get(purpose)
    if found is not None and reader.decision(found, channel).allowed:
        return "allowed"
    choice = reader.choices.get((purpose, channel))
    return "undecided" if choice is None or choice.state in {State.UNSET, State.DEFERRED, State.PENDING} else "denied"


def _candidates(view: View, fresh: list[Happening], reached: frozenset[str]) -> Iterator[tuple[PublishedQuestion, str]]:
    """By the newest event first; of one event, the earliest stage first."""
    open_stages = sum(1 for stage in view.stages if stage.key in reached) or 1
    orders = [stage.order for stage in view.stages][:open_stages]
    latest = orders[-1] if orders else 0
    for each in fresh:
        for question in view.by_moment.get(each.event, ()):
            if question.stage <= latest:
                yield question, each.event


def _fits(question: PublishedQuestion, spent: Spent, view: View, known: eligibility.Known, reader: Reader, now: datetime) -> bool:
    """With a showing left, rows that all hold, and a purpose that is allowed: of an answer that nobody may read there is no use."""
    if not may_be_shown(question, spent, view, now):
        return False
    return all(eligibility.holds(row, known) for row in question.conditions) and _stands(reader, question.purpose, "") == "allowed"
