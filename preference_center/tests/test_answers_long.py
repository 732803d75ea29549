"""Answers as a system of the brand reads them, over HTTP from four processes: what somebody told is read while they allow it; a withdrawal
between two readings stops the second, whichever process answers. What was read is counted, to the last reading."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable

import pytest

from preference_center.tests.calling import Caller
from preference_center.tests.servers import Installation

pytestmark = pytest.mark.long
WITHDRAWALS, PEOPLE = 2000, 100
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


@pytest.fixture
def center(installation: Callable[..., Installation]) -> Installation:
    here = installation(DEMO="1", DEBUG="1", API_CALLS_PER_MINUTE="10000000", LOG_LEVEL="WARNING")
    here.prepare()
    here.manage("demo")
    return here


def test_a_withdrawal_between_two_readings_stops_the_second(center: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    key = json.loads(center.manage("shell", "-c", SET_UP).stdout.rpartition("SET")[2])
    center.web(workers=4)
    writer, *readers = [Caller(center.port, key, "recs") for _ in range(7)]
    chance = random.Random(5)
    first = stopped = 0
    for _unused in range(WITHDRAWALS):
        number = chance.randrange(PEOPLE)
        before = chance.choice(readers).told(number)
        first += [each["words"] for each in before["answers"]] == ["160\u00a0×\u00a0200"]
        assert writer.say(number, "deny") == "saved"
        after = chance.choice(readers).told(number)
        stopped += (after["allowed"], after["reason"], after["answers"]) == (False, "withdrawn", [])
        assert writer.say(number, "allow") == "saved"
    other = readers[0].told(0, "insight")
    assert (other["allowed"], other["reason"], other["answers"]) == (False, "undecided", [])
    counted = center.rows("SELECT sum(times) FROM profiles_answeruse")[0][0]
    for caller in (writer, *readers):
        caller.close()
    with capsys.disabled():
        sys.stdout.write(f"\n{first} first readings, {stopped} of {WITHDRAWALS} second ones stopped, {counted} counted\n")
    assert first == stopped == counted == WITHDRAWALS
