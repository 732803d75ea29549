"""verify_ledger finds what was done to positions and seals, and what was cut off."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from ledger.checking import seals
from ledger.keys import encoded, key_set, new_jwk, parse
from ledger.models import Entry, Seal
from ledger.proving import prove
from ledger.sequence import seal_file, sealed
from ledger.tests.acts import happened, sql
from ledger.tests.world import World, faults, rechain, take_out, tampering


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


def move_a_position(world: World) -> str:
    sql("UPDATE ledger_position SET position = 10 WHERE position = 2")
    return "position 2"


def swap_two_positions(world: World) -> str:
    one, other = world.entry(world.anna, 1).id, world.entry(world.anna, 2).id
    for entry, to in ((one, -1), (other, one), (-1, other)):
        sql("UPDATE ledger_position SET entry = %s WHERE entry = %s", to, entry)
    return "seal 4"


def point_a_position_at_nothing(world: World) -> str:
    sql("UPDATE ledger_position SET entry = 12345 WHERE position = 3")
    return "position 3"


def delete_the_last_position_of_a_seal(world: World) -> str:
    sql("DELETE FROM ledger_position WHERE position = 9")
    return "position 9"


def edit_a_seals_hash(world: World) -> str:
    sql("UPDATE ledger_seal SET hash = %s WHERE position = 4", "0" * 64)
    return "seal 4"


def edit_a_seals_signature(world: World) -> str:
    sql("UPDATE ledger_seal SET signature = %s WHERE position = 9", encoded(b"\x00" * 64))
    return "seal 9"


def write_a_signature_that_is_none(world: World) -> str:
    sql("UPDATE ledger_seal SET signature = 'A' WHERE position = 9")
    return "seal 9"


def back_date_a_seal(world: World) -> str:
    sql("UPDATE ledger_seal SET signed_at = '2020-01-01T00:00:00.000000Z' WHERE position = 9")
    return "seal 9"


def edit_a_seals_epoch(world: World) -> str:
    sql("UPDATE ledger_seal SET epoch = 2 WHERE position = 9")
    return "seal 9"


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
        running, _ = seals._go_on(running, before, seal.position)
        before = seal.position
        new = sealed(seal.epoch, seal.position, running, key_set(), timezone.now())
        sql("UPDATE ledger_seal SET hash = %s, signature = %s, signed_at = %s WHERE position = %s",
            running, new.signature, new.signed_at, seal.position)  # fmt: skip
    sql("UPDATE ledger_log SET hash = %s", running)
    return "seal 4"


def remove_a_seal_from_the_table(world: World) -> str:
    sql("DELETE FROM ledger_seal WHERE position = 4")
    return "seal 4"


def remove_the_last_seal_from_the_table(world: World) -> str:
    sql("DELETE FROM ledger_seal WHERE position = 9")
    return "seal 9"


def remove_a_line_from_the_file(world: World) -> str:
    seal_file().write_bytes(seal_file().read_bytes().splitlines(keepends=True)[1])
    return "seal 4"


def remove_the_file(world: World) -> str:
    seal_file().unlink()
    return "seal file"


def move_the_log(world: World) -> str:
    sql("UPDATE ledger_log SET position = 4")
    return "position 9"


def move_the_log_on(world: World) -> str:
    sql("UPDATE ledger_log SET position = 12")
    return "position 10"


def edit_the_logs_hash(world: World) -> str:
    sql("UPDATE ledger_log SET hash = %s", "0" * 64)
    return "position 9"


def delete_the_log(world: World) -> str:
    sql("DELETE FROM ledger_log")
    return "position 9"


TAMPERINGS: list[Callable[[World], str]] = [
    cut_off_the_tail, cut_off_everything, move_a_position, swap_two_positions, point_a_position_at_nothing,
    delete_the_last_position_of_a_seal, edit_a_seals_hash, edit_a_seals_signature, write_a_signature_that_is_none, back_date_a_seal,
    edit_a_seals_epoch, sign_with_another_key, sign_a_chain_written_anew_with_our_key, remove_a_seal_from_the_table,
    remove_the_last_seal_from_the_table, remove_a_line_from_the_file, remove_the_file, move_the_log, move_the_log_on, edit_the_logs_hash,
    delete_the_log,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__.replace("_", " "))
def test_it_names_where(world: World, tamper: Callable[[World], str]):
    with tampering():
        where = tamper(world)
    assert where in faults()


def test_an_old_key_still_verifies_its_seals(world: World, settings: Any):
    old = json.loads((settings.KEYS_DIR / "ledger_keys.json").read_text())["keys"]
    settings.LEDGER_KEYS = json.dumps({"keys": [new_jwk(), *old]})
    happened(world.anna)
    prove()
    assert Seal.objects.values("key").distinct().count() == 2
    assert faults() == {}
    settings.LEDGER_KEYS = json.dumps({"keys": [new_jwk()]})
    assert set(faults()) == {"seal 4", "seal 9", "seal 10"}
