"""Several connections at once: one form pressed five times is one entry, and a withdrawal wins whichever of the two commits first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.actions import join
from accounts.models import Customer
from brands.models import Brand
from consents import actions
from consents.decide import decide
from consents.saying import Result, Said
from consents.states import Scope, Verb
from consents.tests.acting import ALLOW, acts, allow, count, deny, head, own, page, signed_in, state
from consents.tests.conftest import customer
from consents.tests.reading import read

USES = [("recs", ""), ("news", "email"), ("news", "sms"), ("news", "post"), ("ads", ""), ("makers", ""), ("insight", "")]


@pytest.fixture
def anna(committed_shop: Brand) -> Customer:
    return customer(committed_shop, "anna")


def together(*acts_: Callable[[], Any]) -> list[Any]:
    """Each in a thread and on a connection of its own, let go at the same time."""
    start = threading.Barrier(len(acts_))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts_)) as pool:
        return list(pool.map(run, acts_))


def pairs(brand: Brand, number: int) -> Iterator[tuple[Customer, str, str]]:
    """`number` uses that nobody has decided on, seven of each new person."""
    made: Customer | None = None
    for each in range(number):
        if each % len(USES) == 0:
            made = join(brand=brand, address=f"racer-{each}@example.com", language="en")
        assert made is not None
        made.brand = brand
        yield made, *USES[each % len(USES)]


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_five_posts_of_one_form_are_one_entry(anna: Customer, decision: str) -> None:
    browser = signed_in(anna)
    form = read(browser.get("/choices/")).form("/choices/recs/")
    browsers = [signed_in(anna) for _ in range(5)]
    before = count(anna)
    answers = together(*(lambda client=client: client.post(form.action, form.post(decision)) for client in browsers))
    assert {answer.status_code for answer in answers} == {303}
    assert count(anna) == before + 1
    assert state(anna, "recs") == {"allow": "granted", "deny": "refused"}[decision]


def test_five_undos_of_one_receipt_are_one_entry(anna: Customer) -> None:
    no = deny(anna, "recs")
    assert no.entry is not None
    receipt, before = str(no.entry.public_id), count(anna)
    results = [outcome.result for outcome in together(*[lambda: actions.undo(anna, receipt, own(anna))] * 5)]
    assert sorted(results) == [Result.SAVED, *[Result.STANDS] * 4]
    assert (count(anna), state(anna, "recs")) == (before + 1, "unset")


def test_five_stops_are_one_entry(anna: Customer) -> None:
    before = count(anna)
    entries = together(*[lambda: actions.stop(anna, Scope.MARKETING, own(anna))] * 5)
    assert len([entry for entry in entries if entry]) == 1
    assert count(anna) == before + 1


def test_a_withdrawal_wins_whichever_commits_first(committed_shop: Brand) -> None:
    """Sixty races of a yes against a no on the same use; both saw the same page."""
    for person, purpose, channel in pairs(committed_shop, 60):
        yes, no = page(person, purpose, channel), page(person, purpose, channel)
        granted, denied = together(*race(person, purpose, channel, yes, no))
        assert denied.saved
        assert granted.result in {Result.SAVED, Result.STALE}
        assert state(person, purpose, channel) == ("withdrawn" if granted.saved else "refused")
        assert not decide(person, purpose, channel).allowed


def race(person: Customer, purpose: str, channel: str, yes: Said, no: Said) -> tuple[Callable[[], Any], Callable[[], Any]]:
    return (
        lambda: actions.say(person, purpose, channel, Verb.ALLOW, yes),
        lambda: actions.say(person, purpose, channel, Verb.DENY, no),
    )


def test_stop_all_wins_over_a_yes_that_had_not_seen_it(committed_shop: Brand) -> None:
    for person, purpose, channel in pairs(committed_shop, 14):
        if purpose not in {"news", "makers"}:
            continue
        seen = head(person)
        yes = page(person, purpose, channel)
        together(
            lambda p=person, u=purpose, c=channel, y=yes: actions.say(p, u, c, ALLOW, y),  # type: ignore[misc]
            lambda p=person: actions.stop(p, Scope.MARKETING, own(p)),  # type: ignore[misc]
        )
        assert not decide(person, purpose, channel).allowed
        assert all(act["seen"] == seen for act in acts(person) if act["purpose"] == purpose and act["channel"] == channel)
        actions.lift(person, Scope.MARKETING, own(person, seen=head(person)))


def test_deny_all_wins_over_a_yes(committed_shop: Brand) -> None:
    for number in range(8):
        person = join(brand=committed_shop, address=f"racer-{number}@example.com", language="en")
        person.brand = committed_shop
        yes = page(person, "news", "sms")
        together(
            lambda p=person, y=yes: actions.say(p, "news", "sms", ALLOW, y),  # type: ignore[misc]
            lambda p=person: actions.deny_all(p, own(p)),  # type: ignore[misc]
        )
        assert state(person, "news", "sms") in {"withdrawn", "refused"}


def test_two_people_do_not_wait_for_each_other(committed_shop: Brand, anna: Customer) -> None:
    """On PostgreSQL a turn locks its own person; the embedded mode has one writer."""
    if connection.vendor != "postgresql":
        pytest.skip("one writer")
    from ledger.turns import turn

    bea = customer(committed_shop, "bea")
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with turn(anna.subject, brand="linden", actor="system:tests"):
            inside.set()
            assert done.wait(20), "the other person's decision waited for this one's"

    def decide_meanwhile() -> Any:
        inside.wait(20)
        outcome = allow(bea, "recs")
        done.set()
        return outcome

    assert together(hold, decide_meanwhile)[1].saved
