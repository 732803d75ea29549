"""Whole installations as partners meet them: no stale yes after a withdrawal on any process, and how soon the first call goes out."""

from __future__ import annotations

import http.client
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import quantiles
from typing import Any

import pytest
from django.utils import timezone

from ledger.canonical import timestamp
from preference_center.tests.servers import Installation, wait_for
from propagation.tests import receiving

pytestmark = pytest.mark.long
HOST = "linden.localhost"
EVIDENCE = {"wording": "Show me your ads on other sites.", "source": "checkout"}
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


class Caller:
    """One kept connection; which process answers is the server's own affair, and another connection's is often another."""

    def __init__(self, port: int, key: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Host": HOST, "Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def close(self) -> None:
        self._line.close()

    def post(self, path: str, body: dict[str, Any]) -> bytes:
        self._line.request("POST", f"/api/v1{path}", json.dumps(body), self._headers)
        answer = self._line.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return content

    def say(self, number: int, decision: str) -> str:
        more = {"occurred_at": now(), "evidence": EVIDENCE} if decision == "allow" else {}
        answer = json.loads(self.post("/choices", {"person": {"id": f"C-{number}"}, "purpose": "ads", "decision": decision, **more}))
        return str(answer["result"])

    def one(self, number: int) -> bool:
        return bool(json.loads(self.post("/decisions", {"person": {"id": f"C-{number}"}, "purpose": "ads"}))["allowed"])

    def many(self, numbers: list[int]) -> list[bool]:
        checks = [{"person": {"id": f"C-{number}"}, "purpose": "ads"} for number in numbers]
        *lines, end = [json.loads(line) for line in self.post("/decisions/batch", {"checks": checks}).splitlines()]
        assert end["count"] == len(lines) == len(numbers)
        return [line["allowed"] for line in lines]


def now() -> str:
    return timestamp(timezone.now())


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
    writer, readers, chance = Caller(center.port, key), [Caller(center.port, key) for _ in range(6)], random.Random(3)
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
    caller, took = Caller(here.port, key), list[float]()
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
