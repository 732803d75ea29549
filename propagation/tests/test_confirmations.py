"""A partner confirms what it was told, signed by its endpoint's secret and by no other."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.models import Customer
from consents.models import Passing
from consents.tests.acting import allow, deny
from data_requests.actions import item_done
from data_requests.models import Item
from data_requests.tests.conftest import asked
from jobs.actions import run_due
from ledger.models import Entry
from propagation import actions
from propagation.models import Delivery, Endpoint, Partner
from propagation.tests import receiving
from propagation.tests.conftest import BY, Server, opened, work

DONE = {"outcome": "done"}


def signed(secret: str, body: bytes, number: str = "msg_1", at: datetime | None = None) -> dict[str, str]:
    """Headers as the reference library makes them."""
    at = at or timezone.now()
    signature = Webhook(secret).sign(number, at, body.decode())
    return {"webhook-id": number, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def post(endpoint: Endpoint, body: bytes, headers: dict[str, str], host: str = "") -> Any:
    client = Client(headers={"host": host or endpoint.partner.brand.host})
    return client.post(f"/api/v1/confirmations/{endpoint.number}", body, content_type="application/json", headers=headers)


def confirmed(server: Server, event: str, **values: Any) -> Any:
    body = json.dumps({"event": event, **DONE, **values}).encode()
    return post(server[0], body, signed(server[1].secrets[0], body))


def code(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


@pytest.fixture
def stop(anna: Customer, adfields: Server) -> Delivery:
    """Anna has taken her yes back, and Adfield was told."""
    allow(anna, "ads")
    deny(anna, "ads")
    work()
    return Delivery.objects.filter(endpoint=adfields[0]).order_by("pk").last()  # type: ignore[return-value]


def test_it_is_noted_with_the_person(stop: Delivery, adfields: Server, anna: Customer) -> None:
    answer = confirmed(adfields, stop.number, note="Match list deleted.", evidence="a" * 64)
    assert (answer.status_code, answer.json()) == (200, {"taken": True, "first": True})
    stop.refresh_from_db()
    assert (stop.outcome, stop.confirmed_at is not None) == ("done", True)
    assert Passing.objects.filter(customer=anna, change="stopped", confirmed_at__isnull=False).count() == 1


def test_the_address_that_was_told_is_the_one(stop: Delivery, adfields: Server) -> None:
    told = adfields[1].got[-1].data["confirm"]
    assert told.endswith(f"/api/v1/confirmations/{adfields[0].number}")
    assert adfields[1].got[-1].number == stop.number


def test_twice_is_once_and_the_first_answer_counts(stop: Delivery, adfields: Server) -> None:
    confirmed(adfields, stop.number)
    entries = Entry.objects.count()
    for outcome in ("done", "kept"):
        assert confirmed(adfields, stop.number, outcome=outcome, note="x").json() == {"taken": True, "first": False}
    stop.refresh_from_db()
    assert (stop.outcome, Entry.objects.count()) == ("done", entries)


def test_a_replayed_call_changes_nothing(stop: Delivery, adfields: Server) -> None:
    body = json.dumps({"event": stop.number, **DONE}).encode()
    headers = signed(adfields[1].secrets[0], body)
    assert [post(adfields[0], body, headers).json()["first"] for _ in range(3)] == [True, False, False]
    assert Passing.objects.filter(confirmed_at__isnull=False).count() == 1


def test_what_is_kept_says_why(stop: Delivery, adfields: Server) -> None:
    answer = confirmed(adfields, stop.number, outcome="kept")
    assert (code(answer), answer.json()["errors"][0]["field"]) == ((422, "invalid"), "note")
    assert confirmed(adfields, stop.number, outcome="kept", note="Tax law, until 2031.").json()["first"] is True


# ── Forged ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def nothing_happens(stop: Delivery) -> Iterator[None]:
    before = (Entry.objects.count(), list(Passing.objects.values()), list(Delivery.objects.values()))
    yield
    assert (Entry.objects.count(), list(Passing.objects.values()), list(Delivery.objects.values())) == before


def test_without_any_of_its_headers_it_is_not_taken(stop: Delivery, adfields: Server, nothing_happens: None) -> None:
    body = json.dumps({"event": stop.number, **DONE}).encode()
    headers = signed(adfields[1].secrets[0], body)
    for name in headers:
        for other in ({}, {name: ""}, {name: "x"}):
            assert code(post(adfields[0], body, {key: value for key, value in headers.items() if key != name} | other)) == (
                401,
                "not-signed",
            )
    for signature in ("v1,", "v1a,x", "v2" + headers["webhook-signature"][2:], headers["webhook-signature"][3:], "v1,=== v1,x", "ę"):
        assert code(post(adfields[0], body, headers | {"webhook-signature": signature})) == (401, "not-signed")


def test_no_bit_of_it_may_change(stop: Delivery, adfields: Server, nothing_happens: None) -> None:
    body = json.dumps({"event": stop.number, **DONE, "note": "Match list deleted."}).encode()
    headers = signed(adfields[1].secrets[0], body)
    chance = random.Random(7)
    for place in chance.sample(range(len(body) * 8), 120):
        changed = flipped(body, place)
        assert post(adfields[0], changed, headers).status_code in {400, 401, 422}, changed
    signature = base64.b64decode(headers["webhook-signature"][3:])
    for place in range(len(signature) * 8):
        other = "v1," + base64.b64encode(flipped(signature, place)).decode()
        assert code(post(adfields[0], body, headers | {"webhook-signature": other})) == (401, "not-signed")
    stamp = int(headers["webhook-timestamp"])
    for changed_header in ({"webhook-timestamp": str(stamp + 1)}, {"webhook-timestamp": f"0{stamp}"}, {"webhook-id": "msg_2"}):
        assert code(post(adfields[0], body, headers | changed_header)) == (401, "not-signed")


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_the_secret_of_another_endpoint_opens_nothing(
    kingfisher: Any, lumeras: Server, stop: Delivery, adfields: Server, nothing_happens: None
) -> None:
    body = json.dumps({"event": stop.number, **DONE}).encode()
    assert code(post(adfields[0], body, signed(lumeras[1].secrets[0], body))) == (401, "not-signed")
    assert code(post(lumeras[0], body, signed(adfields[1].secrets[0], body))) == (401, "not-signed")
    assert code(post(lumeras[0], body, signed(lumeras[1].secrets[0], body))) == (404, "not-found")  # theirs, and never told of this
    assert code(post(adfields[0], body, signed(adfields[1].secrets[0], body), host=kingfisher.host)) == (401, "not-signed")


@pytest.mark.parametrize("seconds", [-3600, -310, 310, 3600])
def test_neither_long_ago_nor_ahead(stop: Delivery, adfields: Server, nothing_happens: None, seconds: int) -> None:
    body = json.dumps({"event": stop.number, **DONE}).encode()
    headers = signed(adfields[1].secrets[0], body, at=datetime.now(UTC) + timedelta(seconds=seconds))
    assert code(post(adfields[0], body, headers)) == (401, "not-signed")


def test_of_an_event_that_there_is_not(adfields: Server, stop: Delivery, nothing_happens: None) -> None:
    assert code(confirmed(adfields, f"evt_{'0' * 32}")) == (404, "not-found")


@pytest.mark.parametrize(
    "values", [{"event": "x"}, {"outcome": "deleted"}, {"note": "a\nb"}, {"note": "x" * 201}, {"evidence": "x"}, {"a": 1}]
)
def test_what_has_another_form_is_refused(adfields: Server, stop: Delivery, nothing_happens: None, values: Any) -> None:
    assert code(confirmed(adfields, **({"event": stop.number} | values))) == (422, "invalid")


def test_while_a_secret_is_exchanged_both_count(adfields: Server, stop: Delivery) -> None:
    new = actions.rotate_secret(adfields[0], by=BY)
    body = json.dumps({"event": stop.number, **DONE}).encode()
    for secret in (new, adfields[1].secrets[0]):
        assert post(adfields[0], body, signed(secret, body)).status_code == 200
    Endpoint.objects.update(secret_before_until=timezone.now())
    assert code(post(adfields[0], body, signed(adfields[1].secrets[0], body))) == (401, "not-signed")


# ── Deletions ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def deletion(anna: Customer, adfields: Server) -> Item:
    """Adfield has been told that Anna is to be deleted."""
    allow(anna, "ads")
    work()
    request = asked(anna, "delete")
    run_due(timezone.now() + timedelta(hours=72, minutes=1))  # they may think better of it for three days
    work()
    return request.items.get(system="Adfield")


@pytest.mark.parametrize(("outcome", "note"), [("done", ""), ("nothing", ""), ("kept", "Tax law, until 2031.")])
def test_a_deletion_goes_on_when_it_is_confirmed(deletion: Item, adfields: Server, outcome: str, note: str) -> None:
    (told,) = adfields[1].of("deletion.requested")
    assert deletion.outcome == Item.Outcome.OPEN
    assert confirmed(adfields, told.number, outcome=outcome, note=note).json() == {"taken": True, "first": True}
    deletion.refresh_from_db()
    assert deletion.outcome == outcome
    assert confirmed(adfields, told.number, outcome="nothing").json()["first"] is False
    deletion.refresh_from_db()
    assert deletion.outcome == outcome


def test_what_somebody_at_the_desk_has_noted_stays(deletion: Item, adfields: Server) -> None:
    item_done(deletion, Item.Outcome.DONE, by="staff:1", note="They telephoned.")
    (told,) = adfields[1].of("deletion.requested")
    assert confirmed(adfields, told.number, outcome="nothing").json()["taken"] is True
    deletion.refresh_from_db()
    assert (deletion.outcome, deletion.note) == (Item.Outcome.DONE, "They telephoned.")


def test_of_a_request_that_is_forgotten_nothing_is_noted(deletion: Item, adfields: Server) -> None:
    (told,) = adfields[1].of("deletion.requested")
    deletion.delete()
    assert code(confirmed(adfields, told.number))[0] == 409
    assert Delivery.objects.get(number=told.number).confirmed_at is None


def test_a_system_of_the_brands_own_confirms_and_no_row_of_a_company_changes(anna: Customer, crm: Partner) -> None:
    with receiving.a_partner() as server:
        mine = opened(crm, server), server
        allow(anna, "ads")
        deny(anna, "ads")
        work()
        told = Delivery.objects.filter(endpoint=mine[0], kind="choice.changed").latest("pk")
        assert actions.confirm(mine[0], told.number, "done") is True
        assert actions.confirm(mine[0], told.number, "done") is False
    assert not Entry.objects.of(anna.subject).filter(kind="recipient.confirmed").exists()
