from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ledger import followers
from ledger.followers import Follower, follow, given_up, lag, replay, retry, run, run_all, unfollow
from ledger.models import Cursor, Parked
from ledger.proving import prove
from ledger.sequence import sequence
from ledger.tests.acts import happened
from ledger.tests.reading import NOW, InOrder, Table, followed, handled


def test_it_gets_each_entry_once_in_position_order(anna: str, ben: str, table: Table):
    entries = [*happened(anna, 1, 2), *happened(ben, 3), *happened(anna, 4)]
    sequence()
    assert run(table) == 4
    assert run(table) == 0
    assert table.seen == [1, 2, 3, 4]
    assert followed(table) == [entry.id for entry in entries]
    assert Cursor.objects.get(follower="table").position == 4


def test_it_gets_nothing_that_has_no_position_yet(anna: str, table: Table):
    happened(anna)
    assert run(table) == 0


def test_it_reads_a_batch_at_a_time(anna: str, table: Table, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(followers, "BATCH", 2)
    happened(anna, *range(5))
    sequence()
    assert [run(table), run(table), run(table), run(table)] == [2, 2, 1, 0]
    assert table.seen == list(range(5))


@pytest.mark.parametrize(("from_start", "expected"), [(True, ["old", "new"]), (False, ["new"])])
def test_a_new_one_starts_at_the_newest_position_unless_it_says(anna: str, table: Table, from_start: bool, expected: list[str]):
    table.from_start = from_start  # type: ignore[misc]
    happened(anna, "old")
    sequence()
    run(table)
    happened(anna, "new")
    sequence()
    run(table)
    assert table.seen == expected


@pytest.mark.parametrize("crash", ["flush", "cursor"])
def test_a_crash_before_the_cursor_is_saved_repeats_nothing(anna: str, table: Table, crash: str, monkeypatch: pytest.MonkeyPatch):
    happened(anna, 1, 2)
    sequence()

    def dies(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(*((table, "flush", dies) if crash == "flush" else (Cursor, "save", dies)))
        run(table)
    assert followed(table) == []
    assert not Cursor.objects.exists()
    assert run(table) == 2
    assert len(followed(table)) == 2


def test_one_that_fails_is_parked_at_once_and_the_others_go_on(anna: str, ben: str, table: Table, clock: Any):
    table.failing = {"bad"}
    entries = [*happened(anna, 1, "bad", 3), *happened(ben, 4)]
    sequence()
    assert run(table) == 4
    assert followed(table) == [entry.id for entry in entries if entry.act["what"] != "bad"]  # what it wrote before failing is gone
    parked = Parked.objects.get()
    assert (parked.follower, parked.entry, parked.position, parked.subject) == ("table", entries[1].id, 2, anna)
    assert (parked.attempts, parked.next_try, parked.error) == (1, NOW + timedelta(seconds=1), "ConnectionError")
    assert Cursor.objects.get().position == 4
    assert not given_up().exists()


def test_it_is_tried_again_after_1_5_30_120_seconds_and_10_minutes_then_waits_for_a_person(anna: str, table: Table, clock: Any):
    table.failing = {"bad"}
    happened(anna, "bad")
    sequence()
    run(table)
    for attempts, seconds in enumerate([1, 5, 30, 120, 600], 1):
        parked = Parked.objects.get()
        assert (parked.attempts, parked.next_try) == (attempts, timezone.now() + timedelta(seconds=seconds))
        table.seen.clear()
        clock.shift(timedelta(seconds=seconds, microseconds=-1))
        assert retry(table) == 0
        assert table.seen == []
        assert not given_up().exists()
        clock.shift(timedelta(microseconds=1))
        assert retry(table) == 0
        assert table.seen == ["bad"]
    parked = given_up().get()
    assert (parked.attempts, parked.next_try) == (6, None)
    clock.shift(timedelta(days=400))
    assert retry(table) == 0
    assert handled(table) == ["bad"]


def test_a_person_has_it_tried_again(anna: str, table: Table, clock: Any):
    table.failing = {"bad", "worse"}
    bad, worse = happened(anna, "bad", "worse")
    sequence()
    run(table)
    Parked.objects.update(attempts=6, next_try=None)
    table.failing = {"worse"}
    assert replay(table, [bad.id]) == 1
    assert not given_up().filter(entry=bad.id).exists()
    assert retry(table) == 1
    assert followed(table) == [bad.id]
    assert list(given_up().values_list("entry", flat=True)) == [worse.id]
    assert replay(table, [bad.id, 12345]) == 0
    assert replay(table, [worse.id]) == 1
    retry(table)
    assert Parked.objects.get().attempts == 1  # the delays begin anew


# ── All of them ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_run_all_runs_each_until_nothing_is_left(anna: str, table: Table, in_order: InOrder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(followers, "BATCH", 2)
    follow(table)
    follow(in_order)
    happened(anna, *range(5))
    assert lag() == {"table": 0, "in order": 0}
    sequence()
    assert lag() == {"table": 5, "in order": 5}
    assert run_all() == 10
    assert lag() == {"table": 0, "in order": 0}
    assert len(followed(table)) == len(followed(in_order)) == 5
    unfollow("table")
    unfollow("table")
    assert lag() == {"in order": 0}


def test_run_all_tries_what_is_due(anna: str, in_order: InOrder, clock: Any):
    follow(in_order)
    in_order.failing = {"bad"}
    happened(anna, "bad", 2, 3)
    prove()
    in_order.failing = set()
    assert run_all() == 0
    clock.shift(timedelta(seconds=1))
    assert run_all() == 3
    assert handled(in_order) == ["bad", "bad", 2, 3]


def test_the_lag_of_one_that_starts_at_the_newest(anna: str, table: Table):
    table.from_start = False  # type: ignore[misc]
    follow(table)
    happened(anna)
    sequence()
    assert lag() == {"table": 0}


def test_one_that_breaks_down_does_not_stop_the_others(anna: str, table: Table, in_order: InOrder, monkeypatch: pytest.MonkeyPatch):
    def full() -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(table, "flush", full)
    follow(table)
    follow(in_order)
    happened(anna)
    sequence()
    with pytest.raises(OSError, match="no space"):  # and it is heard of
        run_all()
    assert followed(table) == []
    assert len(followed(in_order)) == 1


def test_one_that_another_worker_has_just_handled_is_left_alone(anna: str, table: Table, clock: Any):
    table.failing = {"bad"}
    happened(anna, "bad")
    sequence()
    run(table)
    parked = Parked.objects.get()
    handled(table)
    assert not followers._retry_one(table, parked.id, NOW)  # put off, between the look and the lock
    parked.delete()
    assert not followers._retry_one(table, parked.id, NOW)
    assert handled(table) == []


def test_a_follower_without_handle_says_so(anna: str):
    (entry,) = happened(anna)
    with pytest.raises(TypeError):
        Follower().handle(entry, 1)
