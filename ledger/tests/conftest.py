from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from ledger import followers, kinds
from ledger.checking import projections, tombstones
from ledger.kinds import Period, Words
from ledger.subjects import new_subject
from ledger.tests.reading import NOW, InOrder, Table
from ledger.tests.world import World, build

DECIDED = ("purpose", "channel", "party", "state")
KINDS = {
    "thing.happened": (("what",), Period.PROOF),
    "thing.published": (("what",), Period.PUBLIC),
    "note.made": (("what",), Period.WITH_PERSON),
    "choice.decided": (DECIDED, Period.PROOF),
    "scope.changed": (("scope", "state"), Period.PROOF),
    "restriction.changed": (("state",), Period.PROOF),
    "guardianship.ended": (("guardian",), Period.PROOF),
}


@pytest.fixture(autouse=True)
def only_our_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger stands below every app: its tests bring kinds, followers, projections and people of their own."""
    own = {name: each for name, each in kinds._kinds.items() if name in {"tombstone", "epoch.started"}}
    monkeypatch.setattr(kinds, "_kinds", own)
    monkeypatch.setattr(followers, "_followers", {})
    monkeypatch.setattr(projections, "_projections", {})
    monkeypatch.setattr(projections, "_readers", {})
    monkeypatch.setattr(tombstones, "_erased", [])
    for name, (fields, period) in KINDS.items():
        kinds.register(name, fields=fields, period=period, words=lambda act: Words("It happened"))


@pytest.fixture
def anna(db: Any) -> str:
    return new_subject()


@pytest.fixture
def ben(db: Any) -> str:
    return new_subject()


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def in_order() -> InOrder:
    return InOrder()


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(db: Any) -> World:
    return build()
