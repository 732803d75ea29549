"""Undo: half an hour, one's own newest word, by a new entry; what it gives back is what was there, and never more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Customer
from brands.models import Brand
from consents import actions
from consents.decide import decide
from consents.models import Choice
from consents.saying import Outcome, Result
from consents.states import How, Scope
from consents.tests.acting import acts, allow, count, deny, own, page, state
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def gail(linden: Brand) -> Customer:
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        return resident(found_golden())


def receipt(outcome: Outcome) -> str:
    assert outcome.entry is not None
    return str(outcome.entry.public_id)


def undo(customer: Customer, outcome: Outcome) -> Outcome:
    return actions.undo(customer, receipt(outcome), own(customer))


# ── What it gives back ──────────────────────────────────────────────────────────────────────────────────────────────


def test_undo_of_a_first_no_leaves_nothing_decided(anna: Customer) -> None:
    no = deny(anna, "recs")
    outcome = undo(anna, no)
    assert outcome.result is Result.SAVED
    assert (state(anna, "recs"), decide(anna, "recs").reason) == ("unset", "undecided")
    act = acts(anna)[-1]
    assert (act["how"], act["undoes"], act["before"], act["state"]) == ("undo", receipt(no), "refused", "unset")


def test_undo_of_a_first_yes_withdraws(anna: Customer) -> None:
    undo(anna, allow(anna, "recs"))
    assert state(anna, "recs") == "withdrawn"
    assert (acts(anna)[-1]["how"], acts(anna)[-1]["shown"]) == ("undo", None)


def test_undo_of_a_withdrawal_gives_back_the_yes_with_its_wording(anna: Customer) -> None:
    yes = allow(anna, "recs")
    assert yes.entry is not None
    undo(anna, deny(anna, "recs"))
    assert decide(anna, "recs").allowed
    first, back = yes.entry.act, acts(anna)[-1]
    assert (back["shown"], back["version"], back["seen"]) == (first["shown"], first["version"], first["seen"])
    assert (back["state"], back["before"], back["how"]) == ("granted", "withdrawn", "undo")


def test_what_it_gives_back_ends_when_it_would_have_ended(gail: Customer, clock: Any) -> None:
    publish(gail.brand, "short", "consent", lifetime_months=3)
    clock.shift(timedelta(minutes=1))
    yes = allow(gail, "short")
    clock.shift(timedelta(days=40))
    undo(gail, deny(gail, "short"))
    assert yes.entry is not None
    assert acts(gail)[-1]["expires_at"] == yes.entry.act["expires_at"], "an undo is no new yes for three more months"
    assert Choice.objects.get(customer=gail, purpose="short").expires_at == datetime.fromisoformat(yes.entry.act["expires_at"])


def test_a_yes_that_had_run_out_does_not_come_back(gail: Customer, clock: Any) -> None:
    publish(gail.brand, "short", "consent", lifetime_months=3)
    clock.shift(timedelta(minutes=1))
    allow(gail, "short")
    clock.shift(timedelta(days=100))
    assert not decide(gail, "short").allowed
    no = deny(gail, "short")
    assert undo(gail, no).result is Result.STALE
    assert not decide(gail, "short").allowed


def test_undo_of_an_objection_takes_it_back(gail: Customer) -> None:
    undo(gail, deny(gail, "legitimate-interest"))
    assert decide(gail, "legitimate-interest").reason == "not_objected"


def test_undo_of_an_objection_taken_back_objects_again(gail: Customer) -> None:
    deny(gail, "legitimate-interest")
    undo(gail, allow(gail, "legitimate-interest"))
    assert decide(gail, "legitimate-interest").reason == "objected"


# ── When it may not ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("after", "result"), [(1799, Result.SAVED), (1800, Result.STALE), (86400, Result.STALE)])
def test_it_is_offered_for_thirty_minutes(anna: Customer, clock: Any, after: int, result: Result) -> None:
    no = deny(anna, "recs")
    before = count(anna)
    clock.shift(timedelta(seconds=after))
    assert undo(anna, no).result is result
    assert count(anna) == before + (result is Result.SAVED)


def test_twice_is_once_and_answers_alike(anna: Customer) -> None:
    no = deny(anna, "recs")
    first = undo(anna, no)
    before = count(anna)
    second = undo(anna, no)
    assert (second.result, count(anna)) == (Result.STANDS, before)
    assert second.entry == first.entry


def test_the_second_press_after_a_newer_word_says_it_is_too_late(anna: Customer) -> None:
    no = deny(anna, "recs")
    undo(anna, no)
    allow(anna, "recs")
    before = count(anna)
    assert undo(anna, no).result is Result.STALE
    assert (count(anna), state(anna, "recs")) == (before, "granted")


def test_an_undo_is_not_undone(anna: Customer) -> None:
    allow(anna, "recs")
    back = undo(anna, deny(anna, "recs"))
    before = count(anna)
    assert undo(anna, back).result is Result.STALE
    assert (count(anna), state(anna, "recs")) == (before, "granted")


def test_a_newer_word_on_the_same_use_stands_in_its_way(anna: Customer) -> None:
    no = deny(anna, "recs")
    allow(anna, "recs")
    assert undo(anna, no).result is Result.STALE
    assert state(anna, "recs") == "granted"


def test_a_newer_wide_word_stands_in_the_way_of_a_yes(anna: Customer) -> None:
    allow(anna, "news", "email")
    no = deny(anna, "news", "email")
    actions.stop(anna, Scope.MARKETING, own(anna))
    assert undo(anna, no).result is Result.STALE
    assert state(anna, "news", "email") == "withdrawn"


def test_a_newer_wide_word_does_not_stand_in_the_way_of_a_reduction(anna: Customer) -> None:
    yes = allow(anna, "news", "email")
    actions.stop(anna, Scope.MARKETING, own(anna))
    assert undo(anna, yes).saved
    assert state(anna, "news", "email") == "withdrawn"


def test_it_does_not_lift_a_wide_word_that_stood_over_the_yes(anna: Customer) -> None:
    """Allow, stop all marketing, don't allow, undo: as before, which was stopped."""
    allow(anna, "news", "email")
    actions.stop(anna, Scope.MARKETING, own(anna))
    assert undo(anna, deny(anna, "news", "email")).saved
    assert state(anna, "news", "email") == "granted"
    assert decide(anna, "news", "email").reason == "marketing_stopped"


def test_it_gives_back_a_yes_that_had_lifted_a_wide_word(anna: Customer) -> None:
    actions.stop(anna, Scope.MARKETING, own(anna))
    allow(anna, "news", "email")
    assert decide(anna, "news", "email").allowed
    undo(anna, deny(anna, "news", "email"))
    assert decide(anna, "news", "email").allowed, "it stands as it did before"


def test_an_objection_taken_back_by_undo_lifts_no_wide_word(gail: Customer) -> None:
    actions.stop(gail, Scope.MARKETING, own(gail))
    undo(gail, deny(gail, "legitimate-interest"))
    assert decide(gail, "legitimate-interest").reason == "marketing_stopped"


def test_an_opt_out_is_not_undone(gail: Customer) -> None:
    """design.md 7: never for an opt-out of sale. It can be taken back by a press of Allow, having seen it."""
    no = deny(gail, "opt-out")
    assert undo(gail, no).result is Result.STALE
    assert decide(gail, "opt-out").reason == "opted_out"


@pytest.mark.parametrize("how", [How.SIGNAL, How.LINK, How.ONE_CLICK, How.API, How.IMPORT, How.PHONE])
def test_only_a_press_of_a_button_is_undone(anna: Customer, how: How) -> None:
    allow(anna, "ads")
    no = deny(anna, "ads", how=how)
    assert undo(anna, no).result is Result.STALE
    assert state(anna, "ads") == "withdrawn"


def test_a_child_below_the_age_raises_nothing_by_undo(anna: Customer) -> None:
    allow(anna, "recs")
    no = deny(anna, "recs")
    anna.birth_date = date(NOON.year - 12, 1, 1)
    anna.save()
    assert undo(anna, no).result is Result.STALE
    assert state(anna, "recs") == "withdrawn"


@pytest.mark.parametrize("years", [17, 40])
def test_somebody_whose_birth_date_we_keep_may_undo_from_the_age_on(anna: Customer, years: int) -> None:
    anna.birth_date = date(NOON.year - years, 1, 1)
    anna.save()
    allow(anna, "recs")
    assert undo(anna, deny(anna, "recs")).saved
    assert state(anna, "recs") == "granted"


def test_a_waiting_yes_is_not_given_back(anna: Customer) -> None:
    actions.ask_to_confirm(anna, "news", "email", page(anna, "news", "email"))
    assert undo(anna, deny(anna, "news", "email")).result is Result.STALE


def test_a_yes_whose_entry_was_emptied_is_not_given_back(anna: Customer) -> None:
    from ledger.emptying import Reason, empty
    from ledger.turns import turn

    allow(anna, "recs")
    no = deny(anna, "recs")
    with turn(anna.subject, brand="linden", actor="system:tests") as this:
        empty(this, anna.subject, [acts(anna)[0]["seq"]], Reason.PERIOD)
    assert undo(anna, no).result is Result.STALE, "what can no longer be proven does not come back"
    assert state(anna, "recs") == "withdrawn"
