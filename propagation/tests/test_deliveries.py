"""Retries, order, rotation, gone endpoints, and addresses that lead inside."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import jsonschema
import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.models import Customer
from consents.tests.acting import allow, deny
from ledger.proving import prove
from propagation import actions
from propagation.models import Delivery, Endpoint, Partner
from propagation.states import State
from propagation.tests.conftest import BY, Server, opened, work
from propagation.tests.receiving import Got, a_partner, say
from propagation.webhooks import guard, sending
from propagation.webhooks.events import EVENTS, schema
from propagation.webhooks.guard import Refused, resolve
from propagation.webhooks.secrets import secrets_of


def after(endpoint: Endpoint, **more: float) -> int:
    return sending.deliver_all(timezone.now() + timedelta(**more))


def test_what_fails_is_tried_again_later_and_later(anna: Customer, adfields: Server) -> None:
    endpoint, server = adfields
    server.answer = 500
    allow(anna, "ads")
    assert work() == 0
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.answer, delivery.attempts) == (State.QUEUED, "500", 1)
    assert work() == 0
    assert server.calls == 1  # not before its time
    assert after(endpoint, seconds=6) == 0
    assert server.calls == 2
    server.answer = 204
    assert after(endpoint, minutes=6) == 1
    assert Endpoint.objects.get().failures == 0
    assert server.taken() == [delivery.number]


@pytest.mark.parametrize("answer", [199 + 101, 301, 302, 307, 400, 404, 429, 503])
def test_only_2xx_is_taken(anna: Customer, adfields: Server, answer: int) -> None:
    endpoint, server = adfields
    server.answer = answer
    allow(anna, "ads")
    assert work() == 0
    assert Delivery.objects.get().answer == str(answer)


def test_a_redirect_is_not_followed(anna: Customer, adfields: Server) -> None:
    endpoint, server = adfields
    with a_partner() as other:
        server.answer = lambda handler, got: say(handler, 302, location=other.url)
        allow(anna, "ads")
        assert work() == 0
        assert other.calls == 0


def test_410_closes_and_a_replay_opens(anna: Customer, adfields: Server) -> None:
    endpoint, server = adfields
    server.answer = 410
    allow(anna, "ads")
    assert work() == 0
    endpoint.refresh_from_db()
    assert endpoint.closed_why == Endpoint.Closed.GONE
    deny(anna, "ads")
    assert work() == 0
    assert server.calls == 1
    server.answer = 204
    assert actions.replay(endpoint, by=BY) == 2
    assert work() == 2
    assert [each.data["change"] for each in server.got] == ["started", "stopped"]


def test_one_persons_events_keep_their_order_and_a_no_goes_first(
    anna: Customer, carol: Customer, adfields: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 1)  # several at once would arrive as the network likes
    endpoint, server = adfields
    allow(anna, "ads")
    work()
    server.got.clear()
    server.answer = 500
    allow(carol, "ads")
    prove()
    deny(anna, "ads")
    allow(anna, "ads")
    prove()
    server.answer = 204
    work()
    numbers = [(each.data["person"]["pairwise"], each.data["change"]) for each in server.got]
    assert numbers[0][1] == "stopped"  # Anna's no overtakes Carol's yes
    assert [change for person, change in numbers if person == numbers[0][0]] == ["stopped", "started"]


def test_a_partner_who_hangs_holds_up_nobody(anna: Customer, adfields: Server, lumeras: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "READ", 2.0)
    let_go = threading.Event()

    def hang(handler: BaseHTTPRequestHandler, got: Got) -> None:
        let_go.wait(3)

    adfields[1].answer = hang
    allow(anna, "ads")
    prove()
    begun = time.monotonic()
    taken = lumeras[1]
    watcher: list[float] = []

    def watch() -> None:
        while not taken.got and time.monotonic() - begun < 5:
            time.sleep(0.01)
        watcher.append(time.monotonic() - begun)
        let_go.set()

    working = threading.Thread(target=watch)
    working.start()
    sending.deliver_all()
    working.join()
    assert taken.got
    assert watcher[0] < 1.5


def test_a_dripped_answer_is_cut_off(anna: Customer, adfields: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "AT_LONGEST", 0.5)

    def drip(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            for _unused in range(100):
                handler.wfile.write(b"X: y\r\n")
                time.sleep(0.1)
        except OSError:
            pass

    adfields[1].answer = drip
    allow(anna, "ads")
    begun = time.monotonic()
    assert work() == 0
    assert time.monotonic() - begun < 5
    assert Delivery.objects.get().state == State.QUEUED


def test_an_answer_without_end_is_not_read(anna: Customer, adfields: Server) -> None:
    def flood(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.send_response(200)
        handler.send_header("content-length", str(2**40))
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            pass

    adfields[1].answer = flood
    allow(anna, "ads")
    assert work() == 1


# ── Six days away ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_three_days_it_is_closed_and_nothing_is_lost(anna: Customer, adfields: Server, lumeras: Server) -> None:
    endpoint, server = adfields
    server.answer = 500
    start = timezone.now()
    for day in range(6):
        (allow if day % 2 == 0 else deny)(anna, "ads")
        prove()
        for hour in (0, 6, 12, 18):
            sending.deliver_all(start + timedelta(days=day, hours=hour))
    endpoint.refresh_from_db()
    assert endpoint.closed_why == Endpoint.Closed.DOWN
    assert len(lumeras[1].got) == 6
    server.answer = 204
    assert actions.replay(endpoint, by=BY) == 6
    assert sending.deliver_all(start + timedelta(days=6)) == 6
    assert [each.data["change"] for each in server.got] == ["started", "stopped"] * 3
    assert [each.data["position"] for each in server.got] == sorted(each.data["position"] for each in server.got)


# ── Secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_both_secrets_sign_while_one_takes_the_place_of_the_other(anna: Customer, adfields: Server) -> None:
    endpoint, server = adfields
    old = server.secrets[0]
    new = actions.rotate_secret(endpoint, by=BY)
    allow(anna, "ads")
    assert work() == 1
    (got,) = server.got
    assert len(got.headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        Webhook(secret).verify(got.raw, got.headers)
    assert secrets_of(endpoint, timezone.now() + timedelta(days=3)) == [new]


def test_every_event_fits_its_schema(anna: Customer, crm: Partner) -> None:
    with a_partner() as server:
        endpoint = opened(crm, server, full=True)
        allow(anna, "ads")
        deny(anna, "ads")
        actions.test_endpoint(endpoint, by=BY)
        work()
        schemas = {event.type: schema(event) for event in EVENTS}
        assert {each.body["type"] for each in server.got} == {"choice.changed", "endpoint.tested"}
        for got in server.got:
            jsonschema.validate(got.body, schemas[got.body["type"]])
    for each in schemas.values():
        jsonschema.Draft202012Validator.check_schema(each)


# ── Where it may go ─────────────────────────────────────────────────────────────────────────────────────────────────

INSIDE = (
    "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.1/", "https://192.168.1.1/", "https://172.16.0.1/",
    "https://169.254.169.254/latest/meta-data", "https://[::ffff:169.254.169.254]/", "https://[::ffff:127.0.0.1]/", "https://0x7f.1/",
    "https://2130706433/", "https://0/", "https://100.64.0.1/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/", "https://224.0.0.1/", "https://0.0.0.0/", "https://255.255.255.255/", "https://198.18.0.1/",
)  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_nothing_leads_inside(url: str, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises((Refused, OSError)):
        resolve(url)


@pytest.mark.parametrize(
    "url", ["http://93.184.216.34/", "https://93.184.216.34:22/", "https://user@93.184.216.34/", "ftp://93.184.216.34/", "https:///x", "x",
            "https://93.184.216.34/#a", "https://93.184.216.34/ a", "https://exämple.com/", "https://[::1", "https://93.184.216.34:99999/"],
)  # fmt: skip
def test_no_other_form_of_address(url: str, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(Refused):
        resolve(url)


def test_an_open_address_is_taken(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    assert resolve("https://93.184.216.34/hook?a=b").path == "/hook?a=b"


def test_a_name_that_answers_otherwise_the_second_time_gets_no_call(
    anna: Customer, adfields: Server, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number that was looked at is the one that is called: nothing asks the name again."""
    settings.WEBHOOK_NETWORKS = []
    endpoint, server = adfields
    Endpoint.objects.update(url="https://rebinding.example:8443/hook")
    asked: list[str] = []

    def flipping(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        asked.append(host)
        ip = "93.184.216.34" if host == "rebinding.example" and asked.count(host) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    called: list[Any] = []

    def connect(address: Any, timeout: float) -> socket.socket:
        called.append(address)
        raise OSError("not from here")

    monkeypatch.setattr(socket, "getaddrinfo", flipping)
    monkeypatch.setattr(socket, "create_connection", connect)
    target = resolve("https://rebinding.example:8443/hook")
    assert target.ip == "93.184.216.34"
    with pytest.raises(Refused):
        resolve("https://rebinding.example:8443/hook")
    with pytest.raises(OSError, match="not from here"):
        guard._Pinned(target).connect()
    assert called == [("93.184.216.34", 8443)]


def test_an_endpoint_that_leads_inside_is_never_called(anna: Customer, adfields: Server, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    endpoint, server = adfields
    allow(anna, "ads")
    assert work() == 0
    assert server.calls == 0
    assert Delivery.objects.get().answer == "a private address"
