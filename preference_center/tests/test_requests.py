"""Requests in the whole product: a missed date is an act, a mail and a fault of the check; the overview names what waits for the person."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from accounts.assurance import NOTHING
from accounts.models import Customer
from data_requests import actions
from data_requests.tests.conftest import SESSION, asked, by
from data_requests.tests.conftest import folders as folders  # a fixture
from jobs.actions import enqueue, run
from ledger.models import Entry
from preference_center.health import judged, measured
from preference_center.tests.cast import SignedIn

pytestmark = pytest.mark.django_db


def test_a_missed_date_is_an_act_once_and_makes_the_check_fail(anna: Customer) -> None:
    with time_machine.travel("2026-10-01T10:00:00Z"):
        request = asked(anna, "complaint", SESSION, asked={"text": "Nobody answers."})
    with time_machine.travel("2026-11-02T00:00:00Z"):
        run(enqueue("data_requests.look_at_the_clock", {}).pk)
        assert not Entry.objects.filter(kind="request.missed").exists(), "1 November is a Sunday and a holiday: it is due on the second"
    with time_machine.travel("2026-11-02T23:30:00Z"):
        for _again in range(2):
            run(enqueue("data_requests.look_at_the_clock", {}).pk)
        entry = Entry.objects.get(kind="request.missed")
        assert entry.act["due"] == "2026-11-02"
        assert "deadlines" in judged(measured(timezone.now()))
        actions.fulfil(request, "We looked.", by="staff:" + "1" * 32)
        assert "deadlines" not in judged(measured(timezone.now()))


def test_the_overview_names_what_the_person_can_do_something_about(anna: Customer, signed_in: SignedIn) -> None:
    waiting = asked(anna, proof=NOTHING)
    page = signed_in(anna).get("/").content.decode()
    assert waiting.number in page
    assert "It waits until you show that it is you." in page
    actions.withdraw(waiting, by=by(anna))
    assert waiting.number not in signed_in(anna).get("/").content.decode().partition("Latest entries")[0]
