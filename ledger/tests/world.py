"""A ledger to tamper with, and what somebody with the database's own password could do to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from ledger import checking, triggers
from ledger.canonical import canonical, commitment
from ledger.emptying import Reason, empty
from ledger.models import Entry
from ledger.proving import prove
from ledger.subjects import new_subject
from ledger.tests.acts import act, happened, sql
from ledger.turns import turn


@dataclass
class World:
    """Positions 1 to 4 under the first seal, 5 to 9 under the second.

    anna: five entries (positions 1, 2, 5, 6, 9), ben: two (3, 4), gone: erased, an emptied note (7) and its tombstone (8)
    """

    anna: str
    ben: str
    gone: str

    def entry(self, subject: str, seq: int) -> Entry:
        return Entry.objects.get(subject=subject, seq=seq)


def build() -> World:
    world = World(new_subject(), new_subject(), new_subject())
    happened(world.anna, 1, 2)
    happened(world.ben, 1, 2)
    prove()
    happened(world.anna, 3, 4)
    act(world.gone, "note.made", what="it")
    with turn(world.gone, brand="linden", actor="system:erase") as t:
        empty(t, world.gone, [1], Reason.ERASURE)
    happened(world.anna, 5)
    prove()
    return world


def faults(after: int = 0) -> dict[str, list[str]]:
    """What verify_ledger finds: where, and what."""
    found: dict[str, list[str]] = {}
    for fault in checking.verify(after=after):
        found.setdefault(fault.where, []).append(fault.what)
    return found


@contextmanager
def tampering() -> Iterator[None]:
    with triggers.suspended(connection):
        yield


Tampering = Callable[[World], str]  # returns where it must be found


def each_of(tamperings: list[Tampering]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("tamper", tamperings, ids=lambda tamper: tamper.__name__.replace("_", " "))


def assert_named(world: World, tamper: Tampering) -> None:
    with tampering():
        where = tamper(world)
    assert where in faults()


def name(entry: Entry) -> str:
    return f"entry {entry.public_id}"


def set_columns(entry: Entry, **values: Any) -> None:
    sql(f"UPDATE ledger_entry SET {', '.join(f'{column} = %s' for column in values)} WHERE id = %s", *values.values(), entry.id)


def set_payload(entry: Entry, commit: bool, **changes: Any) -> str:
    """The payload edited; with `commit` under a commitment that fits again."""
    payload = canonical(json.loads(entry.payload or "") | changes)
    made = commitment(bytes(entry.salt or b""), payload) if commit else entry.commitment
    set_columns(entry, payload=payload.decode(), commitment=made)
    return made


def rechain(subject: str, edit: Callable[[int], dict[str, Any]]) -> None:
    """A whole chain written anew, every commitment, `previous` and the head made to fit."""
    previous, seq = None, 0
    for entry in Entry.objects.of(subject).order_by("seq"):
        seq = entry.seq
        set_columns(entry, previous=previous)
        previous = set_payload(entry, True, previous=previous, **edit(seq))
    sql("UPDATE ledger_head SET commitment = %s WHERE subject = %s", previous, subject)


def forge(subject: str, **fields: Any) -> Entry:
    """One more entry that fits its chain and its head, made by hand."""
    last = Entry.objects.of(subject).order_by("-seq")[0]
    entry = Entry(**{each.attname: getattr(last, each.attname) for each in Entry._meta.concrete_fields if each.name != "id"})
    entry.public_id = UUID(int=last.public_id.int + 1)
    entry.seq, entry.previous = last.seq + 1, last.commitment
    said = json.loads(last.payload or "{}") | {"id": str(entry.public_id), "seq": entry.seq, "previous": entry.previous}
    payload = canonical(said | fields)
    entry.payload = payload.decode()
    entry.commitment = commitment(bytes(entry.salt or b""), payload)
    for column in ("kind", "actor"):
        setattr(entry, column, fields.get(column, getattr(entry, column)))
    entry.recorded_at = fields.pop("moment", entry.recorded_at)
    entry.save(force_insert=True)
    sql("UPDATE ledger_head SET seq = %s, commitment = %s WHERE subject = %s", entry.seq, entry.commitment, subject)
    return entry


def take_out(entry: Entry) -> None:
    """An entry with its position, as if it had never been."""
    sql("DELETE FROM ledger_position WHERE entry = %s", entry.id)
    sql("DELETE FROM ledger_entry WHERE id = %s", entry.id)
