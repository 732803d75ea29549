"""The file of seals: outside the database, so that what is cut off inside shows."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from ledger import sequence as sequencing
from ledger.checking import verify
from ledger.models import Seal
from ledger.proving import prove
from ledger.sequence import seal_file, sequence, write_seal_file
from ledger.tests.acts import happened


@pytest.fixture
def file(anna: str) -> Path:
    """Three seals, all written."""
    for _ in range(3):
        happened(anna)
        prove()
    return seal_file()


def test_its_lines_are_the_table(file: Path, settings: Any):
    assert file == Path(settings.PROOF_DIR) / "seals.jsonl"
    lines = file.read_text().splitlines()
    fields = ("epoch", "position", "hash", "signed_at", "key", "signature")
    assert [json.loads(line) for line in lines] == list(Seal.objects.order_by("position").values(*fields))
    assert file.read_bytes().endswith(b"\n")


def test_its_folder_is_for_its_owner_alone(file: Path):
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_seal_is_not_in_the_file_before_its_commit(anna: str):
    happened(anna)
    sequence()
    assert not seal_file().exists() or seal_file().read_bytes() == b""
    assert write_seal_file() == 1
    assert write_seal_file() == 0


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_the_lines_that_it_lacks_are_added(file: Path, kept: int):
    whole = file.read_bytes()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:kept]))
    assert write_seal_file() == 3 - kept
    assert file.read_bytes() == whole


@pytest.mark.parametrize("cut", [1, 2, 100, 350])
def test_a_torn_last_line_is_mended(file: Path, cut: int):
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert "seal 3: the file outside the database lacks it" in [str(fault) for fault in verify()]  # a torn line is no seal
    assert write_seal_file() >= 1
    assert file.read_bytes() == whole
    assert list(verify()) == []


def test_a_file_of_one_torn_line_is_mended(file: Path):
    whole = file.read_bytes()
    file.write_bytes(whole[:7])
    write_seal_file()
    assert file.read_bytes() == whole


def test_a_long_file_is_read_from_its_end(anna: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sequencing, "BATCH", 1)
    happened(anna, *range(20))
    prove()
    whole = seal_file().read_bytes()
    assert len(whole) > 4096
    assert write_seal_file() == 0
    seal_file().write_bytes(whole[:-10])
    assert write_seal_file() == 1
    assert seal_file().read_bytes() == whole


def test_a_line_of_the_newest_seal_may_still_be_on_its_way(file: Path):
    """The line is written after the commit: who verifies while others act must not raise an alarm between the two."""
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    assert list(verify()) == []
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert faults() == ["seal 3"]
    file.write_bytes(b"".join([lines[0], lines[2]]))  # one before a line that is there is not on its way
    assert faults() == ["seal 2"]


def test_a_last_line_that_is_no_seal_does_not_have_the_others_written_again(file: Path, anna: str):
    with file.open("ab") as more:
        more.write(b"garbage\n")
    happened(anna)
    prove()
    lines = file.read_bytes().splitlines()
    assert len(lines) == 5
    assert json.loads(lines[-1])["position"] == 4
    assert [str(fault) for fault in verify()] == ["seal file: line 4 is not a seal"]


def test_a_missing_file_is_a_fault(file: Path):
    file.unlink()
    assert "seal file: it is missing" in [str(fault) for fault in verify()]


def test_a_missing_file_does_not_come_back_by_itself(file: Path, anna: str):
    """Else the next run, a second later, would write it from a table whose tail was cut, and nobody would know."""
    file.unlink()
    happened(anna)
    assert prove() == 1  # positions and followers go on
    assert not file.exists()
    assert "seal file: it is missing" in [str(fault) for fault in verify()]
    file.touch()  # by somebody who has looked
    prove()
    assert list(verify()) == []


def test_no_file_and_no_seal_is_no_fault(anna: str):
    assert write_seal_file() == 0
    assert list(verify()) == []


# ── What is in the file and does not fit ────────────────────────────────────────────────────────────────────────────


def edited(file: Path, number: int, **changes: Any) -> str:
    lines = file.read_text().splitlines()
    line = json.loads(lines[number]) | changes
    return json.dumps({name: value for name, value in line.items() if value is not None}, sort_keys=True, separators=(",", ":"))


def faults() -> list[str]:
    return [fault.where for fault in verify()]


@pytest.mark.parametrize(
    "changes",
    [{"hash": "0" * 64}, {"epoch": 2}, {"signature": "A" * 86}, {"signed_at": "2020-01-01T00:00:00.000000Z"}, {"key": "x"},
     {"hash": None}, {"epoch": None, "hash": None, "signed_at": None, "key": None, "signature": None}, {"more": 1}],
)  # fmt: skip
def test_a_line_that_says_otherwise_is_named(file: Path, changes: dict[str, Any]):
    lines = file.read_text().splitlines()
    lines[1] = edited(file, 1, **changes)
    file.write_text("\n".join(lines) + "\n")
    assert faults() == ["seal 2"]


def test_a_line_of_a_seal_that_the_table_lacks_is_named(file: Path):
    with file.open("a") as more:
        more.write(edited(file, 2, position=9) + "\n")
    assert faults() == ["seal 9"]


def test_a_second_line_about_a_seal_does_not_hide_the_first(file: Path):
    """On a medium that only appends, this is all that somebody could do."""
    first, *others = file.read_text().splitlines()
    for lines in ([edited(file, 0, hash="0" * 64), *others, first], [first, *others, edited(file, 0, hash="0" * 64)]):
        file.write_text("\n".join(lines) + "\n")
        assert faults() == ["seal 1"]


@pytest.mark.parametrize("garbage", ["garbage", "{}", "[]", "7", '{"position": "3"}', "{", "\x00" * 50, "\udcff"])
def test_a_line_that_is_no_seal_is_named(file: Path, garbage: str):
    first, *others = file.read_bytes().splitlines()
    file.write_bytes(b"\n".join([first, garbage.encode("utf-8", "surrogateescape"), *others]) + b"\n")
    assert [str(fault) for fault in verify()] == ["seal file: line 2 is not a seal"]
