"""verify_ledger: what is empty was emptied under a tombstone of its own subject, and was allowed to go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from ledger import kinds
from ledger.checking import register_erased
from ledger.emptying import Reason, covered, empty
from ledger.models import Emptied, Entry
from ledger.proving import prove
from ledger.tests.acts import act, happened, sql
from ledger.tests.world import World, assert_named, each_of, faults, name, rechain, set_payload, tampering
from ledger.turns import turn

EMPTY = "UPDATE ledger_entry SET payload = NULL, salt = NULL WHERE id = %s"


def bury(subject: str, seqs: list[int], reason: Reason, at: datetime | None = None) -> Entry:
    with turn(subject, brand="linden", actor="system:test") as t:
        tombstone = empty(t, subject, seqs, reason)
    assert tombstone is not None
    prove()
    return tombstone


def fake_an_erasure(world: World) -> str:
    entry = world.entry(world.anna, 1)
    sql(EMPTY, entry.id)
    return name(entry)


def fake_an_erasure_with_its_row(world: World) -> str:
    entry = world.entry(world.anna, 1)
    sql("INSERT INTO ledger_emptied (entry, tombstone) VALUES (%s, 12345)", entry.id)
    sql(EMPTY, entry.id)
    return f"entry number {entry.id}"


def hang_it_under_an_entry_that_is_no_tombstone(world: World) -> str:
    entry = world.entry(world.anna, 1)
    sql("INSERT INTO ledger_emptied (entry, tombstone) VALUES (%s, %s)", entry.id, world.entry(world.anna, 2).id)
    sql(EMPTY, entry.id)
    return f"entry number {entry.id}"


def hang_it_under_a_tombstone_that_is_there(world: World) -> str:
    tombstone = world.entry(world.gone, 2)
    entry = world.entry(world.anna, 1)
    sql("INSERT INTO ledger_emptied (entry, tombstone) VALUES (%s, %s)", entry.id, tombstone.id)
    sql(EMPTY, entry.id)
    return name(tombstone)


def hang_an_entry_that_is_full_under_it(world: World) -> str:
    tombstone = world.entry(world.gone, 2)
    sql("INSERT INTO ledger_emptied (entry, tombstone) VALUES (%s, %s)", world.entry(world.anna, 1).id, tombstone.id)
    return name(tombstone)


def hang_an_entry_that_is_not_there_under_it(world: World) -> str:
    tombstone = world.entry(world.gone, 2)
    sql("INSERT INTO ledger_emptied (entry, tombstone) VALUES (12345, %s)", tombstone.id)
    return name(tombstone)


def remove_its_row(world: World) -> str:
    sql("DELETE FROM ledger_emptied")
    return name(world.entry(world.gone, 1))


def fill_it_again(world: World) -> str:
    other = world.entry(world.anna, 1)
    sql(
        "UPDATE ledger_entry SET payload = %s, salt = %s WHERE id = %s",
        other.payload,
        bytes(other.salt or b""),
        world.entry(world.gone, 1).id,
    )
    return name(world.entry(world.gone, 2))


def empty_the_tombstone(world: World) -> str:
    tombstone = world.entry(world.gone, 2)
    sql("INSERT INTO ledger_emptied (entry, tombstone) VALUES (%s, %s)", tombstone.id, tombstone.id)
    sql(EMPTY, tombstone.id)
    return name(tombstone)


def say_other(world: World, **changes: Any) -> str:
    """The tombstone says something else, in a chain that fits."""
    set_payload(world.entry(world.gone, 2), True, **changes)
    tombstone = world.entry(world.gone, 2)
    sql("UPDATE ledger_head SET commitment = %s WHERE subject = %s", tombstone.commitment, world.gone)
    return name(tombstone)


OTHER: list[dict[str, Any]] = [
    {"ranges": [[1, 2]]}, {"ranges": []}, {"ranges": [[2, 2]]}, {"ranges": [[1, 1], [1, 1]]}, {"ranges": [[1, 1], [1, 1]], "count": 2},
    {"ranges": [[1, 0], [1, 1]]}, {"count": 2}, {"sha256": "0" * 64}, {"ranges": [[1, 2**52]], "count": 2**52}, {"ranges": 5},
    {"ranges": [[1]]}, {"ranges": None}, {"count": None}, {"reason": "whim"}, {"reason": "period"},
]  # fmt: skip

TAMPERINGS: list[Callable[[World], str]] = [
    fake_an_erasure, fake_an_erasure_with_its_row, hang_it_under_an_entry_that_is_no_tombstone, hang_it_under_a_tombstone_that_is_there,
    hang_an_entry_that_is_full_under_it, hang_an_entry_that_is_not_there_under_it, remove_its_row, fill_it_again, empty_the_tombstone,
]  # fmt: skip


@each_of(TAMPERINGS)
def test_it_names_where(world: World, tamper: Callable[[World], str]):
    assert_named(world, tamper)


@pytest.mark.parametrize("changes", OTHER, ids=str)
def test_it_names_a_tombstone_that_says_other_than_what_was_emptied(world: World, changes: dict[str, Any]):
    with tampering():
        where = say_other(world, **changes)
    assert where in faults()


def test_an_overlap_of_two_tombstones_is_named(world: World):
    """The second claims what the first one covers."""
    with turn(world.gone, brand="linden", actor="system:test") as t:
        sha256 = covered([world.entry(world.gone, 1).commitment])
        second = t.append(world.gone, "tombstone", {"reason": "erasure", "ranges": [[1, 1]], "count": 1, "sha256": sha256})
    prove()
    assert list(faults()) == [name(second)]


# ── Whether it was allowed to go ────────────────────────────────────────────────────────────────────────────────────


def test_an_erasure_while_the_person_is_here_is_named(world: World):
    register_erased(lambda subjects: subjects - {world.anna})
    assert faults() == {}
    tombstone = bury(world.anna, [1, 2], Reason.ERASURE)
    assert faults() == {name(tombstone): ["the tombstone says erasure, but the person is still here"]}
    register_erased(lambda subjects: subjects)  # the last one asked counts
    assert faults() == {}


@pytest.mark.parametrize("kind", ["thing.happened", "note.made"])
def test_a_period_that_has_passed_is_no_fault(db: None, anna: str, kind: str):
    with time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC)):
        act(anna, kind, what="old")
    bury(anna, [1], Reason.PERIOD)
    assert faults() == {}


def test_a_period_that_has_not_passed_is_named(db: None, anna: str):
    happened(anna)
    tombstone = bury(anna, [1], Reason.PERIOD)
    assert list(faults()) == [name(tombstone)]


def test_a_tombstone_dated_ahead_does_not_make_the_period_pass(db: None, anna: str):
    happened(anna)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3000)):
        tombstone = bury(anna, [1], Reason.PERIOD)
    assert list(faults()) == [name(tombstone)]


@pytest.mark.parametrize("reason", list(Reason))
def test_what_is_public_stays_for_ever(db: None, anna: str, reason: Reason):
    """A brand's own subject belongs to no customer, which is no reason to empty what it published."""
    register_erased(lambda subjects: subjects)
    with time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC)):
        entry = act(anna, "thing.published", what="the policy")
    with turn(anna, brand="linden", actor="system:test") as t:  # by hand: empty() would refuse
        said = {"reason": reason.value, "ranges": [[1, 1]], "count": 1, "sha256": covered([entry.commitment])}
        tombstone = t.append(anna, "tombstone", said)
        Emptied(entry=entry.id, tombstone=tombstone.id).save(force_insert=True)
        sql(EMPTY, entry.id)
    prove()
    assert list(faults()) == [name(tombstone)]


def test_a_kind_that_nobody_registers_any_more_has_the_period_of_proof(db: None, anna: str, monkeypatch: pytest.MonkeyPatch):
    with time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC)):
        happened(anna)
    happened(anna)
    bury(anna, [1], Reason.PERIOD)
    monkeypatch.delitem(kinds._kinds, "thing.happened")
    assert faults() == {}
    tombstone = bury(anna, [2], Reason.PERIOD)
    assert list(faults()) == [name(tombstone)]


def test_a_chain_written_anew_around_a_tombstone_is_found(world: World):
    with tampering():
        rechain(world.ben, lambda seq: {})  # nothing changed: the same bytes
    assert faults() == {}
