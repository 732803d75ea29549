"""The table as a queue: who takes what, in which order and how fast, and what becomes of a message that could not be sent."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from catalogue.models import PolicyVersion
from consents.tests.acting import head
from notifications.models import Campaign, Message, Pace
from notifications.sending import outbox
from notifications.states import Class, Why
from notifications.tests.making import fresh, message

SOON = timedelta(minutes=5)


def due(lane: int = 0, now: Any = None) -> list[int]:
    return [each.pk for each in outbox.due(lane, now or timezone.now() + timedelta(seconds=1))]


def started(one: Message, lane: int = 0) -> Message:
    """At the server, given by that lane's sender."""
    assert outbox.start(one, lane, f"{one.pk}@h", one.contact or 0)
    return fresh(one)


def bulk(campaign: Campaign, customer: Customer, **values: Any) -> Message:
    return message(customer, campaign=campaign, urgent=False, **values)


@pytest.fixture(autouse=True)
def one_sender(settings: Any) -> None:
    settings.MAIL_SENDERS = 1


@pytest.fixture
def campaign(told: Campaign) -> Campaign:
    """With nobody chosen yet."""
    return told


# ── What is due ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_due_is_read_and_nothing_is_written(anna: Customer) -> None:
    one, two = message(anna), message(anna)
    later = message(anna, run_after=timezone.now() + SOON)
    assert due() == due() == [one.pk, two.pk]
    assert due(0, timezone.now() + SOON + SOON) == [one.pk, two.pk, later.pk]
    started(one)
    assert due() == [two.pk]


def test_each_lane_has_its_share_and_together_they_have_all(anna: Customer, settings: Any) -> None:
    settings.MAIL_SENDERS = 3
    rows = {message(anna).pk for _ in range(10)}
    shares = [set(due(lane)) for lane in range(3)]
    assert set.union(*shares) == rows
    assert sum(map(len, shares)) == 10


def test_so_many_are_read_ahead_and_no_more(anna: Customer) -> None:
    Message.objects.bulk_create(
        Message(brand=anna.brand, customer=anna, kind="note", klass=Class.SERVICE, language="en") for _ in range(outbox.AT_ONCE + 3)
    )
    assert len(due()) == outbox.AT_ONCE


def test_what_is_urgent_goes_before_every_campaign(campaign: Campaign, anna: Customer) -> None:
    many = bulk(campaign, anna)
    notice = message(anna)
    assert due() == [notice.pk]
    started(notice)
    assert due() == [many.pk]


def test_a_paused_campaign_is_passed_over(campaign: Campaign, anna: Customer) -> None:
    one = bulk(campaign, anna)
    Campaign.objects.update(paused_at=timezone.now())
    assert due() == []
    Campaign.objects.update(paused_at=None)
    assert due() == [one.pk]


def test_each_campaign_and_newsletter_gets_its_turn(
    campaign: Campaign, linden: Brand, kingfisher: Brand, anna: Customer, marta: Customer
) -> None:
    """A large one does not hold up a small one: over 60 claims each of four is asked for more than a few times."""
    version = PolicyVersion.objects.get(pk=campaign.version_id)
    reminder = Campaign.objects.create(brand=linden, version=version, kind=Campaign.Kind.REMINDER)
    bulk(campaign, anna)
    bulk(reminder, anna)
    message(anna, urgent=False)
    message(marta, urgent=False)
    turns: Counter[int] = Counter()
    for _ in range(60):
        (pk,) = due()
        turns[pk] += 1
    assert len(turns) == 4
    assert min(turns.values()) >= 3


# ── Pace ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def loose(customer: Customer, count: int) -> None:
    for _ in range(count):
        message(customer, urgent=False)


def test_a_brand_sends_as_many_a_minute_as_it_may(settings: Any, anna: Customer) -> None:
    settings.MAIL_PER_MINUTE = 600
    loose(anna, 100)
    now = timezone.now() + timedelta(seconds=1)
    counts = [len(due(0, now + timedelta(milliseconds=100 * step))) for step in range(60)]  # six seconds
    assert counts[0] == 10
    assert sum(counts) == 60


def test_an_empty_share_takes_nothing_of_the_pace(settings: Any, anna: Customer) -> None:
    settings.MAIL_PER_MINUTE, settings.MAIL_SENDERS = 6, 2
    one = message(anna, urgent=False)
    now = timezone.now() + timedelta(seconds=1)
    assert due(1 - one.pk % 2, now) == []
    assert due(one.pk % 2, now) == [one.pk]


def test_a_standstill_is_not_made_up_for_at_once(settings: Any, anna: Customer) -> None:
    settings.MAIL_PER_MINUTE = 600
    loose(anna, 100)
    now = timezone.now() + timedelta(seconds=1)
    assert len(due(0, now)) == 10
    after = now + timedelta(hours=1)
    assert sum(len(due(0, after)) for _ in range(5)) <= 20


def test_a_slow_pace_is_one_at_a_time(settings: Any, anna: Customer) -> None:
    settings.MAIL_PER_MINUTE = 6
    loose(anna, 3)
    now = timezone.now() + timedelta(seconds=1)
    assert [len(due(0, now + timedelta(seconds=second))) for second in (0, 0, 8, 11)] == [1, 0, 0, 1]


def test_the_pace_is_each_brands_own_and_urgent_mail_has_none(settings: Any, anna: Customer, marta: Customer) -> None:
    settings.MAIL_PER_MINUTE = 60
    loose(anna, 3)
    loose(marta, 3)
    now = timezone.now() + timedelta(seconds=1)
    first, second = due(0, now), due(0, now)
    assert [len(first), len(second), len(due(0, now))] == [1, 1, 0]
    assert {each.brand_id for each in Message.objects.filter(pk__in=first + second)} == {anna.brand_id, marta.brand_id}
    notices = [message(anna).pk for _ in range(5)]
    assert due(0, now) == notices
    assert Pace.objects.count() == 2


# ── What a dead sender left ─────────────────────────────────────────────────────────────────────────────────────────


def test_of_what_a_dead_sender_left_only_marketing_at_the_server_is_not_sent_again(anna: Customer) -> None:
    service, marketing, waiting = message(anna), message(anna, klass=Class.MARKETING), message(anna)
    others = started(message(anna), lane=1)
    for each in (service, marketing):
        started(each)
    assert outbox.recover(0) == 2
    assert [(each.state, each.lane) for each in map(fresh, (service, marketing, waiting, others))] == [
        ("queued", None), ("in_doubt", None), ("queued", None), ("started", 1),
    ]  # fmt: skip
    assert [bool(each.doubted_at) for each in map(fresh, (service, marketing, waiting))] == [True, True, False]
    assert fresh(service).message_id == f"{service.pk}@h"  # under which it goes again
    assert outbox.recover(0) == 0


def test_the_lanes_in_use_are_those_with_something_in_hand(anna: Customer) -> None:
    assert outbox.lanes_in_use() == set()
    started(message(anna), lane=3)
    started(message(anna), lane=5)
    message(anna)
    assert outbox.lanes_in_use() == {3, 5}


# ── One message ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_starts_once_whoever_tries(anna: Customer) -> None:
    one = message(anna)
    assert outbox.start(one, 0, "a@h", one.contact or 0)
    assert not outbox.start(one, 0, "b@h", one.contact or 0)
    assert not outbox.start(one, 1, "b@h", one.contact or 0)
    now = fresh(one)
    assert (now.state, now.lane, now.message_id, now.contact) == ("started", 0, "a@h", anna.contacts.get().pk)
    assert now.started_at is not None


def test_what_was_read_before_a_pause_does_not_start(campaign: Campaign, anna: Customer) -> None:
    one = bulk(campaign, anna)
    assert due() == [one.pk]
    Campaign.objects.update(paused_at=timezone.now())
    assert not outbox.start(one, 0, "a@h", one.contact or 0)
    assert not outbox.turn_over(None, one, 0, "a@h", one.contact or 0, anna.subject, head(anna))
    Campaign.objects.update(paused_at=None)
    assert outbox.start(one, 0, "a@h", one.contact or 0)


def test_at_one_stroke_one_is_sent_and_the_next_started(anna: Customer) -> None:
    given, following = started(message(anna)), message(anna)
    assert outbox.turn_over((given.pk, "f" * 64), following, 0, "a@h", following.contact or 0, anna.subject, head(anna))
    assert (fresh(given).state, fresh(given).body_sha256, fresh(given).lane) == ("sent", "f" * 64, None)
    now = fresh(following)
    assert (now.state, now.lane, now.message_id, now.contact) == ("started", 0, "a@h", following.contact)


@pytest.mark.parametrize("behind", [1, -1])
def test_if_the_persons_chain_has_moved_the_one_is_sent_and_the_next_not_started(anna: Customer, behind: int) -> None:
    given, following = started(message(anna)), message(anna)
    assert not outbox.turn_over((given.pk, "f" * 64), following, 0, "a@h", following.contact or 0, anna.subject, head(anna) - behind)
    assert [fresh(each).state for each in (given, following)] == ["sent", "queued"]


def test_at_one_stroke_nothing_starts_twice(anna: Customer) -> None:
    one = message(anna)
    assert outbox.turn_over(None, one, 0, "a@h", one.contact or 0, anna.subject, head(anna))
    assert not outbox.turn_over(None, one, 1, "b@h", one.contact or 0, anna.subject, head(anna))
    assert (fresh(one).lane, fresh(one).message_id) == (0, "a@h")


def test_sent_is_noted_once_in_the_hand_that_started_it(anna: Customer) -> None:
    one = started(message(anna))
    assert not outbox.sent(one.pk, 1, "f" * 64)
    assert outbox.sent(one.pk, 0, "f" * 64)
    assert not outbox.sent(one.pk, 0, "e" * 64)
    now = fresh(one)
    assert (now.state, now.lane, now.body_sha256) == ("sent", None, "f" * 64)
    assert now.sent_at is not None
    assert now.started_at is not None
    assert now.started_at <= now.sent_at


@pytest.mark.parametrize("why", list(Why))
def test_what_is_dropped_is_shown_in_the_center_where_an_address_is_missing(
    campaign: Campaign, anna: Customer, carol: Customer, why: Why
) -> None:
    many, notice = bulk(campaign, anna), message(carol)
    for each in (many, notice):
        outbox.drop(each, why)
    nowhere = why in {Why.NO_ADDRESS, Why.UNDELIVERABLE, Why.BAD_ADDRESS}
    assert (fresh(many).state, fresh(many).why) == ("in_center" if nowhere else "dropped", why)
    assert (fresh(notice).state, fresh(notice).lane) == ("dropped", None)


def test_what_is_at_the_server_is_not_dropped(anna: Customer) -> None:
    one = started(message(anna))
    outbox.drop(one, Why.OVER)
    assert fresh(one).state == "started"


def test_it_goes_back_as_if_it_had_not_been_begun(anna: Customer) -> None:
    one = started(message(anna))
    outbox.back(one, 1)
    assert fresh(one).state == "started"
    outbox.back(one, 0)
    assert (fresh(one).state, fresh(one).lane, fresh(one).attempts) == ("queued", None, 0)


def test_a_busy_server_is_asked_again_later_and_later_and_then_no_more(anna: Customer) -> None:
    one = message(anna)
    waits = []
    for _ in outbox.BACK_OFF:
        before = timezone.now()
        outbox.later(started(one), 0, 451)
        now = fresh(one)
        assert (now.state, now.lane, now.answer) == ("queued", None, "451")
        waits.append(round((now.run_after - before).total_seconds() / 60))
    assert waits == [1, 5, 15, 60, 240, 720, 1440]
    outbox.later(started(one), 0, 451)
    now = fresh(one)
    assert (now.state, now.why, now.answer, now.lane) == ("bounced", "tried_enough", "451", None)
    assert now.bounced_at is not None


def test_a_doubted_service_message_goes_again_a_few_times_and_then_stands_in_doubt(anna: Customer) -> None:
    one = message(anna)
    waits = []
    for _ in range(outbox.DOUBTS):
        before = timezone.now()
        outbox.doubt(started(one), 0)
        now = fresh(one)
        assert (now.state, now.lane) == ("queued", None)
        assert now.doubted_at is not None
        waits.append(round((now.run_after - before).total_seconds()))
    assert waits == [5, 10]
    outbox.doubt(started(one), 0)
    assert (fresh(one).state, fresh(one).lane) == ("in_doubt", None)


def test_a_message_that_a_server_hangs_up_over_waits_longer_and_longer_and_is_never_given_up(anna: Customer) -> None:
    one = message(anna)
    waits = []
    for _ in range(12):
        before = timezone.now()
        outbox.put_off(started(one), 1)
        assert fresh(one).state == "started", "it is in another hand"
        outbox.put_off(fresh(one), 0)
        now = fresh(one)
        assert (now.state, now.lane, now.answer, now.doubted_at) == ("queued", None, "", None)
        waits.append(round((now.run_after - before).total_seconds()))
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 2560, 2560]


def test_a_doubted_marketing_message_is_never_sent_again(anna: Customer) -> None:
    one = started(message(anna, klass=Class.MARKETING))
    outbox.doubt(one, 0)
    assert fresh(one).state == "in_doubt"
    assert due(0, timezone.now() + timedelta(days=9)) == []


def test_a_refusal_is_a_bounce(anna: Customer) -> None:
    one = started(message(anna))
    outbox.refused(one, 0, 550)
    now = fresh(one)
    assert (now.state, now.why, now.answer, now.lane) == ("bounced", "refused", "550", None)
    assert now.bounced_at is not None
