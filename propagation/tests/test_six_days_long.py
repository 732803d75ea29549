"""A partner that is gone for six days, among others who are not: nothing is lost, each person's order is kept, nobody else is slower."""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from datetime import timedelta
from statistics import quantiles
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions import join
from accounts.models import Customer
from brands.models import Brand
from consents.tests.acting import allow, deny
from ledger.proving import prove
from propagation import actions
from propagation.models import Delivery, Endpoint
from propagation.states import State
from propagation.tests import receiving
from propagation.tests.conftest import BY, opened, partner_of
from propagation.webhooks import guard, sending

pytestmark = pytest.mark.long
PEOPLE, DAYS, A_DAY = 40, 6, 4
FAULTS = random.Random(7)


def play(people: list[Customer], chance: random.Random) -> None:
    for person in chance.sample(people, len(people) // 2):
        (allow if chance.random() < 0.5 else deny)(person, "ads")
    prove()


def gone(handler: Any, got: receiving.Got) -> None:
    """Each time something else: an error, a closed line, no answer at all."""
    fault = FAULTS.randrange(3)
    if fault == 0:
        receiving.say(handler, 503)
    elif fault == 1:
        handler.connection.close()
    else:
        time.sleep(0.4)


def six_days(server: receiving.Partner, others: receiving.Partner, people: list[Customer], *, away: bool) -> list[float]:
    """Seconds from the beginning of a round to each arrival at the others."""
    server.answer = gone if away else 204
    chance, took, start = random.Random(1), list[float](), timezone.now()
    for step in range(DAYS * A_DAY):
        play(people, chance)
        before, begun = len(others.got), time.monotonic()
        sending.deliver_all(start + timedelta(hours=24 / A_DAY * step))
        took += [got.at - begun for got in others.got[before:]]
    return took


def test_six_days_and_back(linden: Brand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(guard, "READ", 0.2)
    people = [join(brand=linden, address=f"p{number}@example.com", language="en") for number in range(PEOPLE)]
    with receiving.a_partner() as server, receiving.a_partner() as others:
        endpoint, _other = opened(partner_of(linden, "adfield"), server), opened(partner_of(linden, "lumera"), others)
        usual = six_days(server, others, people, away=False)
        server.got.clear()
        others.got.clear()
        before = Delivery.objects.filter(endpoint=endpoint).count()
        beside = six_days(server, others, people, away=True)
        endpoint.refresh_from_db()
        assert endpoint.closed_why == Endpoint.Closed.DOWN
        server.answer = 204
        waiting = Delivery.objects.filter(endpoint=endpoint).count() - before
        actions.replay(endpoint, by=BY)
        sending.deliver_all(timezone.now() + timedelta(days=DAYS))
        assert not Delivery.objects.filter(endpoint=endpoint).exclude(state=State.DELIVERED).exists()
        assert set(server.taken()) == set(
            Delivery.objects.order_by("-pk").filter(endpoint=endpoint).values_list("number", flat=True)[:waiting]
        )
        by_person: dict[str, list[int]] = defaultdict(list)
        for number in server.taken():
            got = next(each for each in server.got if each.number == number)
            by_person[got.data["person"]["pairwise"]].append(got.data["position"])
        assert all(positions == sorted(positions) for positions in by_person.values())
        slower = p95(beside) / p95(usual)
        with capsys.disabled():
            figures = f"others' p95 {p95(beside) * 1e3:.1f} ms, {slower:.2f} times the usual"
            sys.stdout.write(f"\n{waiting} events, {len(server.taken())} arrived; {figures}\n")
        assert slower <= 1.2


def p95(took: list[float]) -> float:
    return quantiles(took, n=20)[18]
