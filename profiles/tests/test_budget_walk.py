"""Two customers, their browsers, the shop and the clock, acting at random for two years: held at every step against a model of the rules
that knows nothing of the code (budget_model.py), and against the ledger.

What is shown breaks no rule, in terms of the times that were recorded, wherever the clock jumps. And where something fits and no rule is
against it, it is shown. A failure names the seed of its life, which live() lives again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import forget as forget_catalogue
from consents import actions as consents
from consents.saying import Outcome
from consents.saying import Result as Said
from consents.states import Scope
from consents.tests.acting import allow, deny, head, own
from ledger.models import Entry
from ledger.turns import turn
from profiles import actions
from profiles.actions.answering import Result
from profiles.actions.asking import Gone, Way
from profiles.choosing import Prompt, choose
from profiles.models import Answer, Ask, Asked
from profiles.models import Question as QuestionRow
from profiles.published import forget
from profiles.tests import budget_model as model
from profiles.tests.asking import HERE, content, published, tells, text, when
from profiles.tests.budget_model import CHECKOUT, CHOICE, DAY, DELIVERED, FIRST_VISIT, ORDER, USED, WEEK, Diary, Rule, Showing

BY = "system:tests"
STAGE_KEYS = ("basics", "home", "taste")
CATEGORIES = {"recs": "room-sizes", "makers": "name", "fraud": "name"}  # what each purpose says that it uses
KEPT = 120  # days that an answer is kept: longer than any rest
OF_THE_PACK = (
    model.Question("bed-size", "bed-size"),
    model.Question("rooms", "rooms", stage=1, moments=(USED, DELIVERED), needs="bed-size"),
    model.Question("windows", "windows", stage=2, moments=(DELIVERED,)),
)
PACK_KEPT = 730
VALUES: dict[str, tuple[Any, Any]] = {
    "bed-size": ({"one": "160x200"}, {"one": "90x200"}),
    "rooms": ({"some": ["kitchen"]}, {"some": ["bedroom", "living"]}),
}
ONE_OR_OTHER = ({"one": "a"}, {"one": "b"})
MOST_ASKED = 8

# How often each thing happens by itself, and what often comes of it minutes or hours later.
WEIGHTS = {
    "visit": 12, "event": 40, "not_now": 2, "never": 1, "tell": 4, "undo": 0.5, "delete": 1.5, "ask_again": 3, "decide": 3, "wide": 2,
    "restriction": 1, "age": 1, "publish": 3, "retire": 1, "night": 1.5,
}  # fmt: skip
THEN: dict[str, tuple[tuple[float, str], ...]] = {
    "event": (
        (0.56, "visit"), (0.13, "checkout"), (0.06, "event"), (0.06, "age"), (0.04, "restriction"), (0.03, "wide"), (0.03, "decide"),
        (0.02, "retire"), (0.07, ""),
    ),
    "checkout": ((0.65, "visit"), (0.3, "event"), (0.05, "")),
    "first": ((0.4, "visit"), (0.5, "event"), (0.1, "")),
    "shown": (
        (0.24, "back"), (0.24, "not_now"), (0.04, "never"), (0.14, "tell"), (0.05, "decide"), (0.03, "wide"), (0.02, "restriction"),
        (0.02, "publish"), (0.04, "event"), (0.12, "clock_goes_back"), (0.06, ""),
    ),
    "not_now": ((0.1, "back"), (0.3, "tell"), (0.1, "event"), (0.35, "weeks_later"), (0.15, "")),
    "never": ((0.3, "back"), (0.2, "ask_again"), (0.2, "event"), (0.3, "")),
    "tell": ((0.2, "back"), (0.45, "undo"), (0.1, "delete"), (0.1, "event"), (0.15, "")),
    "undo": ((0.3, "back"), (0.1, "visit"), (0.5, "weeks_later"), (0.1, "")),
    "no": ((0.3, "yes"), (0.3, "event"), (0.2, "back"), (0.2, "")),
    "yes": ((0.5, "event"), (0.5, "")),
    "retired": ((0.5, "back"), (0.5, "")),
    "clock": ((0.6, "not_now"), (0.05, "never"), (0.1, "decide"), (0.1, "tell"), (0.15, "visit")),
    "closed": ((0.7, "visit"), (0.1, "event"), (0.2, "open")),
}  # fmt: skip


@dataclass
class Person:
    """A customer with three browsers: the visit that each is on."""

    pk: int
    subject: str
    diary: Diary
    visits: list[str] = field(default_factory=list)


class Life:
    """Two years of two customers, a step at a time. `tally`: what came of the visits."""

    def __init__(self, brand: Brand, seed: int, clock: time_machine.Traveller, customers: list[Customer], tally: Counter[str]) -> None:
        self.brand, self.seed, self.chance, self.clock, self.tally = brand, seed, random.Random(seed), clock, tally
        self.step_number, self.number_of_visits, self.number_of_questions = 0, 0, 0
        self.questions = {each.key: model.Question(**vars(each)) for each in OF_THE_PACK}
        self.begin = timezone.now()
        self.owed: timedelta | None = None  # by which the clock will be put right
        self.soon: list[tuple[Person, str]] = []  # what comes of what happened
        self.people = [Person(each.pk, each.subject, Diary(self.questions)) for each in customers]
        for person in self.people:
            person.visits = [self.new_visit() for _unused in range(3)]
            person.diary.notes(self.newest(person).recorded_at)
            self.word(person, "recs", yes=True)
            self.word(person, "makers", yes=True)
        for _unused in range(4):
            self.publish(self.people[0])

    @property
    def is_over(self) -> bool:
        return timezone.now() >= self.begin + 730 * DAY

    def step(self) -> None:
        self.step_number += 1
        if self.soon and self.chance.random() < 0.8:
            person, act = self.soon.pop()
        else:
            person, act = self.chance.choice(self.people), self.chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
        getattr(self, act)(person)
        if (person.diary.restricted or person.diary.minor_until) and self.chance.random() < 0.1:
            self.open(person)
        self.look(person)
        self.time_passes()

    def then(self, person: Person, what: str) -> None:
        """Something may come of it soon."""
        weights, acts = zip(*THEN[what], strict=True)
        if act := self.chance.choices(acts, weights)[0]:
            self.soon.append((person, act))

    # ── Visits ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def visit(self, person: Person) -> None:
        """By one of their browsers, which may begin another visit."""
        browser = self.chance.randrange(len(person.visits))
        if self.chance.random() < 0.5:
            person.visits[browser] = self.new_visit()
        self.opens_a_page(person, person.visits[browser])

    def weeks_later(self, person: Person) -> None:
        """They come back at a moment of what they were asked last, in the weeks in which it may rest."""
        if self.owed is not None:
            self.jump(self.owed)
            self.owed = None
        self.clock.shift(self.chance.randrange(8, 30) * DAY)
        showings = person.diary.showings
        self.happens(person, self.chance.choice(self.questions[showings[-1].question].moments if showings else (ORDER,)))
        self.soon.append((person, "visit"))

    def back(self, person: Person) -> None:
        """Another page of the visit in which something was shown last."""
        if person.diary.showings:
            self.opens_a_page(person, person.diary.showings[-1].visit)

    def opens_a_page(self, person: Person, visit: str) -> None:
        diary, now, customer = person.diary, timezone.now(), self.customer(person)
        proposed = choose(customer, visit).prompt if self.chance.random() < 0.3 else None
        before = head(customer)
        prompt = actions.show(customer, visit, HERE).prompt
        if proposed is not None:
            assert prompt is not None, self.says("what was proposed is shown in the same instant")
            assert prompt.question.key == proposed.question.key, self.says("and nothing else")
        waiting = next((each for each in diary.showings if each.visit == visit), None)
        if waiting is not None:
            self.comes_back(person, waiting, prompt, now)
        else:
            self.comes(person, visit, prompt, now)
        assert head(customer) - before == (prompt is not None and waiting is None), self.says("a showing is one entry")

    def comes_back(self, person: Person, showing: Showing, prompt: Prompt | None, now: datetime) -> None:
        """In the same visit the showing that waits is shown again, and nothing else ever."""
        broken = person.diary.ends(showing, now)
        if prompt is None:
            if not broken and broken is not None and not person.diary.doubts(self.questions[showing.question], now):
                raise AssertionError(self.says(f"{showing} waits, and is not shown again"))
            self.tally["the same visit, nothing"] += 1
            if broken:
                self.tally["the same visit, what waited is over"] += 1
            return
        assert prompt.ask is not None
        assert prompt.ask.pk == showing.pk, self.says(f"a second showing in the visit of {showing}")
        assert broken is not None, self.says(f"{showing} does not wait any more")
        assert not broken, self.says(f"{showing} is shown again: {sorted(broken)}")
        self.tally["the same visit, again"] += 1

    def comes(self, person: Person, visit: str, prompt: Prompt | None, now: datetime) -> None:
        diary = person.diary
        broken = {key: diary.forbids(each, visit, now) for key, each in self.questions.items()}
        fits = {key for key, rules in broken.items() if not rules}
        if prompt is None:
            due = {key for key in fits if not diary.doubts(self.questions[key], now)}
            assert not due, self.says(f"{due} fit, no rule is against it, and nothing is shown")
            self.tally["nothing"] += 1
        else:
            key = prompt.question.key
            assert key in fits, self.says(f"{key} is shown: {sorted(broken[key])}")
            entry = self.newest(person)
            assert (entry.kind, entry.act["question"], entry.act["version"]) == ("question.shown", key, self.questions[key].version)
            assert prompt.ask is not None
            diary.was_shown(Showing(prompt.ask.pk, key, prompt.ask.version, visit, entry.recorded_at))
            assert (prompt.ask.number, entry.act["number"]) == (diary.times(key), diary.times(key))
            self.tally["shown"] += 1
            self.then(person, "shown")
            if not diary.doubts(self.questions[key], now):
                self.tally["shown, as it must be"] += 1
        self.count(broken, now, person, something=bool(fits))

    def count(self, broken: dict[str, set[Rule]], now: datetime, person: Person, *, something: bool) -> None:
        """Which rules stood in the way, and which was all that did."""
        if something:
            return
        for rule in set().union(*broken.values()):
            self.tally[f"held: {rule.name}"] += 1
        for rule in {next(iter(rules)) for rules in broken.values() if len(rules) == 1}:
            self.tally[f"alone: {rule.name}"] += 1
            self.tally["alone"] += 1
            if now < person.diary.latest:
                self.tally["alone, by a clock put back"] += 1

    # ── What people do about a question ─────────────────────────────────────────────────────────────────────────────

    def not_now(self, person: Person) -> None:
        self.turn_down(person, Way.LATER)

    def never(self, person: Person) -> None:
        self.turn_down(person, Way.NEVER)

    def turn_down(self, person: Person, way: Way) -> None:
        """Of the showing before them, of an old one in another window, or on the page of a question that was never shown."""
        diary, now = person.diary, timezone.now()
        showing = self.a_showing(person)
        key = showing.question if showing else self.chance.choice(sorted(self.questions))
        gone = self.questions[key].retired_at is not None
        with self.expects_gone(gone):
            entry, _until = self.recorded(
                person, lambda customer: actions.turn_down(customer, key, way, HERE, ask=showing.pk if showing else None)
            )
            stands = self.questions[key].topic in diary.refused or key in diary.deleted
            if entry is None:
                over = showing is not None and showing.state != "open"
                rests = showing is None and any(now < until for until in diary.rests[key])
                assert stands or (way is Way.LATER and (over or rests)), self.says(f"{way} to {key} was not recorded")
                return
            assert (entry.kind, entry.act["state"]) == ("question.declined", way.value)
            behind = now < diary.latest
            (diary.put_off if way is Way.LATER else diary.refused_for_ever)(key, entry.recorded_at)
            self.tally[way.value] += 1
            if behind:
                self.soon.append((person, "weeks_later"))
            else:
                self.then(person, "not_now" if way is Way.LATER else "never")

    def tell(self, person: Person) -> None:
        diary, now = person.diary, timezone.now()
        showing = self.a_showing(person)
        key = showing.question if showing else self.chance.choice(sorted(self.questions))
        question, there = self.questions[key], diary.answers.get(key)
        if key == "windows":
            return
        value = self.chance.choice(VALUES.get(key, ONE_OR_OTHER))
        seen = there.seq if there and self.chance.random() < 0.7 else None
        with self.expects_gone(question.retired_at is not None):
            entry, outcome = self.recorded(
                person, lambda customer: tells(customer, key, value, seen=seen, ask=showing.pk if showing else None)
            )
            self.tally[f"answer {outcome.result}"] += 1
            if outcome.result is Result.NOT_ALLOWED:
                minor = diary.is_minor(now) is not False
                assert minor or diary.restricted or not diary.allows(question.purpose) or now < diary.latest, self.says(f"{key} not saved")
                return
            assert diary.allows(question.purpose), self.says(f"{key} is saved")
            assert not diary.restricted, self.says(f"{key} is saved")
            if outcome.result is Result.CHANGED_MEANWHILE:
                assert there is not None
                assert seen is None
                return
            if outcome.result is Result.SAVED:
                assert entry is not None
                days = PACK_KEPT if key in VALUES else KEPT
                diary.answers[key] = model.Answer(
                    diary.notes(entry.recorded_at), entry.recorded_at + days * DAY, entry.seq, str(entry.public_id), bool(there)
                )
            if outcome.result is Result.SAVED and showing is not None and showing.state == "open":
                diary.answers[key].showing = showing
            diary.close("answered", {"open"}, {key})
            self.then(person, "tell")

    def undo(self, person: Person) -> None:
        diary, now = person.diary, timezone.now()
        if not diary.answers:
            return
        key = max(diary.answers, key=lambda each: diary.answers[each].seq)
        answer = diary.answers[key]
        entry, done = self.recorded(person, lambda customer: actions.take_back(customer, answer.receipt, HERE))
        soon = now < answer.given_at + model.UNDO
        assert done == (soon and not answer.changed), self.says(f"undo of {key}: {done}")
        if done:
            assert entry is not None
            assert (entry.kind, entry.act["why"]) == ("answer.deleted", "undo")
            diary.undid(key)
            self.tally["undone"] += 1
            self.then(person, "undo")

    def delete(self, person: Person) -> None:
        diary = person.diary
        key = self.chance.choice(sorted(diary.answers) or sorted(self.questions))
        entry, done = self.recorded(person, lambda customer: actions.delete_answer(customer, key, HERE))
        assert done == (key in diary.answers), self.says(f"deleting {key}: {done}")
        if done:
            assert entry is not None
            assert (entry.kind, entry.act["why"]) == ("answer.deleted", "self")
            diary.notes(entry.recorded_at)
            diary.deleted_answer(key)
            self.tally["deleted"] += 1

    def ask_again(self, person: Person) -> None:
        diary = person.diary
        refused = [key for key, each in self.questions.items() if each.topic in diary.refused or key in diary.deleted]
        key = self.chance.choice(sorted(refused) or sorted(self.questions))
        topic = self.questions[key].topic
        stands = topic in diary.refused or any(self.questions[each].topic == topic for each in diary.deleted)
        with self.expects_gone(self.questions[key].retired_at is not None):
            entry, done = self.recorded(person, lambda customer: actions.ask_again(customer, key, HERE))
            assert done == stands, self.says(f"asking {key} again: {done}")
            if entry is not None:
                diary.notes(entry.recorded_at)
                diary.may_be_asked_again(key)
                self.tally["asked again"] += 1

    def a_showing(self, person: Person) -> Showing | None:
        """The newest as a rule; one of another window; none."""
        showings = person.diary.showings
        if not showings or self.chance.random() < 0.2:
            return None
        return showings[-1] if self.chance.random() < 0.7 else self.chance.choice(showings)

    # ── What else happens to them ───────────────────────────────────────────────────────────────────────────────────

    def event(self, person: Person) -> None:
        self.happens(person, self.chance.choices((ORDER, DELIVERED, CHECKOUT, USED, CHOICE, FIRST_VISIT), (45, 22, 5, 15, 4, 9))[0])

    def checkout(self, person: Person) -> None:
        self.happens(person, CHECKOUT)

    def happens(self, person: Person, event: str) -> None:
        diary, now = person.diary, timezone.now()
        at = now - timedelta(hours=self.chance.choice((1, 30, 200))) if event == ORDER and self.chance.random() < 0.15 else now
        ours = event in {USED, CHOICE, FIRST_VISIT}
        noted = (actions.happen if ours else actions.happen_at_brand)(self.customer(person), event, at)
        closed = True if diary.restricted else diary.is_minor(now)
        assert closed is None or noted is not closed, self.says(f"{event} was noted: {noted}")
        if noted:
            diary.happened(event, at)
            self.then(person, {CHECKOUT: "checkout", FIRST_VISIT: "first"}.get(event, "event"))

    def decide(self, person: Person) -> None:
        """Mostly a no to something that nobody asks for; a no to what is asked for is taken back soon."""
        diary = person.diary
        if diary.is_minor(timezone.now()) is not False or diary.restricted:
            return
        denied = [purpose for purpose in ("recs", "makers", "fraud") if not diary.allows(purpose)]
        if denied and self.chance.random() < 0.6:
            self.word(person, self.chance.choice(denied), yes=True)
        elif self.chance.random() < 0.1:
            self.deny_all(person)
        else:
            purpose = self.chance.choice(("ads", "ads", "insight", "recs", "makers", "fraud"))
            self.word(person, purpose, yes=purpose in {"ads", "insight"} and self.chance.random() < 0.5)

    def yes(self, person: Person) -> None:
        """They take a no back."""
        diary = person.diary
        denied = [purpose for purpose, (yes, _at) in diary.words.items() if not yes]
        if diary.stops and self.chance.random() < 0.5:
            self.wide(person)
        elif denied and not diary.restricted and diary.is_minor(timezone.now()) is False:
            self.word(person, max(denied, key=lambda purpose: diary.words[purpose][1]), yes=True)
        self.then(person, "yes")

    def word(self, person: Person, purpose: str, *, yes: bool) -> None:
        entry, outcome = self.recorded(person, lambda customer: (allow if yes else deny)(customer, purpose))
        assert outcome.result in {Said.SAVED, Said.STANDS}, self.says(f"{purpose}: {outcome.result}")
        if outcome.result is Said.SAVED:
            assert entry is not None
            person.diary.decided(purpose, yes, entry.recorded_at)
            if not yes:
                self.then(person, "no")

    def deny_all(self, person: Person) -> None:
        outcomes: list[Outcome] = consents.deny_all(self.customer(person), own(self.customer(person)))
        for outcome in outcomes:
            assert outcome.entry is not None
            person.diary.decided(outcome.entry.act["purpose"], yes=False, at=outcome.entry.recorded_at)

    def wide(self, person: Person) -> None:
        scope, diary = self.chance.choice((Scope.SALE, Scope.MARKETING)), person.diary
        if scope.value not in diary.stops:
            entry, _same = self.recorded(person, lambda customer: consents.stop(customer, scope, own(customer)))
            assert entry is not None
            diary.stopped(scope.value, entry.recorded_at)
            self.then(person, "no")
        else:
            entry, _same = self.recorded(person, lambda customer: consents.lift(customer, scope, own(customer, seen=head(customer))))
            assert entry is not None
            diary.notes(entry.recorded_at)
            diary.lifted(scope.value)

    def restriction(self, person: Person) -> None:
        diary = person.diary

        def act(customer: Customer) -> None:
            with turn(customer.subject, brand=self.brand.key, actor=BY) as this:
                (consents.lift_restriction if diary.restricted else consents.restrict)(this, customer, request="R-1")

        entry, _none = self.recorded(person, act)
        assert entry is not None
        diary.notes(entry.recorded_at)
        diary.restricted = not diary.restricted
        if diary.restricted:
            self.then(person, "closed")

    def open(self, person: Person) -> None:
        """What closed everything is over."""
        if person.diary.restricted:
            self.restriction(person)
        if person.diary.minor_until is not None:
            self.age(person)

    def age(self, person: Person) -> None:
        """They turn out to be a minor; or not to be one."""
        diary = person.diary
        if diary.minor_until is None:
            diary.minor_until = (timezone.now() + self.chance.choice((3, 10, 40)) * DAY).date()
            self.then(person, "closed")
        else:
            diary.minor_until = None
        Customer.objects.filter(pk=person.pk).update(minor_until=diary.minor_until)

    def night(self, person: Person) -> None:
        """The nightly job lets answers go whose time is over."""
        diary, now = person.diary, timezone.now()
        for answer in list(Answer.objects.filter(customer=person.pk).select_related("customer__brand", "question")):
            key = answer.question.key
            entry, done = self.recorded(person, lambda _customer, answer=answer: actions.let_go(answer))
            retired_at = self.questions[key].retired_at
            is_over = diary.answers[key].kept_until <= now or (retired_at is not None and retired_at <= now)
            assert done == is_over, self.says(f"letting {key} go: {done}")
            if done:
                assert entry is not None
                diary.notes(entry.recorded_at)
                del diary.answers[key]
                self.tally["let go"] += 1

    # ── The shop ────────────────────────────────────────────────────────────────────────────────────────────────────

    def publish(self, _person: Person) -> None:
        """A question of its own, on a topic of its own or on another's; or another version of one."""
        asked = [each for each in self.questions.values() if each.retired_at is None]
        made = [each for each in asked if each.key.startswith("made-")]
        if made and self.chance.random() < 0.3:
            question = self.chance.choice(made)
            question.version += 1
            question.moments = self.some_moments()
            row = QuestionRow.objects.get(key=question.key)
            actions.publish_question(actions.revise_question(row, content=self.content_of(question)), by=BY)
            return
        if len(asked) >= MOST_ASKED:
            return
        self.number_of_questions += 1
        key = f"made-{self.number_of_questions}"
        question = model.Question(
            key,
            topic=self.chance.choice([each.topic for each in self.questions.values()]) if self.chance.random() < 0.4 else key,
            purpose=self.chance.choices(("recs", "makers", "fraud"), (60, 25, 15))[0],
            stage=self.chance.choices((0, 1, 2), (70, 15, 15))[0],
            moments=self.some_moments(),
            needs=self.chance.choice(sorted(each.key for each in asked)) if asked and self.chance.random() < 0.15 else "",
        )
        published(self.fresh_brand(), key, topic=question.topic, order=self.chance.randrange(90), **self.parts_of(question))
        self.questions[key] = question

    def retire(self, person: Person) -> None:
        asked = [each for each in self.questions.values() if each.retired_at is None]
        if len(asked) > 4:
            question = self.chance.choice(asked)
            row = actions.retire_question(QuestionRow.objects.get(key=question.key), by=BY)
            question.retired_at = row.retired_at
            self.then(person, "retired")

    def some_moments(self) -> tuple[str, ...]:
        return self.chance.choice(
            ((ORDER,), (ORDER, DELIVERED), (DELIVERED,), (USED,), (FIRST_VISIT, ORDER), (FIRST_VISIT,), (CHOICE, ORDER))
        )

    def parts_of(self, question: model.Question) -> dict[str, Any]:
        rows = when(("answer", question.needs, "known", "")) if question.needs else ()
        return {
            "purpose": question.purpose, "category": CATEGORIES[question.purpose], "stage": STAGE_KEYS[question.stage],
            "moments": question.moments, "conditions": rows, "retention_days": KEPT,
            "texts": {"en": text(f"Which one, version {question.version}?"), "pl": text(f"Które, wersja {question.version}?")},
        }  # fmt: skip

    def content_of(self, question: model.Question) -> Any:
        return content(**self.parts_of(question))

    # ── The clock ───────────────────────────────────────────────────────────────────────────────────────────────────

    def time_passes(self) -> None:
        """Minutes to weeks as a rule. Now and then the clock is put back, or far ahead, and put right again some steps later or never."""
        if self.owed is not None and self.chance.random() < 0.3:  # put right
            self.jump(self.owed)
            self.owed = None
        chance, jump = self.chance, self.chance.random() * (0.85 if self.soon else 1)
        if jump < 0.5:
            self.clock.shift(timedelta(seconds=chance.randrange(1, 1800)))
        elif jump < 0.73:
            self.clock.shift(timedelta(minutes=chance.randrange(30, 60 * 30)))
        elif jump < 0.93:
            self.clock.shift(timedelta(minutes=chance.randrange(60 * 24, 60 * 24 * 9)))
        elif jump < 0.97:
            self.clock.shift(timedelta(minutes=chance.randrange(60 * 24 * 10, 60 * 24 * 60)))
        else:
            self.clock_goes_wrong()

    def clock_goes_wrong(self) -> None:
        if self.chance.random() < 0.75:
            self.clock_goes_back(self.chance.choice(self.people))
            return
        amount = self.an_amount()
        self.jump(amount)
        self.owed = -amount if self.chance.random() < 0.6 else None
        self.tally["clock put ahead"] += 1

    def clock_goes_back(self, person: Person) -> None:
        """And somebody does something before it is put right."""
        amount = self.an_amount()
        self.jump(-amount)
        self.owed = amount if self.chance.random() < 0.8 else None
        self.tally["clock put back"] += 1
        self.then(person, "clock")

    def an_amount(self) -> timedelta:
        unit = self.chance.choice((timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), DAY, DAY, DAY, DAY))
        return unit * self.chance.randrange(1, 40)

    def jump(self, by: timedelta) -> None:
        """Never to before the shop was founded."""
        self.clock.shift(max(by, self.begin - timezone.now()) + timedelta(microseconds=self.chance.randrange(1_000_000)))

    # ── Looking ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def look(self, person: Person) -> None:
        """What the ledger says, and the rows, are the showings there were; and in any seven days there is one."""
        shown = list(Entry.objects.of(person.subject).filter(kind="question.shown").order_by("seq").values_list("recorded_at", flat=True))
        counted = Asked.objects.filter(customer=person.pk).aggregate(times=Sum("times"))["times"] or 0
        showings = person.diary.showings
        assert len(shown) == counted == Ask.objects.filter(customer=person.pk).count() == len(showings), self.says("showings differ")
        assert shown == [each.at for each in showings], self.says("times of showings differ")
        for one, other in zip(shown, shown[1:], strict=False):
            assert other - one >= WEEK, self.says(f"two showings within a week: {one}, {other}")

    def recorded(self, person: Person, act: Any) -> tuple[Entry | None, Any]:
        """The entry that the act left in their chain, None for none; and what it returned."""
        customer = self.customer(person)
        before = head(customer)
        outcome = act(customer)
        found = list(Entry.objects.of(person.subject).filter(seq__gt=before))
        assert len(found) <= 1
        return (found[0] if found else None), outcome

    @contextmanager
    def expects_gone(self, gone: bool) -> Iterator[None]:
        """Gone for what nobody asks any more, and for nothing else."""
        if not gone:
            yield
            return
        with pytest.raises(Gone):
            yield

    def newest(self, person: Person) -> Entry:
        found: Entry = Entry.objects.of(person.subject).order_by("-seq")[0]
        return found

    def customer(self, person: Person) -> Customer:
        """Read anew, as every request does."""
        found: Customer = Customer.objects.select_related("brand").get(pk=person.pk)
        return found

    def fresh_brand(self) -> Brand:
        found: Brand = Brand.objects.get(pk=self.brand.pk)
        return found

    def new_visit(self) -> str:
        self.number_of_visits += 1
        return f"{self.number_of_visits:032x}"

    def says(self, what: str) -> str:
        return f"seed {self.seed}, step {self.step_number}, {timezone.now():%Y-%m-%d %H:%M:%S}: {what}"


def live(brand: Brand, customers: list[Customer], seed: int, tally: Counter[str], most: int) -> int:
    """One life of the two, from today on, until two years are over or `most` steps are done; and as if it had not been."""
    with transaction.atomic(), time_machine.travel(timezone.now() + DAY, tick=False) as clock:
        life = Life(brand, seed, clock, customers, tally)
        while life.step_number < most and not life.is_over:
            life.step()
        tally["lives"] += life.is_over
        transaction.set_rollback(True)
    for each in (forget, forget_catalogue):
        each(brand)
    return life.step_number


# Twenty thousand steps in ten parts: no test may take longer than four minutes.
ENOUGH = 2_000  # in a shorter walk what happens seldom may not happen at all
STEPS = [
    pytest.param(1_000, id="a-thousand-steps"),
    *(pytest.param(ENOUGH, marks=pytest.mark.long, id=f"two-thousand-steps-{part}") for part in range(10)),
]


@pytest.mark.parametrize("steps", STEPS)
def test_no_life_breaks_a_rule_and_what_fits_is_asked(linden: Brand, anna: Customer, bea: Customer, steps: int) -> None:
    seeds, done = random.SystemRandom(), 0
    tally: Counter[str] = Counter()
    while done < steps:
        done += live(linden, [anna, bea], seeds.randrange(2**32), tally, steps - done)
    assert tally["shown, as it must be"] > done / 50, "and not all is silence"
    assert tally["alone"] > done / 24
    if steps >= ENOUGH:
        each_had_its_turn(tally, done)


def each_had_its_turn(tally: Counter[str], done: int) -> None:
    rare = {rule.name for rule in Rule if rule is not Rule.VISIT and tally[f"held: {rule.name}"] < done / 1_000}
    assert not rare, f"these rules hardly ever stood in the way: {rare}"
    alone = {rule for rule in Rule if tally[f"alone: {rule.name}"]}
    assert len(alone) >= 11, f"few rules were ever all that stood in the way: {alone}"
    assert tally["alone"] > done / 12
    assert tally["the same visit, nothing"] > done / 40, "one showing a visit"
    assert tally["the same visit, again"] > done / 1_000
