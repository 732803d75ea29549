"""What a restored backup must apply again, in files outside the database."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from ledger import followers, journal
from ledger.canonical import timestamp
from ledger.emptying import Reason, empty
from ledger.followers import follow, run
from ledger.journal import Journal
from ledger.models import Cursor, Entry, Log, Parked
from ledger.proving import prove
from ledger.sequence import sequence
from ledger.tests.acts import act, decided, happened
from ledger.turns import turn

MEMBERS = {
    "epoch",
    "position",
    "recorded_at",
    "brand",
    "subject",
    "kind",
    "purpose",
    "channel",
    "party",
    "scope",
    "state",
    "request",
    "commitment",
}
REDUCING: list[tuple[str, dict[str, Any]]] = [
    *(("choice.decided", {"purpose": "news", "channel": "email", "party": "p" * 32, "state": state})
      for state in ("refused", "withdrawn", "objected", "opted_out")),
    ("scope.changed", {"scope": "marketing", "state": "on"}),
    ("restriction.changed", {"state": "on"}),
    ("guardianship.ended", {"guardian": "g" * 32}),
]  # fmt: skip
OTHER: list[tuple[str, dict[str, Any]]] = [
    *(("choice.decided", {"purpose": "news", "channel": "email", "party": "p" * 32, "state": state})
      for state in ("granted", "unset", "deferred", "pending", "expired")),
    ("scope.changed", {"scope": "marketing", "state": "off"}),
    ("restriction.changed", {"state": "off"}),
    ("thing.happened", {"what": "refused"}),
]  # fmt: skip


@pytest.fixture
def follower(db: None) -> Journal:
    each = Journal()
    follow(each)
    return each


def files() -> list[Path]:
    from django.conf import settings

    return sorted(Path(settings.PROOF_DIR).glob("journal-*.jsonl"))


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for file in files() for line in file.read_text().splitlines()]


def test_the_built_in_one_follows_from_the_start_and_in_order():
    assert (Journal.name, Journal.from_start, Journal.per_person) == ("journal", True, True)


@pytest.mark.parametrize(("kind", "fields"), REDUCING)
def test_a_reduction_gets_its_line(anna: str, follower: Journal, kind: str, fields: dict[str, Any]):
    happened(anna)
    entry = act(anna, kind, **fields)
    prove()
    expected = dict.fromkeys(("purpose", "channel", "party", "scope", "state", "request")) | {
        "epoch": 1, "position": 2, "recorded_at": timestamp(entry.recorded_at), "brand": "linden", "subject": anna, "kind": kind,
        "commitment": entry.commitment,
    }  # fmt: skip
    expected |= {name: value for name, value in fields.items() if name in expected}
    expected["party"] = expected["party"] or fields.get("guardian")  # whose guardianship has ended
    assert set(expected) == MEMBERS
    assert lines() == [expected]


@pytest.mark.parametrize(("kind", "fields"), OTHER)
def test_what_reduces_nothing_gets_none(anna: str, follower: Journal, kind: str, fields: dict[str, Any]):
    act(anna, kind, **fields)
    prove()
    assert files() == []
    assert Cursor.objects.get(follower="journal").position == 1


@pytest.mark.parametrize(("reason", "expected"), [(Reason.ERASURE, ["tombstone"]), (Reason.PERIOD, [])])
def test_the_tombstone_of_an_erasure_gets_its_line(anna: str, follower: Journal, reason: Reason, expected: list[str]):
    happened(anna)
    with turn(anna, brand="linden", actor="system:test") as t:
        empty(t, anna, [1], reason)
    prove()
    assert [line["kind"] for line in lines()] == expected


def test_it_carries_the_epoch(anna: str, follower: Journal):
    Log.objects.update(epoch=3)
    decided(anna, "refused")
    prove()
    assert lines()[0]["epoch"] == 3


def test_an_entry_emptied_before_it_was_read_gets_no_line_but_its_tombstone_does(anna: str, follower: Journal):
    decided(anna, "refused")
    with turn(anna, brand="linden", actor="system:test") as t:
        empty(t, anna, [1], Reason.ERASURE)
    prove()
    assert [line["kind"] for line in lines()] == ["tombstone"]


def test_a_file_a_month_in_utc(anna: str, follower: Journal):
    for moment in (datetime(2026, 4, 30, 23, 59, tzinfo=UTC), datetime(2026, 5, 1, 0, 1, tzinfo=UTC)):
        with time_machine.travel(moment, tick=False):
            decided(anna, "refused")
    prove()
    assert [file.name for file in files()] == ["journal-2026-04.jsonl", "journal-2026-05.jsonl"]
    assert [line["position"] for line in lines()] == [1, 2]


def test_a_torn_line_stays_and_the_next_begins_anew(anna: str, follower: Journal):
    decided(anna, "refused")
    prove()
    (file,) = files()
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    decided(anna, "withdrawn")
    prove()
    first, second = file.read_bytes().splitlines()
    assert first == whole[:-20]
    assert json.loads(second)["position"] == 2
    file.write_bytes(b"")
    decided(anna, "objected")
    prove()
    assert len(file.read_bytes().splitlines()) == 1


# ── Crashes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_file_is_synced_before_the_cursor_moves(anna: str, follower: Journal, monkeypatch: pytest.MonkeyPatch):
    decided(anna, "refused")
    sequence()
    synced: list[tuple[int, int]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        synced.append((os.fstat(descriptor).st_size, Cursor.objects.get(follower="journal").position))

    monkeypatch.setattr(os, "fsync", fsync)
    run(follower)
    assert synced[0] == (files()[0].stat().st_size, 0)
    assert Cursor.objects.get(follower="journal").position == 1


def test_a_crash_after_the_line_repeats_it_and_misses_none(anna: str, follower: Journal, monkeypatch: pytest.MonkeyPatch):
    decided(anna, "refused")
    sequence()

    def killed(descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "fsync", killed)
        run(follower)
    assert not Cursor.objects.exists()
    run(Journal())  # the process that comes after
    assert [line["position"] for line in lines()] == [1, 1]
    assert lines()[0] == lines()[1]
    assert Cursor.objects.get().position == 1


def test_a_full_disk_does_not_pile_up_lines(anna: str, follower: Journal, monkeypatch: pytest.MonkeyPatch):
    decided(anna, "refused")
    sequence()

    def full(descriptor: int) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "_torn", full)  # before anything is written
        for _ in range(5):
            with pytest.raises(OSError, match="no space"):
                run(follower)
    run(follower)
    assert [line["position"] for line in lines()] == [1]


def test_a_line_that_cannot_be_made_is_parked_and_its_person_waits(anna: str, ben: str, follower: Journal, monkeypatch: pytest.MonkeyPatch):
    entries = [decided(anna, "refused"), decided(anna, "withdrawn"), decided(ben, "refused")]
    real = Journal._line

    def line(self: Journal, entry: Entry, *args: Any) -> str:
        if entry.id == entries[0].id:
            raise ValueError("not this one")
        return real(self, entry, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_line", line)
        prove()
    assert [line["subject"] for line in lines()] == [ben]
    assert Parked.objects.count() == 2
    followers.replay(follower, [entries[0].id])
    followers.run_all()
    assert [line["position"] for line in lines()] == [3, 1, 2]
    assert not Parked.objects.exists()


def test_a_retry_that_cannot_be_written_stays_parked(anna: str, follower: Journal, monkeypatch: pytest.MonkeyPatch):
    entry = decided(anna, "refused")
    sequence()
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_line", lambda *args: 1 / 0)
        run(follower)
    followers.replay(follower, [entry.id])

    def full(path: Path) -> bool:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "_torn", full)
        assert followers.retry(follower) == 0
    assert Parked.objects.get().error == "OSError"
    followers.replay(follower, [entry.id])
    assert followers.retry(follower) == 1
    assert [line["position"] for line in lines()] == [1]
