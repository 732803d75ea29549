from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.exceptions import InvalidSignature
from django.db import connection, transaction
from django.utils import timezone

from ledger import gate
from ledger import sequence as sequencing
from ledger.checking import verify
from ledger.keys import decoded, key_set
from ledger.models import Entry, Log, Position, Seal, Waiting
from ledger.proving import prove
from ledger.sequence import seal_age, sequence
from ledger.subjects import new_subject
from ledger.tasks import prove as prove_task
from ledger.tests.acts import at_once, happened
from ledger.turns import turn


def positions() -> list[tuple[int, int]]:
    return list(Position.objects.order_by("position").values_list("position", "entry"))


def running_hash(up_to: int) -> str:
    """h0 = 32 zero bytes, hn = SHA-256(hn-1 || raw commitment)."""
    digest = bytes(32)
    for _, entry in positions()[:up_to]:
        digest = hashlib.sha256(digest + bytes.fromhex(Entry.objects.get(pk=entry).commitment)).digest()
    return digest.hex()


def test_positions_follow_the_order_of_entries_without_a_gap(anna: str, ben: str):
    first = [*happened(anna, "a", "b"), *happened(ben), *happened(anna)]
    assert sequence() == 4
    more = [*happened(ben, "x", "y"), *happened(anna)]
    assert sequence() == 3
    assert sequence() == 0
    assert positions() == list(enumerate((entry.id for entry in first + more), 1))
    assert not Waiting.objects.exists()


def test_nothing_to_give_makes_no_seal(anna: str):
    assert sequence() == 0
    assert not Seal.objects.exists()


def test_what_was_rolled_back_gets_no_position_and_leaves_no_gap(anna: str):
    happened(anna)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        happened(anna, "gone")
        1 / 0  # noqa: B018
    (kept,) = happened(anna, "kept")
    assert sequence() == 2
    assert positions()[-1] == (2, kept.id)
    assert kept.seq == 2


def test_each_batch_extends_the_running_hash(anna: str, ben: str):
    happened(anna, 1, 2, 3)
    sequence()
    happened(ben, 1, 2)
    sequence()
    seals = list(Seal.objects.order_by("position"))
    assert [(seal.epoch, seal.position) for seal in seals] == [(1, 3), (1, 5)]
    assert [seal.hash for seal in seals] == [running_hash(3), running_hash(5)]
    log = Log.objects.get()
    assert (log.position, log.hash) == (5, running_hash(5))


def test_a_seal_is_signed_over_all_it_says(anna: str):
    happened(anna)
    with time_machine.travel(datetime(2026, 5, 1, 12, 0, 0, 7, tzinfo=UTC), tick=False):
        sequence()
    seal = Seal.objects.get()
    assert seal.signed_at == "2026-05-01T12:00:00.000007Z"
    keys = key_set()
    assert seal.key == keys.signing_id
    verifier = keys.verifier(seal.key)
    assert verifier is not None
    parts = ["pc-seal-v1", "1", "1", seal.hash, seal.signed_at]
    verifier.verify(decoded(seal.signature), "\n".join(parts).encode())
    for n, other in enumerate(["pc-seal-v2", "2", "3", "0" * 64, "2026-05-01T12:00:00.000008Z"]):
        edited = [*parts[:n], other, *parts[n + 1 :]]
        with pytest.raises(InvalidSignature):
            verifier.verify(decoded(seal.signature), "\n".join(edited).encode())


def test_at_most_a_thousand_at_once(anna: str):
    assert sequencing.BATCH == 1000
    happened(anna, *range(1001))
    assert sequence() == 1000
    assert Waiting.objects.count() == 1
    assert sequence() == 1
    assert [position for position, _ in positions()] == list(range(1, 1002))
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == [1000, 1001]


def test_a_batch_that_fails_leaves_everything_waiting(anna: str, monkeypatch: pytest.MonkeyPatch):
    happened(anna, 1, 2)

    def fails(*args: Any) -> None:
        raise OSError("no random numbers today")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="today"):
        patch.setattr(sequencing, "sealed", fails)
        sequence()
    assert positions() == []
    assert Waiting.objects.count() == 2
    assert Log.objects.get().position == 0
    assert sequence() == 2


def test_prove_does_it_all_and_the_task_does_the_same(anna: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sequencing, "BATCH", 2)
    happened(anna, *range(5))
    assert prove() == 5
    assert Seal.objects.count() == 3
    happened(anna)
    prove_task()
    assert Log.objects.get().position == 6
    assert list(verify()) == []


def test_the_task_waits_while_a_restored_backup_catches_up(anna: str, monkeypatch: pytest.MonkeyPatch):
    happened(anna)
    with monkeypatch.context() as shut:
        shut.setattr(gate, "_answers", [lambda: False])
        prove_task()
    assert Log.objects.get().position == 0
    prove_task()
    assert Log.objects.get().position == 1


def test_the_age_of_the_newest_seal(anna: str):
    now = timezone.now()
    assert seal_age(now) is None
    happened(anna)
    with time_machine.travel(now, tick=False):
        sequence()
    assert seal_age(now + timedelta(seconds=90)) == pytest.approx(90)


# ── At once ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_give_each_entry_one_position(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sequencing, "BATCH", 3)
    subjects = [new_subject(), new_subject()]

    def acting() -> None:
        for n in range(10):
            happened(subjects[n % 2], n)

    def sequencing_() -> None:
        for _ in range(12):
            sequence()

    at_once(acting, sequencing_, sequencing_)
    prove()
    placed = positions()
    assert [position for position, _ in placed] == list(range(1, 11))
    assert sorted(entry for _, entry in placed) == sorted(Entry.objects.values_list("id", flat=True))
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="on SQLite nobody writes while a turn is open")
def test_an_entry_that_is_not_committed_waits_and_comes_later():
    anna, ben = new_subject(), new_subject()
    with turn(anna, brand="linden", actor="system:test") as t:
        first = t.append(anna, "thing.happened", {"what": "drawn first, committed last"})
        at_once(lambda: happened(ben), sequence)
        at_once(sequence)
    assert connection.vendor == "postgresql"
    prove()
    assert positions()[-1] == (2, first.id)
    assert first.id < positions()[0][1]
    assert list(verify()) == []
