"""Whoever asks what has changed is told what webhooks tell, in the order of the ledger, and never anybody else's business."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents import actions as choices
from consents.states import Scope
from consents.tests.acting import allow, deny, head, own
from ledger.models import Log
from ledger.proving import prove
from propagation import changes
from propagation.models import Delivery, KeyUse, Partner
from propagation.tests.calling import Api
from propagation.tests.choosing import problem
from propagation.tests.conftest import Server, key_of, opened, partner_of, work
from propagation.tests.receiving import a_partner
from propagation.webhooks.events import EVENTS, schema


def of(partner: Partner, *purposes: str) -> Api:
    key = key_of(partner, "changes:read", **({"purposes": purposes} if purposes else {}))[1]  # type: ignore[arg-type]
    return Api(Client(headers={"host": partner.brand.host}), key)


def everything(api: Api, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    """By pages, to the end."""
    events: list[dict[str, Any]] = []
    for _page in range(200):
        page = api.get("/changes", after=after, limit=limit).json()
        assert len(page["events"]) <= limit
        assert page["next"] >= after
        assert page["next"] > after or not page["more"]
        events += page["events"]
        after = page["next"]
        if not page["more"]:
            return events
    raise AssertionError("it never ends")


def a_busy_day(*people: Customer) -> None:
    for person in people:
        allow(person, "ads")
        allow(person, "news", "email")
        allow(person, "recs")
        deny(person, "ads")
        choices.stop(person, Scope.MARKETING, own(person))
        choices.lift(person, Scope.MARKETING, own(person, seen=head(person)))
    prove()


def positions(events: list[dict[str, Any]]) -> list[int]:
    return [event["data"]["position"] for event in events]


def thin(event: dict[str, Any]) -> dict[str, Any]:
    """Where and until when to confirm is a matter of the one delivery."""
    return event | {"data": {name: value for name, value in event["data"].items() if not name.startswith("confirm")}}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
def test_by_pages_of_any_size_it_is_the_same_in_order(crm: Partner, anna: Customer, carol: Customer, limit: int) -> None:
    a_busy_day(anna, carol)
    api = of(crm)
    events = everything(api, limit=limit)
    assert events == everything(api)
    assert positions(events) == sorted(set(positions(events)))
    assert [event["type"] for event in events if event["type"] != "purpose.published"].count("choice.changed") == 8
    for event in events:
        jsonschema.validate(event, next(schema(kind) for kind in EVENTS if kind.type == event["type"]))


def test_from_a_position_on_nothing_is_lost_or_repeated(crm: Partner, anna: Customer) -> None:
    api = of(crm)
    a_busy_day(anna)
    first = everything(api)
    newest = api.get("/changes").json()["next"]
    assert newest == Log.objects.get(pk=1).position
    allow(anna, "ads")
    prove()
    later = everything(api, after=newest)
    assert [event["data"]["change"] for event in later] == ["started"]
    assert positions(everything(api)) == positions(first + later)


def test_next_moves_on_where_nothing_was_of_interest(adfield: Partner, anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    for _time in range(4):
        allow(anna, "recs")
        deny(anna, "recs")
    prove()
    allow(anna, "ads")
    prove()
    monkeypatch.setattr(changes, "LOOKED_AT", 3)
    (event,) = [each for each in everything(of(adfield)) if each["type"] == "choice.changed"]
    assert event["data"]["purpose"] == "ads"


def test_it_is_what_webhooks_carry(anna: Customer, carol: Customer, adfields: Server, crm: Partner) -> None:
    with a_partner() as own_server:
        opened(crm, own_server)
        begun = Log.objects.get(pk=1).position
        a_busy_day(anna, carol)
        work()
        for partner, server in ((adfields[0].partner, adfields[1]), (crm, own_server)):
            told = sorted((each.body for each in server.got), key=lambda body: body["data"]["position"])
            assert [thin(body) for body in told] == everything(of(partner), after=begun)
            assert len(told) == Delivery.objects.filter(endpoint__partner=partner).count() > 0


def test_each_partner_reads_its_own_business(adfield: Partner, lumera: Partner, anna: Customer) -> None:
    listova = partner_of(anna.brand, "listova")
    a_busy_day(anna)
    said = {
        partner.key: [each["data"]["purpose"] for each in everything(of(partner)) if each["type"] == "choice.changed"]
        for partner in (adfield, lumera, listova)
    }
    assert said == {"adfield": ["ads"], "lumera": ["ads"], "listova": ["news"]}  # of a yes that is over nobody hears
    people = [{each["data"]["person"]["pairwise"] for each in everything(of(p)) if "person" in each["data"]} for p in (adfield, lumera)]
    assert people[0].isdisjoint(people[1])


def test_a_key_reads_of_its_own_purposes(crm: Partner, anna: Customer) -> None:
    a_busy_day(anna)
    for event in everything(of(crm, "news")):
        assert event["data"].get("purpose", "news") == "news"


def test_a_wide_word_names_the_uses_of_the_key_alone(crm: Partner, anna: Customer) -> None:
    a_busy_day(anna)
    wide = [event for event in everything(of(crm, "news")) if event["type"] == "scope.changed"]
    assert [event["data"]["purposes"] for event in wide] == [["news"], ["news"]]


def test_nothing_of_another_brand(crm: Partner, anna: Customer, marta: Customer, kingfisher: Brand) -> None:
    a_busy_day(anna)
    allow(marta, "letter")
    prove()
    theirs = everything(of(partner_of(kingfisher, "crm")))
    assert {each["data"]["purpose"] for each in theirs if each["type"] == "choice.changed"} == {"letter"}
    assert "letter" not in str(everything(of(crm)))


def test_each_page_is_counted(crm: Partner, anna: Customer) -> None:
    a_busy_day(anna)
    api = of(crm)
    api.get("/changes")
    use = KeyUse.objects.get(verb="changes:read")
    assert use.calls == 1
    assert use.people >= 1
    assert use.last_at <= timezone.now()


@pytest.mark.parametrize("query", [{"after": -1}, {"after": 2**53 + 1}, {"limit": 0}, {"limit": 1001}, {"after": "x"}, {"limit": "1.5"}])
def test_a_position_and_a_number(crm: Partner, query: dict[str, Any]) -> None:
    assert problem(of(crm).get("/changes", **query)) == (422, "invalid")


def test_after_the_newest_there_is_nothing(crm: Partner, anna: Customer) -> None:
    ahead = Log.objects.get(pk=1).position + 1000
    assert of(crm).get("/changes", after=ahead).json() == {"events": [], "next": ahead, "more": False}


def test_whoever_answers_get_answers_head(crm: Partner, anna: Customer) -> None:
    api = Api(Client(headers={"host": crm.brand.host}), key_of(crm)[1])
    answer = api.client.head("/api/v1/changes", headers=api.headers())
    assert (answer.status_code, answer.content) == (200, b"")
    assert api.client.head("/api/v1/decisions", headers=api.headers()).status_code == 405
    assert api.client.head("/api/v1/audiences/ads", headers=api.headers()).status_code == 200
    assert not KeyUse.objects.filter(verb="audiences:read").exists()  # nobody was read
