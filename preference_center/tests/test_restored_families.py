"""A guardianship that had ended after the backup does not come back with it."""

from __future__ import annotations

import json

import pytest

from accounts import gates
from accounts.models import Customer, Guardianship
from guardians.tests.families import STAFF, a_child
from ledger.journal import read
from ledger.proving import prove
from preference_center.backups.replaying import replay


@pytest.fixture
def lines(marta: Customer) -> list[dict[str, object]]:
    """Of the journal, after Marta's guardianship has ended; and the database as it was before."""
    from accounts.actions import end_guardianship

    child = a_child(marta)
    tie = Guardianship.objects.get(child=child)
    prove()
    assert end_guardianship(tie, why="lost", by=STAFF)
    prove()
    found = [line for line in read() if line["kind"] == "guardianship.ended"]
    Guardianship.objects.filter(pk=tie.pk).update(ended_at=None, ended_seq=None)
    return [{**line, "commitment": "0" * 64} for line in found]  # the backup has no such entry


def test_it_ends_again_and_once(marta: Customer, lines: list[dict[str, object]]) -> None:
    assert len(lines) == 2, json.dumps(lines)
    assert gates.wards_of(marta)
    done = replay(lines)
    assert (done.guardianships, done.stood, done.by_hand) == (1, 1, [])
    assert gates.wards_of(marta) == []
    assert replay(lines).guardianships == 0
