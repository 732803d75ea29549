"""Data that came from somebody else: only what the register declares, noted once, told on the overview."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Customer
from catalogue.actions import declare, draft_purpose, publish
from catalogue.content import Content, UseFacts
from catalogue.models import Source
from consents import actions
from consents.actions.received import NotInTheRegister
from consents.models import Received
from consents.tests.acting import signed_in
from ledger.models import Entry
from ledger.turns import Turn

TODAY = date(2036, 11, 24)  # later than the day on which the shop of these tests is founded
OLA = "staff:" + "7" * 32


@pytest.fixture(autouse=True)
def a_day() -> Any:
    with time_machine.travel(datetime(2036, 11, 24, 12, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def anna(anna: Customer) -> Customer:
    """At a shop that buys postal addresses' moves from the post office, and says so."""
    brand = anna.brand
    declare(brand, Source, "post-office", names={"en": "The post office", "pl": "Poczta"}, kind="other")
    newest = brand.purposes.get(key="insight").newest
    assert newest is not None
    category = Content.of(newest).uses[0].category
    use = UseFacts(category=category, source="post-office", recipient="", country="PL", retention_days=30, retention_after="collected")
    content = Content(**{**vars(Content.of(newest)), "uses": (use,)})
    publish(draft_purpose(brand, key="moves", content=content), by=OLA)
    brand.refresh_from_db()
    return anna


def kind(anna: Customer) -> str:
    newest = anna.brand.purposes.get(key="moves").newest
    assert newest is not None
    return str(Content.of(newest).uses[0].category)


def receive(anna: Customer, **more: Any) -> Received:
    given: dict[str, Any] = {"source": "post-office", "categories": [kind(anna)], "received_on": TODAY, "by": OLA} | more
    return actions.receive(anna, **given)


def count(customer: Customer) -> int:
    return Entry.objects.of(customer.subject).count()


def test_it_is_noted_in_the_persons_record_with_the_laws_last_day(anna: Customer) -> None:
    received = receive(anna)
    assert (received.tell_by, received.told_at) == (date(2036, 12, 24), None)
    entry = Entry.objects.get(pk=received.entry)
    assert (entry.subject, entry.actor, entry.kind) == (anna.subject, OLA, "data.received")
    told = {"source": "post-office", "categories": [kind(anna)], "received_on": "2036-11-24", "tell_by": "2036-12-24"}
    assert {name: entry.act[name] for name in told} == told


def test_twice_is_once(anna: Customer) -> None:
    first, before = receive(anna), count(anna)
    assert receive(anna) == first
    assert count(anna) == before
    assert receive(anna, received_on=TODAY - timedelta(days=1)) != first


@pytest.mark.parametrize(
    "more", [{"source": "you"}, {"source": "nosuch"}, {"categories": []}, {"categories": ["health"]}], ids=lambda each: str(each)
)
def test_what_the_register_does_not_declare_is_not_taken(anna: Customer, more: dict[str, Any]) -> None:
    before = count(anna)
    with pytest.raises(NotInTheRegister):
        receive(anna, **more)
    assert (count(anna), Received.objects.count()) == (before, 0)


def test_no_entry_no_effect(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Turn, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the ledger is full")

    monkeypatch.setattr(Turn, "append", fails)
    with pytest.raises(RuntimeError):
        receive(anna)
    assert not Received.objects.exists()


def test_somebody_untold_is_late_in_time_and_somebody_told_is_not(anna: Customer) -> None:
    received = receive(anna)
    assert list(Received.objects.late(date(2036, 12, 24))) == []
    assert list(Received.objects.late(date(2036, 12, 25))) == [received]
    actions.note_told(received.entry)
    received.refresh_from_db()
    first = received.told_at
    assert first is not None
    assert list(Received.objects.late(date(2036, 12, 25))) == []
    actions.note_told(received.entry)
    received.refresh_from_db()
    assert received.told_at == first, "the first mail counts"


def test_the_overview_says_so_for_a_month_and_the_history_for_good(anna: Customer) -> None:
    receive(anna)
    browser = signed_in(anna)
    assert "From: The post office. On 24 November 2036." in browser.get("/").content.decode()
    assert "We got data about you from The post office" in browser.get("/history/").content.decode()
    with time_machine.travel(datetime(2036, 12, 25, 12, tzinfo=UTC)):
        assert "From: The post office." not in signed_in(anna).get("/").content.decode()


def test_it_is_nobody_elses(anna: Customer, bea: Customer) -> None:
    receive(anna)
    stranger: Client = signed_in(bea)
    for path in ("/", "/history/"):
        assert "The post office" not in stranger.get(path).content.decode()
