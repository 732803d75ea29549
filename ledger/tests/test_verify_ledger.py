"""verify_ledger finds what was done to entries, and names where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from ledger.canonical import commitment
from ledger.checking import Fault, Report, register_projection, rows, seals, tombstones, verify
from ledger.models import Entry, EntryParty
from ledger.sequence import seal_file
from ledger.tests.acts import happened, sql
from ledger.tests.world import World, assert_named, each_of, faults, name, set_columns, set_payload


def test_an_untouched_ledger_has_no_fault(world: World):
    report = Report()
    assert list(verify(report)) == []
    assert (report.entries, report.subjects, report.seals, report.emptied) == (9, 3, 2, 1)


def test_nor_has_an_empty_one(db: None):
    assert faults() == {}


def test_nor_has_one_that_is_read_in_many_steps(world: World, monkeypatch: pytest.MonkeyPatch):
    for module in (rows, seals, tombstones):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    report = Report()
    assert list(verify(report)) == []
    assert report.entries == 9


def test_nor_has_one_with_entries_that_still_wait(world: World):
    happened(world.anna)
    assert faults() == {}


# ── Each tampering, and where it is found ───────────────────────────────────────────────────────────────────────────


def edit_a_payload(world: World) -> str:
    entry = world.entry(world.anna, 2)
    set_payload(entry, False, what="granted")
    return name(entry)


def edit_a_payload_and_its_commitment(world: World) -> str:
    entry = world.entry(world.anna, 2)
    set_payload(entry, True, what="granted")
    return name(world.entry(world.anna, 3))  # which follows what is no more


def edit_the_last_payload_its_commitment_and_the_head(world: World) -> str:
    made = set_payload(world.entry(world.ben, 2), True, what="granted")
    sql("UPDATE ledger_head SET commitment = %s WHERE subject = %s", made, world.ben)
    return "seal 4"


def edit_a_salt(world: World) -> str:
    entry = world.entry(world.anna, 3)
    set_columns(entry, salt=b"\x01" * 32)
    return name(entry)


def edit_a_commitment(world: World) -> str:
    entry = world.entry(world.anna, 3)
    set_columns(entry, commitment="0" * 64)
    return name(entry)


def back_date_the_column(world: World) -> str:
    entry = world.entry(world.anna, 1)
    set_columns(entry, recorded_at="2020-01-01 00:00:00+00" if connection.vendor == "postgresql" else "2020-01-01 00:00:00")
    return name(entry)


def back_date_the_payload_and_its_commitment(world: World) -> str:
    entry = world.entry(world.anna, 1)
    set_payload(entry, True, recorded_at="2020-01-01T00:00:00.000000Z")
    return name(entry)


def back_date_both(world: World) -> str:
    set_payload(world.entry(world.anna, 4), True, recorded_at="2020-01-01T00:00:00.000000Z")
    back = world.entry(world.anna, 4)
    Entry._base_manager.filter(pk=back.pk).update(recorded_at="2020-01-01T00:00:00Z")
    return name(back)


def re_kind_the_column(world: World) -> str:
    entry = world.entry(world.ben, 2)
    set_columns(entry, kind="note.made")
    return name(entry)


def change_the_actor(world: World) -> str:
    entry = world.entry(world.ben, 1)
    set_columns(entry, actor="staff:" + "0" * 32)
    return name(entry)


def change_the_brand(world: World) -> str:
    entry = world.entry(world.ben, 1)
    set_columns(entry, brand="kingfisher")
    return name(entry)


def change_the_public_id(world: World) -> str:
    entry = world.entry(world.ben, 1)
    Entry._base_manager.filter(pk=entry.pk).update(public_id="0" * 32)
    return name(world.entry(world.ben, 1))


def swap_two_payloads(world: World) -> str:
    first, second = world.entry(world.anna, 1), world.entry(world.anna, 2)
    for one, other in ((first, second), (second, first)):
        set_columns(one, payload=other.payload, salt=bytes(other.salt or b""))
    return name(first)


def swap_two_payloads_and_their_commitments(world: World) -> str:
    first, second = world.entry(world.anna, 1), world.entry(world.anna, 2)
    for one, other in ((first, second), (second, first)):
        set_columns(one, payload=other.payload, salt=bytes(other.salt or b""), commitment=other.commitment)
    return name(first)


def renumber(world: World) -> str:
    entry = world.entry(world.ben, 2)
    set_columns(entry, seq=3)
    return name(world.entry(world.ben, 3))


def give_an_entry_to_somebody_else(world: World) -> str:
    entry = world.entry(world.ben, 2)
    set_columns(entry, subject=world.anna, seq=6)
    return name(entry)


def write_a_payload_that_is_none(world: World) -> str:
    entry = world.entry(world.ben, 2)
    salt = bytes(entry.salt or b"")
    set_columns(entry, payload="[]", commitment=commitment(salt, b"[]"))
    return name(entry)


def write_a_payload_that_is_no_json(world: World) -> str:
    entry = world.entry(world.ben, 2)
    salt = bytes(entry.salt or b"")
    set_columns(entry, payload="{", commitment=commitment(salt, b"{"))
    return name(entry)


def write_a_payload_that_lacks_members(world: World) -> str:
    entry = world.entry(world.ben, 2)
    salt = bytes(entry.salt or b"")
    set_columns(entry, payload="{}", commitment=commitment(salt, b"{}"))
    return name(entry)


TAMPERINGS: list[Callable[[World], str]] = [
    edit_a_payload, edit_a_payload_and_its_commitment, edit_the_last_payload_its_commitment_and_the_head, edit_a_salt, edit_a_commitment,
    back_date_the_column, back_date_the_payload_and_its_commitment, back_date_both, re_kind_the_column, change_the_actor,
    change_the_brand, change_the_public_id, swap_two_payloads, swap_two_payloads_and_their_commitments, renumber,
    give_an_entry_to_somebody_else, write_a_payload_that_is_none, write_a_payload_that_is_no_json, write_a_payload_that_lacks_members,
]  # fmt: skip


@each_of(TAMPERINGS)
def test_it_names_where(world: World, tamper: Callable[[World], str]):
    assert seal_file().exists()
    assert_named(world, tamper)


# ── Projections ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edited_projection_is_named(world: World):
    """As an app registers one: each of its rows against the entry that it names."""
    entry = world.entry(world.ben, 1)
    row = EntryParty.objects.create(entry=entry.id, subject=world.ben, role="shown 1")

    def shown() -> Any:
        for each in EntryParty.objects.order_by("pk"):
            said = Entry.objects.get(pk=each.entry)
            if each.role != f"shown {said.act['what']}":
                yield Fault(name(said), "what is shown of it says otherwise")

    register_projection("shown", shown)
    assert faults() == {}
    EntryParty.objects.filter(pk=row.pk).update(role="shown 2")
    assert faults() == {name(entry): ["what is shown of it says otherwise"]}
