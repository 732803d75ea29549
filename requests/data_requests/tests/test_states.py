"""The table of transitions, walked whole: no way from unproven to worked on or released, whoever tries, in whatever order."""

from __future__ import annotations

from collections import deque
from itertools import product

import pytest

from data_requests.states import (
    CLOSED,
    NEED_PROOF,
    OPEN,
    RELEASED,
    TRANSITIONS,
    UNVERIFIED,
    WORKING,
    Event,
    NotPossible,
    Role,
    State,
    moved,
)

Way = tuple[tuple[Event, Role], ...]


def ways(without: frozenset[Event] = frozenset()) -> dict[State, Way]:
    """Every state that can be reached from `received`, with a shortest way there; `without` some events."""
    found: dict[State, Way] = {State.RECEIVED: ()}
    todo = deque([State.RECEIVED])
    while todo:
        state = todo.popleft()
        for event, role in product(Event, Role):
            if event in without:
                continue
            try:
                after = moved(state, event, role)
            except NotPossible:
                continue
            if after not in found:
                found[after] = (*found[state], (event, role))
                todo.append(after)
    return found


def test_every_state_is_reached() -> None:
    assert set(ways()) == set(State)


def test_without_proof_nothing_is_worked_on_or_released() -> None:
    assert not set(ways(frozenset({Event.VERIFY}))) & NEED_PROOF


def test_only_the_system_proves() -> None:
    for state, role in product(State, set(Role) - {Role.SYSTEM}):
        with pytest.raises(NotPossible):
            moved(state, Event.VERIFY, role)


def test_what_is_closed_stays_closed() -> None:
    for state, event, role in product(CLOSED, Event, Role):
        with pytest.raises(NotPossible):
            moved(state, event, role)


def test_a_person_can_withdraw_and_a_link_can_stop_whatever_is_open() -> None:
    for state in OPEN:
        assert moved(state, Event.WITHDRAW, Role.PERSON) == State.WITHDRAWN
        assert moved(state, Event.NOT_ME, Role.LINK) == State.WITHDRAWN
        assert moved(state, Event.KEEP, Role.LINK) == State.WITHDRAWN


def test_a_link_does_nothing_else_and_a_person_neither() -> None:
    for state, event in product(State, set(Event) - {Event.NOT_ME, Event.KEEP}):
        with pytest.raises(NotPossible):
            moved(state, event, Role.LINK)
    for state, event in product(State, set(Event) - {Event.WITHDRAW}):
        with pytest.raises(NotPossible):
            moved(state, event, Role.PERSON)


def test_it_is_extended_once() -> None:
    into = [state for (state, event) in TRANSITIONS if event == Event.EXTEND]
    assert into == [State.IN_PROGRESS]


def test_the_groups_of_states_cover_all_and_overlap_where_they_say() -> None:
    assert OPEN | CLOSED == set(State)
    assert not OPEN & CLOSED
    assert not UNVERIFIED & NEED_PROOF
    assert WORKING <= NEED_PROOF
    assert RELEASED <= NEED_PROOF
