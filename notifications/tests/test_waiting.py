"""What of a policy's changes the overview puts to a customer, and for how long."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.models import Customer
from consents.tests.acting import allow, deny
from notifications import actions, words
from notifications.models import Campaign
from notifications.waiting import coming


def test_what_comes_is_put_with_what_waits_for_an_answer(told: Campaign, anna: Customer, marta: Customer) -> None:
    (one,) = coming(anna)
    assert told.version.in_force_from
    assert one.day == timezone.localdate(told.version.in_force_from)
    assert (one.late, one.decisions, one.count) == (False, 1, 3)
    assert "decision" in one.waits
    assert coming(marta) == []


def test_once_seen_and_decided_it_has_had_its_place(told: Campaign, anna: Customer, carol: Customer) -> None:
    actions.see(anna, told.version)
    assert len(coming(anna)) == 1, "a decision waits"
    deny(anna, "room-photos")
    assert coming(anna) == []
    allow(carol, "room-photos")
    assert [each.decisions for each in coming(carol)] == [0], "not seen yet"


def test_it_stays_a_while_after_its_day(told: Campaign, anna: Customer) -> None:
    day = told.version.in_force_from
    assert day
    with time_machine.travel(day + settings.NEWS_KEPT - timedelta(hours=1), tick=True):
        assert [each.late for each in coming(anna)] == [True]
    with time_machine.travel(day + settings.NEWS_KEPT + timedelta(hours=1), tick=True):
        assert coming(anna) == []


def test_the_history_tells_of_it_in_words() -> None:
    act = {"policy": "privacy", "version": 2, "sha256": "f" * 64, "campaign": "change"}
    told = (words.change_seen, words.campaign_paused, words.campaign_resumed, words.campaign_ended, words.campaign_exported)
    for said in (each(act) for each in told):
        assert "version 2" in said.title
