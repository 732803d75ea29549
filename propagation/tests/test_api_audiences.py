"""An audience is everybody of whom a decision is a yes, and nobody else; a stream that broke off goes on where it ended."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, Customer, ExternalId
from brands.models import Brand
from catalogue.published import published
from consents.models import Taste, Topic
from consents.tests.acting import a_word
from consents.tests.family import tied
from consents.tests.test_audience import people
from propagation.api import audiences
from propagation.models import KeyUse, Partner
from propagation.tests.calling import Api
from propagation.tests.choosing import problem
from propagation.tests.conftest import key_of


def crowd(brand: Brand, count: int, seed: int = 1) -> list[Customer]:
    """Adults, minors and children with guardians, of many places, who said this and that; each with an id, an address and a number."""
    chance = random.Random(seed)
    made = people(brand, count, chance)
    for number, person in enumerate(made):
        ExternalId.objects.create(customer=person, brand=brand, value=f"C-{number}")
        for channel, address in (("email", f"p{number}@example.com"), ("sms", f"+4860010{number:04}")):
            Contact.objects.create(customer=person, brand=brand, channel=channel, address=address, canonical=address)
    for child in chance.sample(made, count // 4):
        guardian = chance.choice(made)
        child.birth_date = date(timezone.now().year - chance.choice([8, 14, 17, 30]), 1, 1)
        child.save()
        if guardian.pk != child.pk and chance.random() < 0.7:
            tied(guardian, child)
            for purpose in ("recs", "ads", "insight"):
                a_word(child, purpose, chance.choice(["granted", "refused"]), party=guardian.subject)
    return made


def listed(api: Api, purpose: str, **query: Any) -> list[Any]:
    *lines, end = api.lines(f"/audiences/{purpose}", **query)
    assert (end["end"], end["count"]) == (True, len(lines))
    return [next(iter(line["person"].values())) for line in lines]


@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_decisions_say_of_each(api: Api, linden: Brand, seed: int) -> None:
    made = crowd(linden, 60, seed)
    found = 0
    for purpose, each in published(linden).items():
        for channel in ("", *each.channels):
            checks = [{"person": {"id": f"C-{number}"}, "purpose": purpose, "channel": channel} for number in range(len(made))]
            *lines, _end = api.lines("/decisions/batch", {"checks": checks})
            wanted = {f"C-{number}" for number, line in enumerate(lines) if line["allowed"]}
            assert sorted(listed(api, purpose, channel=channel, identify="id")) == sorted(wanted), (purpose, channel)
            found += len(wanted)
    assert found > 50


def test_each_way_of_naming_names_the_same_people(api: Api, linden: Brand) -> None:
    made = crowd(linden, 30)
    numbers = [int(name[2:]) for name in listed(api, "delivery", identify="id")]
    assert listed(api, "delivery", identify="email") == [f"p{number}@example.com" for number in numbers]
    assert listed(api, "delivery", identify="phone") == [f"+4860010{number:04}" for number in numbers]
    pairwise = listed(api, "delivery")
    assert len(set(pairwise)) == len(numbers)
    assert not {each.subject for each in made} & set(pairwise)


def test_whoever_has_no_such_name_is_left_out(api: Api, linden: Brand) -> None:
    crowd(linden, 20)
    before = listed(api, "delivery", identify="phone")
    Contact.objects.filter(canonical=before[0]).delete()
    assert listed(api, "delivery", identify="phone") == before[1:]


@pytest.mark.parametrize("seed", range(3))
def test_a_stream_that_broke_off_goes_on_and_loses_and_repeats_nobody(
    api: Api, linden: Brand, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    crowd(linden, 60, seed)
    whole = listed(api, "delivery", identify="id")
    monkeypatch.setattr(audiences, "AT_ONCE", 7)
    chance, got, after = random.Random(seed), list[str](), ""
    for _stream in range(100):
        response = api.get("/audiences/delivery", identify="id", after=after)
        pieces = iter(response.streaming_content)
        text = b"".join(piece for piece, _some in zip(pieces, range(chance.randint(1, 3)), strict=False)).decode()
        if chance.random() < 0.5:
            text = text[: -chance.randint(1, 20)]  # in the middle of a line
        response._iterator.close()
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        got += [line["person"]["id"] for line in lines if "person" in line]
        after = next((line["cursor"] for line in reversed(lines) if "cursor" in line), after)
        if lines and lines[-1].get("end"):
            break
    assert got == whole
    assert len(set(got)) == len(got)


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_by_portions_it_is_the_same(api: Api, linden: Brand, limit: int) -> None:
    crowd(linden, 40)
    whole, got, after = listed(api, "recs", identify="id"), [], ""
    for _portion in range(200):
        *lines, end = api.lines("/audiences/recs", identify="id", limit=limit, after=after)
        assert len(lines) <= limit
        got += [line["person"]["id"] for line in lines]
        if end["next"] is None:
            break
        after = end["next"]
    assert got == whole


def test_a_page_takes_as_many_statements_for_ten_as_for_hundreds(api: Api, linden: Brand) -> None:
    listed(api, "recs")  # the brand is in memory from here on
    counts = []
    for count in (10, 300):
        people(linden, count, random.Random(count))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            listed(api, "recs")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_minors_take_one_statement_more_and_no_more_for_many(api: Api, linden: Brand) -> None:
    listed(api, "recs")  # the brand is in memory from here on
    counts = []
    for count in (10, 200):
        for person in people(linden, count, random.Random(count)):
            Customer.objects.filter(pk=person.pk).update(birth_date=date(2015, 1, 1))
        with CaptureQueriesContext(connection) as queries:
            listed(api, "recs")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_topic_leaves_out_whom_it_does_not_concern_now(api: Api, linden: Brand) -> None:
    Topic.objects.create(brand=linden, key="bed", purpose="news", names={"en": "Bed linen"})
    now = timezone.now()
    tastes: list[dict[str, Any]] = [
        {}, {"topics_off": ["bed"]}, {"topics_off": ["table"]}, {"pause_until": (now + timedelta(days=2)).date()},
        {"pause_until": (now - timedelta(days=2)).date()}, {"days_between": 7, "last_sent_at": now - timedelta(days=3)},
        {"days_between": 7, "last_sent_at": now - timedelta(days=8)}, {"channel": "sms", "topics_off": ["bed"]},
    ]  # fmt: skip
    for number, taste in enumerate(tastes):
        person = Customer.objects.create(brand=linden, subject=f"{number:032}", language="en", country="PL")
        ExternalId.objects.create(customer=person, brand=linden, value=f"C-{number}")
        a_word(person, "news", "granted", channel="email")
        if taste:
            Taste.objects.create(customer=person, **{"channel": "email", **taste})
    assert listed(api, "news", channel="email", topic="bed", identify="id") == ["C-0", "C-2", "C-4", "C-6", "C-7"]
    assert len(listed(api, "news", channel="email", identify="id")) == len(tastes)
    assert problem(api.get("/audiences/ads", topic="bed")) == (422, "invalid")


def test_addresses_are_for_whoever_may_read_them(crm: Partner, linden: Brand) -> None:
    crowd(linden, 10)
    api = Api(Client(headers={"host": linden.host}), key_of(crm, "audiences:read")[1])
    for naming in ("email", "phone", "id"):
        assert problem(api.get("/audiences/delivery", identify=naming)) == (403, "not-in-scope")
    assert listed(api, "delivery", identify="pairwise")
    both = Api(Client(headers={"host": linden.host}), key_of(crm, "audiences:read", "people:read")[1])
    assert listed(both, "delivery", identify="email")


def test_what_was_read_is_counted_even_of_a_stream_that_broke_off(api: Api, linden: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(linden, 30)
    monkeypatch.setattr(audiences, "AT_ONCE", 5)
    response = api.get("/audiences/delivery")
    lines = next(iter(response.streaming_content)).splitlines()
    response._iterator.close()
    use = KeyUse.objects.get(verb="audiences:read")
    assert (use.calls, use.people) == (1, len(lines))


@pytest.mark.parametrize("query", [{"channel": "fax"}, {"identify": "name"}, {"after": "x"}, {"limit": 0}, {"topic": "no such"}])
def test_what_cannot_be_asked(api: Api, linden: Brand, query: dict[str, Any]) -> None:
    assert problem(api.get("/audiences/news", **query)) == (422, "invalid")
    assert problem(api.get("/audiences/nosuch")) == (422, "unknown-purpose")
    assert problem(api.get("/audiences/ads", channel="email")) == (422, "unknown-purpose")
