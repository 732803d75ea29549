"""An answer is given, changed, taken back, deleted; a question is turned down. Each is an act: works; twice is once; without its entry
nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents.tests.acting import allow, deny
from ledger.models import Entry
from ledger.turns import Turn
from profiles import actions
from profiles.actions.answering import Result
from profiles.actions.asking import Gone
from profiles.kinds import WrongAnswer
from profiles.models import Answer, Ask, Asked, Question
from profiles.tests.asking import HERE, SIZE, key_shown, kinds_of, later, never, not_now, ordered, row, shown, tells


def ask_of(customer: Customer) -> int:
    ordered(customer)
    found = shown(customer).prompt
    assert found is not None
    assert found.ask is not None
    return found.ask.pk


def test_an_answer_is_kept_with_its_purpose_and_its_end(willing: Customer) -> None:
    ask = ask_of(willing)
    outcome = tells(willing, ask=ask)
    assert outcome.result is Result.SAVED
    answer = Answer.objects.get()
    assert (answer.value, answer.purpose, answer.version) == (SIZE, "recs", 1)
    assert answer.kept_until - answer.given_at == timedelta(days=730)
    assert Ask.objects.get().state == "answered"
    assert kinds_of(willing) == ["question.shown", "answer.given"]


def test_no_entry_holds_the_answer(willing: Customer) -> None:
    tells(willing)
    for entry in Entry.objects.of(willing.subject):
        assert "160x200" not in (entry.payload or "")


def test_the_same_answer_twice_is_once(willing: Customer) -> None:
    tells(willing)
    assert tells(willing).result is Result.STANDS
    assert kinds_of(willing) == ["answer.given"]


def test_another_answer_in_another_window_is_not_overwritten(willing: Customer) -> None:
    seen = tells(willing).answer.seq
    outcome = tells(willing, value={"one": "90x200"})
    assert outcome.result is Result.CHANGED_MEANWHILE
    assert outcome.answer is not None
    assert outcome.answer.value == SIZE
    assert tells(willing, value={"one": "90x200"}, seen=seen).result is Result.SAVED
    assert Answer.objects.get().value == {"one": "90x200"}
    assert kinds_of(willing) == ["answer.given", "answer.changed"]


def test_an_answer_that_ran_out_is_given_anew(willing: Customer) -> None:
    seen = tells(willing).answer.seq
    with later(days=731):
        assert tells(willing, seen=seen).result is Result.SAVED
        assert Answer.objects.get().kept_until > timezone.now()


def test_nothing_is_saved_for_a_use_that_is_not_allowed(anna: Customer, linden: Brand) -> None:
    assert tells(anna).result is Result.NOT_ALLOWED
    deny(anna, "recs")
    assert tells(anna).result is Result.NOT_ALLOWED
    assert not Answer.objects.exists()


def test_an_answer_is_no_consent(anna: Customer, linden: Brand) -> None:
    allow(anna, "recs")
    before = Entry.objects.of(anna.subject).filter(kind="choice.decided").count()
    tells(anna)
    assert Entry.objects.of(anna.subject).filter(kind="choice.decided").count() == before


@pytest.mark.parametrize("value", [{"one": "300x300"}, {"text": "large"}, {"one": 160}, {}])
def test_what_is_no_answer_is_not_saved(willing: Customer, value: Any) -> None:
    with pytest.raises(WrongAnswer):
        actions.answer(willing, "bed-size", value, HERE, version=1)
    assert not kinds_of(willing)


def test_an_answer_to_a_version_that_is_asked_no_more_is_not_saved(willing: Customer) -> None:
    outcome = actions.answer(willing, "bed-size", SIZE, HERE, version=2)
    assert (outcome.result, outcome.answer) == (Result.OTHER_WORDING, None)
    assert not kinds_of(willing)


def test_a_retired_question_takes_no_answer(willing: Customer) -> None:
    ask = ask_of(willing)
    actions.retire_question(Question.objects.get(key="bed-size"), by="system:tests")
    willing.brand.refresh_from_db()
    for act in (lambda: tells(willing, ask=ask), lambda: not_now(willing, ask=ask), lambda: never(willing)):
        with pytest.raises(Gone):
            act()
    assert not Answer.objects.exists()


def test_undo_takes_the_answer_back_and_the_question_waits_again(willing: Customer) -> None:
    ask = ask_of(willing)
    receipt = str(tells(willing, ask=ask).answer.receipt)
    assert actions.take_back(willing, receipt, HERE)
    assert not actions.take_back(willing, receipt, HERE), "twice is once"
    assert not Answer.objects.exists()
    assert Ask.objects.get().state == "open"
    assert key_shown(willing) == "bed-size"
    assert kinds_of(willing)[-1] == "answer.deleted"


def test_undo_is_over_after_half_an_hour(willing: Customer) -> None:
    receipt = str(tells(willing).answer.receipt)
    with later(minutes=31):
        assert not actions.take_back(willing, receipt, HERE)


def test_a_change_is_not_undone_for_what_was_before_is_not_kept(willing: Customer) -> None:
    seen = tells(willing).answer.seq
    receipt = str(tells(willing, value={"one": "90x200"}, seen=seen).answer.receipt)
    assert not actions.take_back(willing, receipt, HERE)
    assert Answer.objects.exists()


def test_somebody_elses_receipt_undoes_nothing(willing: Customer, bea: Customer) -> None:
    receipt = str(tells(willing).answer.receipt)
    assert not actions.take_back(bea, receipt, HERE)
    assert not actions.delete_answer(bea, "bed-size", HERE)
    assert Answer.objects.exists()


def test_who_deletes_an_answer_is_not_asked_for_it_again(willing: Customer) -> None:
    tells(willing)
    assert actions.delete_answer(willing, "bed-size", HERE)
    assert not actions.delete_answer(willing, "bed-size", HERE), "twice is once"
    assert (row(willing).answered_at, row(willing).never_at is not None) == (None, True)
    with later(days=400):
        ordered(willing)
        assert key_shown(willing) == "nothing"


def test_whoever_wants_to_be_asked_again_says_so(willing: Customer) -> None:
    ask = ask_of(willing)
    never(willing, ask=ask)
    assert Ask.objects.get().state == "never"
    assert actions.ask_again(willing, "bed-size", HERE)
    assert not actions.ask_again(willing, "bed-size", HERE), "twice is once"
    assert (row(willing).never_at, row(willing).times) == (None, 1)
    assert [entry.act["state"] for entry in Entry.objects.of(willing.subject).filter(kind="question.declined").order_by("seq")] == [
        "never",
        "lifted",
    ]


def test_a_showing_answered_in_another_window_is_not_put_off(willing: Customer) -> None:
    ask = ask_of(willing)
    tells(willing, ask=ask)
    assert not_now(willing, ask=ask) is None
    assert kinds_of(willing) == ["question.shown", "answer.given"]
    assert row(willing).put_off == 0


def test_never_counts_even_after_not_now(willing: Customer) -> None:
    ask = ask_of(willing)
    not_now(willing, ask=ask)
    assert never(willing, ask=ask) is None
    assert row(willing).never_at is not None


def test_not_now_without_a_showing_rests_once(willing: Customer) -> None:
    until = not_now(willing)
    assert not_now(willing) == until
    assert row(willing).put_off == 1


def test_unused_answers_go_together_each_with_an_entry(willing: Customer) -> None:
    tells(willing)
    tells(willing, "rooms", {"some": ["kitchen"]})
    assert actions.delete_unused(willing, HERE) == 0
    with later(days=181):
        assert actions.delete_unused(willing, HERE) == 2
    assert kinds_of(willing)[-2:] == ["answer.deleted", "answer.deleted"]


def test_what_is_over_is_let_go(willing: Customer) -> None:
    answer = tells(willing).answer
    assert not actions.let_go(answer)
    with later(days=731):
        assert actions.let_go(answer)
        assert not actions.let_go(answer), "twice is once"
    assert Entry.objects.of(willing.subject).get(kind="answer.deleted").act["why"] == "period"
    assert row(willing).never_at is None


def test_a_retired_question_lets_its_answers_go(willing: Customer) -> None:
    answer = tells(willing).answer
    actions.retire_question(Question.objects.get(key="bed-size"), by="system:tests")
    assert actions.let_go(answer)
    assert Entry.objects.of(willing.subject).get(kind="answer.deleted").act["why"] == "retired"


ACTS: list[Callable[[Customer], Any]] = [
    lambda customer: shown(customer),
    lambda customer: tells(customer, value={"one": "90x200"}, seen=Answer.objects.get().seq),
    lambda customer: not_now(customer, "rooms"),
    lambda customer: never(customer, "rooms"),
    lambda customer: actions.take_back(customer, str(Answer.objects.get().receipt), HERE),
    lambda customer: actions.delete_answer(customer, "bed-size", HERE),
    lambda customer: actions.ask_again(customer, "windows", HERE),
]


def everything(customer: Customer) -> str:
    return json.dumps(
        [list(model.objects.filter(customer=customer).order_by("pk").values()) for model in (Asked, Ask, Answer)], default=str
    )


@pytest.mark.parametrize("act", ACTS)
def test_without_its_entry_nothing_is_written(willing: Customer, act: Callable[[Customer], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    tells(willing)
    never(willing, "windows")
    Asked.objects.filter(customer=willing, question__key="windows").update(said_no_at=None)
    actions.happen(willing, "answer.used")
    before = everything(willing)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Turn, "append", refuse)
    with pytest.raises(OSError, match="disk"):
        act(willing)
    assert everything(willing) == before
