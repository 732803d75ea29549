"""The roll-ups against an independent count: the words that stand in the rows, and the people who are here."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import join
from accounts.models import Customer
from brands.models import Brand
from consents import figures
from consents.actions import lift, stop
from consents.follower import recount
from consents.models import Choice, ChoiceDay, PeopleDay
from consents.states import NO, Scope, State
from consents.tests.acting import allow, deny, own
from ledger.models import Cursor, Head, Parked
from ledger.proving import prove

pytestmark = pytest.mark.django_db
USES = (("news", "email"), ("news", "sms"), ("recs", ""), ("makers", ""))


@pytest.fixture
def crowd(linden: Brand) -> list[Customer]:
    """Forty people who decide, and change their minds, over half a year."""
    chance = random.Random(7)
    with time_machine.travel(timezone.now() - timedelta(days=180), tick=False) as clock:
        people = [join(brand=linden, address=f"person{number}@example.com", language="en") for number in range(40)]
        for _step in range(300):
            clock.shift(timedelta(hours=chance.randrange(1, 28)))
            purpose, channel = chance.choice(USES)
            chance.choice((allow, allow, deny))(chance.choice(people), purpose, channel)
    return people


def counted(linden: Brand) -> dict[tuple[str, str], Counter[str]]:
    """From the rows themselves, one by one."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for choice in Choice.objects.filter(customer__brand=linden):
        sort = "allowed" if choice.state == State.GRANTED else "refused" if choice.state in NO else "undecided"
        found.setdefault((choice.purpose, choice.channel), Counter())[sort] += 1
    return found


def sums(linden: Brand) -> dict[tuple[str, str], tuple[int, int]]:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for row in ChoiceDay.objects.filter(brand=linden):
        allowed, refused = found.get((row.purpose, row.channel), (0, 0))
        found[row.purpose, row.channel] = (allowed + row.allowed, refused + row.refused)
    return found


def test_the_roll_ups_are_what_the_rows_say(linden: Brand, crowd: list[Customer]) -> None:
    prove()
    told = counted(linden)
    assert sum(each.total() for each in told.values()) > 100
    assert sums(linden) == {use: (each["allowed"], each["refused"]) for use, each in told.items()}
    assert figures.people(linden) == Customer.objects.filter(brand=linden).count()
    for line in figures.standing(linden):
        each = told[line.purpose, line.channel]
        assert (line.allowed, line.refused) == (figures.told(each["allowed"]), figures.told(each["refused"]))


def test_the_course_ends_where_things_stand_and_begins_where_they_stood(linden: Brand, crowd: list[Customer]) -> None:
    prove()
    today = timezone.localdate()
    for days in (7, 60, 90, 400):
        since = today - timedelta(days=days - 1)
        points = figures.over_time(linden, "news", "email", since, today)
        assert len(points) <= figures.STEPS
        assert points[-1].day == today
        each = counted(linden)["news", "email"]
        assert (points[-1].allowed, points[-1].refused) == (figures.told(each["allowed"]), figures.told(each["refused"]))
        for point in points:
            rows = ChoiceDay.objects.filter(brand=linden, purpose="news", channel="email", day__lte=point.day)
            assert point.allowed == figures.told(sum(row.allowed for row in rows))


def test_a_second_run_counts_nothing_twice_and_from_the_start_is_the_same(linden: Brand, crowd: list[Customer]) -> None:
    prove()
    before = sums(linden)
    prove()
    assert sums(linden) == before
    deny(crowd[0], "recs")
    recount()
    assert sums(linden) == before, "what has no position yet is not counted"
    prove()
    before = sums(linden)
    recount()
    assert sums(linden) == before
    ChoiceDay.objects.all().delete()
    PeopleDay.objects.all().delete()
    Cursor.objects.filter(follower="figures").update(position=0)
    prove()
    assert sums(linden) == before


def test_what_was_parked_is_counted_once(linden: Brand, anna: Customer) -> None:
    allow(anna, "news", "email")
    prove()
    entry = anna.choices.get(purpose="news").entry
    Parked.objects.create(follower="figures", entry=entry, position=1, subject=anna.subject, error="OSError")
    recount()
    assert not Parked.objects.exists()
    assert sums(linden)["news", "email"] == (1, 0)


def test_wide_words_count_as_uses_of_their_own(linden: Brand, anna: Customer) -> None:
    stop(anna, Scope.MARKETING, own(anna))
    prove()
    assert sums(linden)["*marketing", ""] == (0, 1)
    seen = Head.objects.get(pk=anna.subject).seq
    lift(anna, Scope.MARKETING, own(anna, seen=seen))
    prove()
    assert sums(linden)["*marketing", ""] == (0, 0)


def test_groups_under_ten_are_not_told(linden: Brand, anna: Customer) -> None:
    allow(anna, "news", "email")
    prove()
    (line,) = figures.standing(linden)
    assert (line.allowed, line.refused) == (None, 0)
    assert [figures.told(count) for count in (0, 1, 9, 10)] == [0, None, None, 10]


def test_yeses_taken_back_are_counted_around_a_day(linden: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "FEWEST", 1)
    day = timezone.localdate()
    with time_machine.travel(timezone.now() - timedelta(days=20), tick=False) as clock:
        people = [join(brand=linden, address=f"person{number}@example.com", language="en") for number in range(4)]
        for each in people:
            allow(each, "news", "email")
        clock.shift(timedelta(days=16))  # four days before
        deny(people[0], "news", "email")
    for each in people[1:3]:
        deny(each, "news", "email")
    prove()
    assert figures.taken_back_around(linden, [day, day - timedelta(days=60)]) == [(1, 2), (0, 0)]
    assert figures.taken_back_around(linden, []) == []
    (share,) = figures.shares(linden, "language", day - timedelta(days=30), day)
    assert (share.name, share.yes, share.no, share.taken_back) == ("en", 4, 3, 3)


@pytest.mark.parametrize("days", [1, 2, 51, 52, 53, 104, 105, 365, 1095])
def test_steps_cover_every_day_once(days: int) -> None:
    until = date(2026, 11, 30)
    since = until - timedelta(days=days - 1)
    steps = figures._steps(since, until)
    assert len(steps) <= figures.STEPS
    assert steps[-1] == until
    places = [figures._place(since + timedelta(days=number), steps) for number in range(days)]
    assert places == sorted(places)
    assert set(places) == set(range(len(steps)))
    for number, place in enumerate(places):
        assert since + timedelta(days=number) <= steps[place]
