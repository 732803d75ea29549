"""Where the order per person counts, that person's later entries wait behind one that failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledger.followers import given_up, replay, retry, run
from ledger.models import Parked
from ledger.sequence import sequence
from ledger.tests.acts import happened
from ledger.tests.reading import NOW, InOrder, Table, handled


def test_later_entries_of_that_person_wait_behind_it(anna: str, ben: str, in_order: InOrder, clock: Any):
    in_order.failing = {"bad"}
    happened(anna, 1, "bad", 3)
    happened(ben, 4)
    sequence()
    run(in_order)
    happened(anna, 5)
    happened(ben, 6)
    sequence()
    run(in_order)
    assert handled(in_order) == [1, "bad", 4, 6]
    behind = list(Parked.objects.order_by("position").values_list("subject", "position", "attempts", "next_try"))
    assert behind == [(anna, 2, 1, NOW + timedelta(seconds=1)), (anna, 3, 0, None), (anna, 5, 0, None)]
    assert given_up().count() == 0  # who waits behind another has not been given up
    in_order.failing = {3}
    clock.shift(timedelta(seconds=1))
    assert retry(in_order) == 1
    assert retry(in_order) == 0  # it is the turn of 3, which fails now
    assert handled(in_order) == ["bad", 3]
    in_order.failing = set()
    assert retry(in_order) == 0  # 3 is not due yet, and 5 waits behind it
    clock.shift(timedelta(seconds=1))
    assert [retry(in_order), retry(in_order), retry(in_order)] == [1, 1, 0]
    assert handled(in_order) == [3, 5]
    assert not Parked.objects.exists()


@pytest.mark.parametrize("asked", [["bad", 2, 3], [3, 2], [2], [3, "bad"]])
def test_a_person_who_replays_does_not_break_the_order(anna: str, in_order: InOrder, clock: Any, asked: list[Any]):
    in_order.failing = {"bad"}
    entries = {entry.act["what"]: entry.id for entry in happened(anna, "bad", 2, 3)}
    sequence()
    run(in_order)
    Parked.objects.filter(entry=entries["bad"]).update(attempts=6, next_try=None)
    handled(in_order)
    replay(in_order, [entries[what] for what in asked])
    for _ in range(4):
        retry(in_order)
    assert 2 not in in_order.seen
    assert 3 not in in_order.seen
    in_order.failing = set()
    handled(in_order)
    replay(in_order, [entries["bad"]])
    while retry(in_order):
        pass
    assert in_order.seen == ["bad", 2, 3]
    assert not Parked.objects.exists()


def test_the_others_of_a_follower_without_order_do_not_wait(anna: str, table: Table):
    table.failing = {"bad"}
    happened(anna, "bad", 2)
    sequence()
    run(table)
    assert handled(table) == ["bad", 2]
