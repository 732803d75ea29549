"""After a restored backup: the ledger goes on from an earlier position in a new epoch, and the file outside the database is no longer a
fault where the ledger itself says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from ledger import epochs, journal
from ledger.checking import verify
from ledger.models import Entry, Head, Log, Position, Seal
from ledger.proving import prove
from ledger.sequence import last_filed, seal_file
from ledger.tests.acts import happened
from ledger.triggers import suspended
from ledger.turns import turn

BRAND = "linden"


def say_so(subject: str, restart: epochs.Restart) -> Entry:
    with turn(subject, brand=BRAND, actor="system:restore") as this:
        act = {"epoch": restart.epoch, "position": restart.position, "reason": "restore"}
        return this.append(subject, "epoch.started", act)


def begun(subject: str) -> epochs.Restart:
    with transaction.atomic():
        restart = epochs.begin()
    say_so(subject, restart)
    return restart


def go_back(position: int) -> None:
    """As a backup of that moment would have it."""
    seal = Seal.objects.get(position=position)
    with suspended(connection), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_entry WHERE id NOT IN (SELECT entry FROM ledger_position WHERE position <= %s)", [position])
        cursor.execute("DELETE FROM ledger_position WHERE position > %s", [position])
        cursor.execute("DELETE FROM ledger_seal WHERE position > %s", [position])
    Log.objects.update(position=position, hash=seal.hash, epoch=seal.epoch)
    for head in Head.objects.all():
        last = Entry.objects.of(head.subject).order_by("-seq").first()
        Head.objects.filter(pk=head.pk).update(
            seq=last.seq if last else 0, commitment=last.commitment if last else None, recorded_at=last.recorded_at if last else None
        )


@pytest.fixture
def lost(anna: str) -> int:
    """Five acts, of which a backup has three; returns the position of the backup."""
    for _number in range(3):
        happened(anna)
    prove()
    kept = Log.objects.get(pk=1).position
    for _number in range(2):
        happened(anna)
        prove()
    go_back(kept)
    return kept


def faults() -> list[str]:
    return [str(fault) for fault in verify()]


def test_an_old_database_is_seen_to_be_behind(lost: int) -> None:
    assert epochs.is_behind()
    assert any("entries were cut off" in fault for fault in faults())


def test_a_new_epoch_says_why_and_everything_fits(lost: int, anna: str) -> None:
    restart = begun(anna)
    assert (restart.epoch, restart.position) == (2, lost)
    prove()
    assert not epochs.is_behind()
    assert faults() == []
    assert epochs.restarts() == [restart]


def test_the_acts_of_the_new_epoch_are_sealed_in_the_file_as_well(lost: int, anna: str) -> None:
    begun(anna)
    prove()
    happened(anna)
    prove()
    newest = last_filed()
    assert newest is not None
    assert (newest["epoch"], newest["position"]) == (2, lost + 2)
    assert faults() == []


def test_what_is_cut_off_in_the_new_epoch_is_seen(lost: int, anna: str) -> None:
    begun(anna)
    prove()
    kept = Log.objects.get(pk=1).position
    happened(anna)
    prove()
    go_back(kept)
    assert any("entries were cut off" in fault for fault in faults())


def test_whoever_writes_to_the_database_alone_begins_no_epoch(lost: int, anna: str) -> None:
    """The entry is sealed by the honest worker; the signed line outside the database is missing."""
    Log.objects.update(epoch=2)
    say_so(anna, epochs.Restart(2, lost))
    prove()
    assert epochs.restarts() == []
    assert any("entries were cut off" in fault for fault in faults())


@pytest.mark.parametrize(
    "line", [b"", b"not JSON", b"{}", b'{"epoch": 2, "position": 3, "signed_at": "x", "key": "k", "signature": "AAAA"}', b"[1]"]
)
def test_a_line_that_we_did_not_sign_begins_none(lost: int, anna: str, line: bytes) -> None:
    begun(anna)
    prove()
    signed = epochs.epoch_file().read_bytes()
    forged = json.loads(signed) | {"position": lost - 1}
    epochs.epoch_file().write_bytes(line + b"\n" + json.dumps(forged).encode() + b"\n")
    assert epochs.restarts() == []
    epochs.epoch_file().write_bytes(line + b"\n" + signed)
    assert epochs.restarts() == [epochs.Restart(2, lost)]


def test_an_epoch_that_says_another_position_hides_nothing(lost: int, anna: str) -> None:
    """Whoever cuts off the tail and says so of a later position only."""
    with transaction.atomic():
        restart = epochs.begin()
    say_so(anna, epochs.Restart(restart.epoch, lost + 2))
    prove()
    assert any("entries were cut off" in fault for fault in faults())


def test_the_same_backup_can_be_restored_twice(lost: int, anna: str) -> None:
    begun(anna)
    prove()
    happened(anna)
    prove()
    go_back(lost)
    assert epochs.is_behind()
    assert begun(anna).epoch == 3
    prove()
    assert faults() == []
    assert not epochs.is_behind()


def test_without_a_file_nobody_is_behind(db: Any) -> None:
    assert epochs.newest_filed() is None
    assert not epochs.is_behind()
    with transaction.atomic():
        assert epochs.begin() == epochs.Restart(2, 0)


def test_a_torn_line_is_not_the_newest(anna: str) -> None:
    happened(anna)
    prove()
    whole = last_filed()
    with seal_file().open("ab") as file:
        file.write(b'{"epoch": 9, "posi')
    assert last_filed() == whole
    assert epochs.newest_filed() == whole


def test_of_lines_that_are_no_seals_the_newest_is_still_found(anna: str) -> None:
    happened(anna)
    prove()
    newest = last_filed()
    with seal_file().open("ab") as file:
        file.write(b"not a seal\n")
    assert last_filed() is None
    assert epochs.newest_filed() == newest


def test_an_empty_file_has_no_last_line(db: Any) -> None:
    seal_file().parent.mkdir(parents=True, exist_ok=True)
    seal_file().touch()
    assert last_filed() is None


def test_the_journal_is_read_without_its_torn_lines(db: Any) -> None:
    folder = Path(settings.PROOF_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journal-2026-11.jsonl").write_bytes(b'{"position": 2}\n{"posi\n{"position": 3}\n')
    (folder / "journal-2026-10.jsonl").write_bytes(json.dumps({"position": 1}).encode() + b"\n")
    assert [line["position"] for line in journal.read()] == [1, 2, 3]


def test_positions_go_on_where_the_backup_stood(lost: int, anna: str) -> None:
    begun(anna)
    happened(anna)
    prove()
    assert list(Position.objects.order_by("position").values_list("position", flat=True)) == list(range(1, lost + 3))
