"""Permission, then taste, then the address: the first that says no is the reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Customer
from consents import tasting
from consents.may_send import Taking, may_send
from consents.models import Taste, Topic
from consents.states import Reason
from consents.tests.acting import allow, deny
from ledger.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic(anna: Customer) -> Topic:
    return Topic.objects.create(brand=anna.brand, key="rugs", purpose="news", names={"en": "Rugs"})


def taste(customer: Customer, **wanted: object) -> Entry | None:
    values: dict[str, object] = {"topics_off": [], "days_between": 0, "pause_until": None} | wanted
    return tasting.choose_taste(customer, "email", actor=f"self:{customer.subject}", where="choices", **values)  # type: ignore[arg-type]


def test_nothing_is_sent_without_permission(anna: Customer, topic: Topic) -> None:
    assert may_send(anna, topic, "email").reason is Reason.UNDECIDED


def test_it_may_be_sent_to_the_proven_address(anna: Customer, topic: Topic) -> None:
    allow(anna, "news", "email")
    answer = may_send(anna, topic, "email")
    assert (answer.allowed, answer.reason, answer.address) == (True, Reason.GRANTED, "anna@example.com")


def test_a_topic_left_out_is_off(anna: Customer, topic: Topic) -> None:
    allow(anna, "news", "email")
    taste(anna, topics_off=["rugs"])
    assert may_send(anna, topic, "email").reason is Taking.TOPIC_OFF


def test_a_break_ends_on_its_day(anna: Customer, topic: Topic) -> None:
    allow(anna, "news", "email")
    until = timezone.localdate() + timedelta(days=10)
    taste(anna, pause_until=until)
    assert may_send(anna, topic, "email").reason is Taking.ON_BREAK
    assert may_send(anna, topic, "email", timezone.now() + timedelta(days=10)).allowed


def test_too_often_is_measured_from_the_last_one(anna: Customer, topic: Topic) -> None:
    allow(anna, "news", "email")
    taste(anna, days_between=28)
    Taste.objects.filter(customer=anna).update(last_sent_at=timezone.now())
    assert may_send(anna, topic, "email", timezone.now() + timedelta(days=27)).reason is Taking.TOO_OFTEN
    assert may_send(anna, topic, "email", timezone.now() + timedelta(days=29)).allowed


def test_a_channel_without_an_address(anna: Customer, topic: Topic) -> None:
    allow(anna, "news", "sms")
    assert may_send(anna, topic, "sms").reason is Taking.NO_ADDRESS


def test_permission_comes_first(anna: Customer, topic: Topic) -> None:
    allow(anna, "news", "email")
    taste(anna, topics_off=["rugs"])
    deny(anna, "news", "email")
    assert may_send(anna, topic, "email").reason is Reason.WITHDRAWN


def test_taste_is_written_once_and_grants_nothing(anna: Customer, topic: Topic) -> None:
    assert taste(anna) is None
    assert taste(anna, topics_off=["rugs"]) is not None
    assert taste(anna, topics_off=["rugs"]) is None
    assert not may_send(anna, topic, "email").allowed


def test_without_its_entry_nothing_is_written(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger.kinds import _kinds

    monkeypatch.delitem(_kinds, "taste.changed")
    with pytest.raises(LookupError):
        taste(anna, topics_off=["rugs"])
    assert not Taste.objects.filter(customer=anna).exists()


def test_a_purpose_without_channels_is_allowed_as_a_whole(anna: Customer) -> None:
    topic = Topic.objects.create(brand=anna.brand, key="picks", purpose="recs", names={"en": "Picked for you"})
    assert may_send(anna, topic, "email").reason is Reason.UNDECIDED
    allow(anna, "recs")
    assert may_send(anna, topic, "email").allowed
    deny(anna, "recs")
    assert may_send(anna, topic, "email").reason is Reason.WITHDRAWN
