"""An answer is read for the purpose it was given for, while that is allowed, and each reading is counted for the person to see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents.conditions import Condition
from consents.states import Reason
from consents.tests.acting import allow, deny
from profiles import actions
from profiles.models import Answer, AnswerUse, Happening, Question
from profiles.tests.asking import later, tells
from profiles.using import read_answers, read_answers_of

SHOP = "Linden’s shop"


def values(customer: Customer, purpose: str = "recs", **more: Any) -> list[str]:
    return [each.question for each in read_answers(customer, purpose, reader=SHOP, **more).answers]


def test_what_is_allowed_is_read_and_counted(willing: Customer) -> None:
    tells(willing)
    for _unused in range(3):
        reading = read_answers(willing, "recs", reader=SHOP)
    assert reading.decision.allowed
    assert [(each.question, each.value, each.version) for each in reading.answers] == [("bed-size", {"one": "160x200"}, 1)]
    use = AnswerUse.objects.get()
    assert (use.times, use.purpose, use.reader, use.day) == (3, "recs", SHOP, timezone.localdate())


def test_each_reader_is_counted_on_its_own(willing: Customer) -> None:
    tells(willing)
    values(willing)
    read_answers(willing, "recs", reader="Newsletter")
    assert sorted(AnswerUse.objects.values_list("reader", "times")) == [(SHOP, 1), ("Newsletter", 1)]


def test_what_is_written_beside_a_reading_waits_for_the_disk(willing: Customer) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no such setting")
    tells(willing)
    values(willing)
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone()[0] == "on"


def test_for_another_purpose_nothing_is_read_and_nothing_counted(willing: Customer) -> None:
    tells(willing)
    allow(willing, "insight")
    reading = read_answers(willing, "insight", reader=SHOP)
    assert reading.decision.allowed, "the other use is allowed, and the answer was not given for it"
    assert not reading.answers
    assert not AnswerUse.objects.exists()


def test_a_purpose_that_is_not_allowed_gets_a_reason(willing: Customer) -> None:
    tells(willing)
    deny(willing, "recs")
    reading = read_answers(willing, "recs", reader=SHOP)
    assert (reading.decision.allowed, reading.decision.reason, reading.answers) == (False, Reason.WITHDRAWN, ())
    assert read_answers(willing, "attic", reader=SHOP).decision.reason is Reason.UNKNOWN_PURPOSE
    assert not AnswerUse.objects.exists()


def test_what_is_allowed_again_is_read_again(willing: Customer) -> None:
    tells(willing)
    deny(willing, "recs")
    allow(willing, "recs")
    assert values(willing) == ["bed-size"]


def test_only_what_was_asked_for_is_counted(willing: Customer) -> None:
    tells(willing)
    tells(willing, "rooms", {"some": ["kitchen"]})
    assert values(willing, questions=["rooms"]) == ["rooms"]
    assert AnswerUse.objects.get().answer.question.key == "rooms"
    assert values(willing) == ["bed-size", "rooms"]


def test_what_is_over_or_retired_is_read_no_more(willing: Customer) -> None:
    tells(willing)
    with later(days=731):
        assert not values(willing)
    actions.retire_question(Question.objects.get(key="bed-size"), by="system:tests")
    assert not values(willing)


def test_the_first_use_is_an_event_and_stands(willing: Customer) -> None:
    tells(willing)
    values(willing)
    first = Answer.objects.get().first_used_at
    assert first is not None
    happened = Happening.objects.get(event="answer.used").last_at
    with later(days=1):
        values(willing)
    assert Answer.objects.get().first_used_at == first
    assert Happening.objects.get(event="answer.used").last_at == happened
    assert AnswerUse.objects.count() == 2, "a row a day"


def test_somebody_elses_answer_is_not_read(willing: Customer, bea: Customer) -> None:
    tells(willing)
    allow(bea, "recs")
    assert not values(bea)


def test_of_nobody_and_of_several_nothing_is_read(linden: Brand, willing: Customer, bea: Customer) -> None:
    allow(bea, "recs")
    tells(willing)
    nobody = read_answers_of(linden, Condition("FALSE"), "recs", reader=SHOP)
    assert (nobody.decision.reason, nobody.answers) == (Reason.UNKNOWN_PERSON, ())
    assert not read_answers_of(linden, Condition("TRUE"), "recs", reader=SHOP).answers


def test_unused_is_what_was_not_read_for_so_long(willing: Customer) -> None:
    tells(willing)
    begin = timezone.now()
    with later(days=100):
        values(willing)
    assert not Answer.objects.unused(begin + timedelta(days=181)).exists()
    assert Answer.objects.unused(begin + timedelta(days=281)).exists()


def test_restriction_stops_reading(willing: Customer) -> None:
    tells(willing)
    Customer.objects.filter(pk=willing.pk).update(restricted_seq=1)
    assert read_answers(willing, "recs", reader=SHOP).decision.reason is Reason.RESTRICTED
