"""verify_ledger finds what was taken out of chains, put into them, or moved."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Max

from ledger.models import Entry, Head, Position
from ledger.tests.acts import sql
from ledger.tests.world import World, assert_named, each_of, forge, name, rechain, set_columns, take_out


def delete_one(world: World) -> str:
    sql("DELETE FROM ledger_entry WHERE id = %s", world.entry(world.anna, 2).id)
    return name(world.entry(world.anna, 3))


def delete_one_and_its_position(world: World) -> str:
    take_out(world.entry(world.anna, 2))
    return "position 2"


def delete_the_last_and_its_position_and_move_the_head(world: World) -> str:
    entry = world.entry(world.ben, 2)
    take_out(entry)
    sql("UPDATE ledger_head SET seq = 1, commitment = %s WHERE subject = %s", entry.previous, world.ben)
    return "position 4"


def delete_a_subject_and_keep_the_head(world: World) -> str:
    for entry in Entry.objects.of(world.ben):
        take_out(entry)
    return f"subject {world.ben}"


def delete_a_subject_with_all_that_names_it(world: World) -> str:
    for entry in Entry.objects.of(world.ben):
        take_out(entry)
    sql("DELETE FROM ledger_head WHERE subject = %s", world.ben)
    return "position 3"


def rechain_a_subject(world: World) -> str:
    rechain(world.anna, lambda seq: {"what": "granted"} if seq == 1 else {})
    return "seal 4"


def move_the_head_back(world: World) -> str:
    sql("UPDATE ledger_head SET seq = 1, commitment = %s WHERE subject = %s", world.entry(world.ben, 1).commitment, world.ben)
    return f"subject {world.ben}"


def move_the_head_on(world: World) -> str:
    sql("UPDATE ledger_head SET seq = 3 WHERE subject = %s", world.ben)
    return f"subject {world.ben}"


def edit_the_head(world: World) -> str:
    sql("UPDATE ledger_head SET commitment = %s WHERE subject = %s", "0" * 64, world.ben)
    return f"subject {world.ben}"


def delete_the_head(world: World) -> str:
    sql("DELETE FROM ledger_head WHERE subject = %s", world.ben)
    return f"subject {world.ben}"


def insert_an_entry_without_a_position(world: World) -> str:
    return name(forge(world.ben, what="granted"))


def insert_an_entry_at_a_position_that_no_seal_covers(world: World) -> str:
    Position(position=(Position.objects.aggregate(last=Max("position"))["last"]) + 1, entry=forge(world.ben).id).save(force_insert=True)
    return "position 10"


def insert_an_entry_before_the_first_position(world: World) -> str:
    Position(position=-1, entry=forge(world.ben, what="granted").id).save(force_insert=True)
    return "position -1"


def insert_an_entry_into_a_chain(world: World) -> str:
    Head.objects.filter(subject=world.ben).update(seq=1)
    last = world.entry(world.ben, 2)
    set_columns(last, seq=3)
    return name(world.entry(world.ben, 3))


TAMPERINGS: list[Callable[[World], str]] = [
    delete_one, delete_one_and_its_position, delete_the_last_and_its_position_and_move_the_head, delete_a_subject_and_keep_the_head,
    delete_a_subject_with_all_that_names_it, rechain_a_subject, move_the_head_back, move_the_head_on, edit_the_head, delete_the_head,
    insert_an_entry_without_a_position, insert_an_entry_at_a_position_that_no_seal_covers, insert_an_entry_before_the_first_position,
    insert_an_entry_into_a_chain,
]  # fmt: skip


@each_of(TAMPERINGS)
def test_it_names_where(world: World, tamper: Callable[[World], str]):
    assert_named(world, tamper)
