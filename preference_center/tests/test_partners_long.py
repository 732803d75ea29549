"""Whole installations as partners meet them: no stale yes after a withdrawal on any process, and how soon the first call goes out."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import quantiles

import pytest

from preference_center.tests.calling import Caller
from preference_center.tests.servers import Installation, wait_for
from propagation.tests import receiving

pytestmark = pytest.mark.long
SET_UP = """
import json
from datetime import timedelta
from django.utils import timezone
from accounts.actions import tie
from brands.models import Brand
from propagation.actions import issue_key, name_partner, open_endpoint
from propagation.models import Partner
shop = Brand.objects.get(key="linden")
partner = Partner.objects.filter(key="crm").first() or name_partner(Partner(key="crm", name="CRM"), brand=shop, by="system:tests")
key = issue_key(partner, name="tests", verbs=["decisions:read", "choices:reduce", "choices:raise"], purposes=["*"],
    expires_at=timezone.now() + timedelta(days=1), by="system:tests")[1]
secret = open_endpoint(partner, {url!r}, kinds=["choice.changed"], by="system:tests")[1] if {url!r} else ""
for number in range({people}):
    tie(brand=shop, value=f"C-{{number}}", email=f"p{{number}}@example.com", language="en", country="PL", by="system:tests")
print("SET" + json.dumps([key, secret]))
"""


def set_up(center: Installation, people: int, url: str = "") -> tuple[str, str]:
    answer = center.manage("shell", "-c", SET_UP.format(people=people, url=url)).stdout
    key, secret = json.loads(answer.rpartition("SET")[2])
    return key, secret


@pytest.fixture
def center(installation: Callable[..., Installation]) -> Installation:
    here = installation(DEMO="1", DEBUG="1", API_CALLS_PER_MINUTE="10000000", LOG_LEVEL="WARNING")
    here.prepare()
    here.manage("demo")
    return here


def test_no_stale_yes_on_any_process(center: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    """20,000 checks right after the withdrawal was answered, on other connections to four processes: some alone, most in lists."""
    people = 500
    key, _secret = set_up(center, people)
    center.web(workers=4)
    writer, readers, chance = Caller(center.port, key, "ads"), [Caller(center.port, key, "ads") for _ in range(6)], random.Random(3)
    stale = checked = yeses = 0
    while checked < 20_000:
        number = chance.randrange(people)
        if writer.say(number, "allow") == "saved":
            yeses += chance.choice(readers).one(number)
        writer.say(number, "deny")
        for reader in chance.sample(readers, 4):
            stale += reader.one(number)
        stale += sum(chance.choice(readers).many([number] * 12))
        checked += 16
    with capsys.disabled():
        sys.stdout.write(f"\n{checked} checks after withdrawals, {yeses} yeses before them, {stale} stale\n")
    for caller in (writer, *readers):
        caller.close()
    assert yeses > 500
    assert stale == 0


@pytest.fixture
def partner() -> Iterator[receiving.Partner]:
    with receiving.a_partner() as server:
        yield server


@pytest.mark.parametrize("with_redis", [True, False])
def test_how_soon_the_first_call_goes_out(
    installation: Callable[..., Installation], redis_server: str, partner: receiving.Partner, with_redis: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    here = installation(
        DEMO="1", DEBUG="1", API_CALLS_PER_MINUTE="10000000", LOG_LEVEL="WARNING", **({"REDIS_URL": redis_server} if with_redis else {})
    )
    here.prepare()
    here.manage("demo")
    key, secret = set_up(here, 60, partner.url)
    partner.secrets.append(secret)
    here.web(workers=2)
    here.worker()
    caller, took = Caller(here.port, key, "ads"), list[float]()
    caller.say(0, "allow")
    wait_for(lambda: partner.got, "the first event", 60)
    for number in range(1, 60):
        caller.say(number, "allow")
        time.sleep(0.05 + random.random() * 0.4)
        stops = len(stopped(partner))
        begun = time.monotonic()
        caller.say(number, "deny")
        wait_for(partial(told_more_often, partner, stops), "the call", 30)
        took.append(stopped(partner)[stops].at - begun)
    caller.close()
    slowest = quantiles(took, n=20)[18]
    with capsys.disabled():
        sys.stdout.write(f"\nRedis {with_redis}: p50 {sorted(took)[len(took) // 2]:.2f} s, p95 {slowest:.2f} s\n")
    assert slowest < (2 if with_redis else 6)


def told_more_often(partner: receiving.Partner, stops: int) -> bool:
    return len(stopped(partner)) > stops


def stopped(partner: receiving.Partner) -> list[receiving.Got]:
    return [each for each in partner.got if each.data["change"] == "stopped"]
