"""What is counted, by the ledger's follower and by the nightly job."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents.tests.acting import allow, deny
from jobs.actions import enqueue, run_due
from ledger.emptying import Reason, empty_kinds
from ledger.models import Entry
from ledger.proving import prove
from ledger.turns import turn
from profiles import actions
from profiles.models import Answer, Question, QuestionDay, QuestionFigures
from profiles.tests.asking import HERE, later, never, not_now, ordered, shown, tells
from profiles.using import read_answers


@pytest.fixture(autouse=True)
def followed(linden: Brand) -> None:
    prove()  # a follower begins where the ledger is


def day(key: str = "bed-size") -> dict[str, int]:
    found = QuestionDay.objects.get(question__key=key)
    names = ("asked", "answered", "put_off", "never", "deleted", "withdrawn")
    return {name: value for name in names if (value := getattr(found, name))}


def test_each_act_counts_once(willing: Customer) -> None:
    ordered(willing)
    shown(willing)
    not_now(willing, "rooms")
    never(willing, "windows")
    tells(willing)
    for _unused in range(2):
        prove()
    assert day() == {"asked": 1, "answered": 1}
    assert day("rooms") == {"put_off": 1}
    assert day("windows") == {"never": 1}


def test_what_people_take_back_stands_beside_what_they_gave(willing: Customer) -> None:
    tells(willing)
    deny(willing, "recs")
    prove()
    allow(willing, "recs")
    actions.delete_answer(willing, "bed-size", HERE)
    deny(willing, "recs")
    prove()
    assert day() == {"answered": 1, "withdrawn": 1, "deleted": 1}, "withdrawn: while the answer stood"


def test_what_was_emptied_before_it_was_read_is_passed_over(willing: Customer) -> None:
    tells(willing)
    with turn(willing.subject, brand="linden", actor="system:tests") as this:
        empty_kinds(this, willing.subject, ["answer.given"], Reason.ERASURE)
    prove()
    assert not QuestionDay.objects.exists()


def test_what_is_over_goes_by_night(willing: Customer) -> None:
    tells(willing)
    enqueue("profiles.let_go", {})
    run_due()
    assert Answer.objects.exists()
    with later(days=731):
        enqueue("profiles.let_go", {})
        run_due()
    assert not Answer.objects.exists()
    assert Entry.objects.of(willing.subject).get(kind="answer.deleted").act["why"] == "period"


def test_uses_are_counted_by_night(willing: Customer, bea: Customer) -> None:
    tells(willing)
    allow(bea, "recs")
    tells(bea)
    with later(hours=5):
        for _unused in range(3):
            read_answers(willing, "recs", reader="Shop")
    enqueue("profiles.count_uses", {})
    run_due()
    found = QuestionFigures.objects.get(question__key="bed-size")
    assert (found.answers, found.used, found.unused, found.reads, found.hours_to_first_use) == (2, 1, 0, 3, 5)
    other = QuestionFigures.objects.get(question__key="rooms")
    assert (other.answers, other.used, other.reads, other.hours_to_first_use) == (0, 0, 0, None)
    with later(days=180, hours=1):
        enqueue("profiles.count_uses", {})
        run_due()
        assert QuestionFigures.objects.get(question__key="bed-size").unused == 1
    assert Question.objects.count() == 3
    assert timezone.now() >= found.counted_at
