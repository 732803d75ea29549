"""Answers as a system of the brand reads them, over HTTP from four processes: what somebody told is read while they allow it; a withdrawal
between two readings stops the second, whichever process answers. What was read is counted, to the last reading."""

from __future__ import annotations

import http.client
import json
import random
import sys
from collections.abc import Callable
from typing import Any

import pytest

from preference_center.tests.servers import Installation
from preference_center.tests.test_partners_long import HOST, now

pytestmark = pytest.mark.long
WITHDRAWALS, PEOPLE = 2000, 100
EVIDENCE = {"wording": "Show me what fits.", "source": "checkout"}
SET_UP = f"""
import json
from datetime import timedelta
from django.utils import timezone
from accounts.actions import tie
from brands.models import Brand
from consents.states import Verb
from preference_center.demo.story import decide
from profiles.actions import answer
from profiles.actions.asking import By
from propagation.actions import issue_key, name_partner
from propagation.models import Partner
shop = Brand.objects.get(key="linden")
partner = name_partner(Partner(key="crm", name="CRM"), brand=shop, by="system:tests")
key = issue_key(partner, name="tests", verbs=["answers:read", "choices:reduce", "choices:raise"], purposes=["recs", "insight"],
    expires_at=timezone.now() + timedelta(days=1), by="system:tests")[1]
for number in range({PEOPLE}):
    known = {{"value": f"C-{{number}}", "email": f"p{{number}}@example.com", "language": "en", "country": "PL"}}
    customer, _new = tie(brand=shop, by="system:tests", **known)
    customer.brand = shop
    decide(customer, "recs", "", Verb.ALLOW)
    answer(customer, "bed-size", {{"one": "160x200"}}, By("center", "en"), version=1)
print("SET" + json.dumps(key))
"""


class Shop:
    """One kept connection to the server; which process answers is the server's own affair."""

    def __init__(self, port: int, key: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Host": HOST, "Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        self._line.request(method, f"/api/v1{path}", json.dumps(body) if body else None, self._headers)
        answer = self._line.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        found: dict[str, Any] = json.loads(content)
        return found

    def say(self, number: int, decision: str) -> str:
        more = {"occurred_at": now(), "evidence": EVIDENCE} if decision == "allow" else {}
        said = {"person": {"id": f"C-{number}"}, "purpose": "recs", "decision": decision, **more}
        return str(self.call("POST", "/choices", said)["result"])

    def read(self, number: int, purpose: str = "recs") -> dict[str, Any]:
        return self.call("GET", f"/answers?id=C-{number}&purpose={purpose}")


@pytest.fixture
def center(installation: Callable[..., Installation]) -> Installation:
    here = installation(DEMO="1", DEBUG="1", API_CALLS_PER_MINUTE="10000000", LOG_LEVEL="WARNING")
    here.prepare()
    here.manage("demo")
    return here


def test_a_withdrawal_between_two_readings_stops_the_second(center: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    key = json.loads(center.manage("shell", "-c", SET_UP).stdout.rpartition("SET")[2])
    center.web(workers=4)
    writer, readers, chance = Shop(center.port, key), [Shop(center.port, key) for _ in range(6)], random.Random(5)
    first = stopped = 0
    for _unused in range(WITHDRAWALS):
        number = chance.randrange(PEOPLE)
        before = chance.choice(readers).read(number)
        first += [each["words"] for each in before["answers"]] == ["160\u00a0×\u00a0200"]
        assert writer.say(number, "deny") == "saved"
        after = chance.choice(readers).read(number)
        stopped += (after["allowed"], after["reason"], after["answers"]) == (False, "withdrawn", [])
        assert writer.say(number, "allow") == "saved"
    other = readers[0].read(0, "insight")
    assert (other["allowed"], other["reason"], other["answers"]) == (False, "undecided", [])
    counted = center.rows("SELECT sum(times) FROM profiles_answeruse")[0][0]
    with capsys.disabled():
        sys.stdout.write(f"\n{first} first readings, {stopped} of {WITHDRAWALS} second ones stopped, {counted} counted\n")
    assert first == stopped == counted == WITHDRAWALS
