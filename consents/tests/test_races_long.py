"""Two thousand races of a yes against a no, by four processes in two pairs: in whichever order they commit, it ends denied.

The processes are forked with no connection open, so that each makes its own; the two of a pair meet at a barrier before each race.
Every second race gives one of the two a head start, so that both orders occur.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import Customer
from brands.models import Brand
from consents import actions
from consents.decide import decide
from consents.saying import Said
from consents.states import Verb
from consents.tests.acting import acts, page, state
from consents.tests.test_races import pairs

RACES = 2000
HEAD_START = 0.002  # seconds; a turn takes about as long
FORK = multiprocessing.get_context("fork")
Race = tuple[Customer, str, str, Said]


def run(races: list[Race], verb: Verb, meet: Barrier, results: Any) -> None:
    """One of a pair: presses its button in each race, and says how often each answer came."""
    answers: Counter[str] = Counter()
    for number, (person, purpose, channel, said) in enumerate(races):
        meet.wait(60)
        if number % 2 == (verb is Verb.ALLOW):
            time.sleep(HEAD_START * (number % 5) / 4)
        answers[actions.say(person, purpose, channel, verb, said).result.value] += 1
    connection.close()
    results.put((verb.value, answers))


@pytest.mark.long
def test_withdrawal_wins_in_two_thousand_races(committed_shop: Brand, record_property: Any) -> None:
    races = [(person, purpose, channel, page(person, purpose, channel)) for person, purpose, channel in pairs(committed_shop, RACES)]
    # Seven uses belong to one person, whose head moves on from race to race: a pair takes whole people.
    half = RACES // 14 * 7
    started = time.monotonic()
    answers = run_pairs([races[:half], races[half:]])
    seconds = time.monotonic() - started
    wrong = [use[1:3] for use in races if decide(*use[:3]).allowed or state(*use[:3]) not in {"refused", "withdrawn"}]
    assert wrong == []
    assert answers["deny"] == {"saved": RACES}
    assert answers["allow"].total() == RACES
    assert set(answers["allow"]) == {"saved", "stale"}, "both orders occurred"
    check_history(races)
    record_property("races", {"seconds": seconds, "yes first": answers["allow"]["saved"], "no first": answers["allow"]["stale"]})


def run_pairs(halves: list[list[Race]]) -> dict[str, Counter[str]]:
    connections.close_all()
    results: Any = FORK.Queue()
    processes = []
    for half in halves:
        meet = FORK.Barrier(2)
        processes += [FORK.Process(target=run, args=(half, verb, meet, results)) for verb in (Verb.ALLOW, Verb.DENY)]
    for process in processes:
        process.start()
    answers: dict[str, Counter[str]] = {"allow": Counter(), "deny": Counter()}
    for _ in processes:
        verb, counted = results.get(timeout=600)
        answers[verb] += counted
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    return answers


def check_history(races: list[Race]) -> None:
    """From the ledger alone: on every use the newest word is the no, and a yes that was saved stands before it."""
    for person in {race[0].pk: race[0] for race in races}.values():
        newest: dict[tuple[str, str], str] = {}
        for act in acts(person):
            newest[act["purpose"], act["channel"]] = act["state"]
        assert set(newest.values()) <= {"refused", "withdrawn"}
