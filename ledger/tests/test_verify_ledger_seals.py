"""verify_ledger finds what was done to positions and seals, and what was cut off."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from ledger.checking import Report, seals
from ledger.keys import encoded, key_set, new_jwk, parse
from ledger.models import Entry, Seal
from ledger.proving import prove
from ledger.sequence import seal_file, sealed
from ledger.tests.acts import happened, sql
from ledger.tests.world import World, assert_named, each_of, faults, rechain, take_out, tampering


def cut_off_the_tail(world: World) -> str:
    """Entries, positions, seal, heads and log, all as they stood at the first seal."""
    first = Seal.objects.get(position=4)
    for entry in Entry.objects.filter(id__gt=world.entry(world.ben, 2).id):
        take_out(entry)
    sql("DELETE FROM ledger_seal WHERE position = 9")
    sql("DELETE FROM ledger_emptied")
    sql("UPDATE ledger_head SET seq = 2, commitment = %s WHERE subject = %s", world.entry(world.anna, 2).commitment, world.anna)
    sql("DELETE FROM ledger_head WHERE subject = %s", world.gone)
    sql("UPDATE ledger_log SET position = 4, hash = %s", first.hash)
    return "seal 9"


def cut_off_everything(world: World) -> str:
    for table in ("entry", "position", "seal", "emptied", "head"):
        sql(f"DELETE FROM ledger_{table}")
    sql("UPDATE ledger_log SET position = 0, hash = %s", "0" * 64)
    return "seal 9"


def swap_two_positions(world: World) -> str:
    one, other = world.entry(world.anna, 1).id, world.entry(world.anna, 2).id
    for entry, to in ((one, -1), (other, one), (-1, other)):
        sql("UPDATE ledger_position SET entry = %s WHERE entry = %s", to, entry)
    return "seal 4"


def sign_with_another_key(world: World) -> str:
    seal = Seal.objects.get(position=9)
    other = sealed(seal.epoch, 9, seal.hash, parse(json.dumps({"keys": [new_jwk()]})), timezone.now())
    changes = [other.key, other.signature, other.signed_at]
    sql('UPDATE ledger_seal SET "key" = %s, signature = %s, signed_at = %s WHERE position = 9', *changes)
    return "seal 9"


def sign_a_chain_written_anew_with_our_key(world: World) -> str:
    """Somebody who holds the signing key as well, but not the file."""
    rechain(world.ben, lambda seq: {"what": "granted"})
    running, before = "0" * 64, 0
    for seal in Seal.objects.order_by("position"):
        running, _ = seals._go_on(running, before, seal.position, Report())
        before = seal.position
        new = sealed(seal.epoch, seal.position, running, key_set(), timezone.now())
        sql("UPDATE ledger_seal SET hash = %s, signature = %s, signed_at = %s WHERE position = %s",
            running, new.signature, new.signed_at, seal.position)  # fmt: skip
    sql("UPDATE ledger_log SET hash = %s", running)
    return "seal 4"


def remove_a_line_from_the_file(world: World) -> str:
    seal_file().write_bytes(seal_file().read_bytes().splitlines(keepends=True)[1])
    return "seal 4"


def remove_the_file(world: World) -> str:
    seal_file().unlink()
    return "seal file"


TAMPERINGS: list[Callable[[World], str]] = [
    cut_off_the_tail, cut_off_everything, swap_two_positions, sign_with_another_key, sign_a_chain_written_anew_with_our_key,
    remove_a_line_from_the_file, remove_the_file,
]  # fmt: skip

NONE = "0" * 64
STATEMENTS = {
    "move a position": ("UPDATE ledger_position SET position = 10 WHERE position = 2", "position 2"),
    "point a position at nothing": ("UPDATE ledger_position SET entry = 12345 WHERE position = 3", "position 3"),
    "delete the last position of a seal": ("DELETE FROM ledger_position WHERE position = 9", "position 9"),
    "edit a seal's hash": (f"UPDATE ledger_seal SET hash = '{NONE}' WHERE position = 4", "seal 4"),
    "edit a seal's signature": (f"UPDATE ledger_seal SET signature = '{encoded(bytes(64))}' WHERE position = 9", "seal 9"),
    "write a signature that is none": ("UPDATE ledger_seal SET signature = 'A' WHERE position = 9", "seal 9"),
    "back-date a seal": ("UPDATE ledger_seal SET signed_at = '2020-01-01T00:00:00.000000Z' WHERE position = 9", "seal 9"),
    "edit a seal's epoch": ("UPDATE ledger_seal SET epoch = 2 WHERE position = 9", "seal 9"),
    "remove a seal from the table": ("DELETE FROM ledger_seal WHERE position = 4", "seal 4"),
    "remove the last seal from the table": ("DELETE FROM ledger_seal WHERE position = 9", "seal 9"),
    "move the log": ("UPDATE ledger_log SET position = 4", "position 9"),
    "move the log on": ("UPDATE ledger_log SET position = 12", "position 10"),
    "edit the log's hash": (f"UPDATE ledger_log SET hash = '{NONE}'", "position 9"),
    "delete the log": ("DELETE FROM ledger_log", "position 9"),
}


@each_of(TAMPERINGS)
def test_it_names_where(world: World, tamper: Callable[[World], str]):
    assert_named(world, tamper)


@pytest.mark.parametrize(("statement", "where"), STATEMENTS.values(), ids=STATEMENTS)
def test_it_names_where_one_statement_was_enough(world: World, statement: str, where: str):
    with tampering():
        sql(statement)
    assert where in faults()


# ── The file ────────────────────────────────────────────────────────────────────────────────────────────────────────


def rewrite(*numbers: int, more: bytes = b"") -> None:
    """The file with these of its two lines, in this order, and what somebody else wrote into it."""
    lines = seal_file().read_bytes().splitlines(keepends=True)
    seal_file().write_bytes(b"".join(lines[number - 1] for number in numbers) + more)


@pytest.mark.parametrize("after", [0, 4])
@pytest.mark.parametrize("numbers", [(1, 2, 2), (1, 1, 2), (1, 2, 1), (1, 2, 1, 2)])
def test_a_line_written_twice_is_no_fault(world: World, numbers: tuple[int, ...], after: int):
    rewrite(*numbers)
    assert faults(after=after) == {}


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1), (1,), (2,), ()])
def test_another_line_about_a_seal_is_named_wherever_it_stands(world: World, numbers: tuple[int, ...]):
    other = seal_file().read_bytes().splitlines(keepends=True)[0].replace(b'"epoch":1', b'"epoch":2')
    rewrite(*numbers, more=other)
    assert faults()["seal 4"] in (
        ["the file outside the database says otherwise"],
        ["the file outside the database lacks it", "the file outside the database says otherwise"],
    )


def test_a_line_that_is_no_seal_and_one_that_the_table_never_had_are_named(world: World):
    seal_file().write_bytes(b"hello\n" + seal_file().read_bytes() + b'{"position": 99}\n{"position": 11}\n')
    assert faults() == {
        "seal file": ["line 1 is not a seal"],
        "seal 99": ["the file outside the database has it, the database does not: entries were cut off"],
        "seal 11": ["the file outside the database has it, the database does not: entries were cut off"],
    }


@pytest.mark.parametrize("at_once", [1, 2, 4, 5])
def test_a_deleted_seal_leaves_its_entries_to_the_next(world: World, monkeypatch: pytest.MonkeyPatch, at_once: int):
    monkeypatch.setattr(seals, "AT_ONCE", at_once)
    with tampering():
        sql("DELETE FROM ledger_seal WHERE position = 4")
    assert list(faults()) == ["seal 4"]
    with tampering():
        sql("DELETE FROM ledger_position WHERE position IN (6, 7)")
    assert faults()["position 6"] == ["it is missing"]


def test_an_old_key_still_verifies_its_seals(world: World, settings: Any):
    old = json.loads((settings.KEYS_DIR / "ledger_keys.json").read_text())["keys"]
    settings.LEDGER_KEYS = json.dumps({"keys": [new_jwk(), *old]})
    happened(world.anna)
    prove()
    assert Seal.objects.values("key").distinct().count() == 2
    assert faults() == {}
    settings.LEDGER_KEYS = json.dumps({"keys": [new_jwk()]})
    assert set(faults()) == {"seal 4", "seal 9", "seal 10"}
