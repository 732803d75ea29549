# mypy: disable-error-code="import-not-found"
"""Deliveries: what the center signed comes through, and not a bit of anything else."""

from __future__ import annotations

import base64
import json
import os
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from preference_center_client import Event, NotGenuine, Problem, Receiver, Seen, Unreachable, by_pairwise
from standardwebhooks import Webhook, WebhookVerificationError

SECRET, OTHER = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
DATA = {"position": 123, "person": {"pairwise": "0" * 32}, "purpose": "ads", "channel": "", "change": "stopped", "confirm_by": None}
BODY = json.dumps({"type": "choice.changed", "timestamp": "2026-11-02T09:15:00.000000Z", "data": DATA}).encode()
NAMES = ["webhook-id", "webhook-timestamp", "webhook-signature"]


def signed(body: bytes = BODY, secret: str = SECRET, number: str = "evt_1", age: int = 0) -> dict[str, str]:
    """By the reference library of Standard Webhooks."""
    made = int(time.time()) - age
    signature = Webhook(secret).sign(number, datetime.fromtimestamp(made, UTC), body.decode())
    return {"webhook-id": number, "webhook-timestamp": str(made), "webhook-signature": signature}


@pytest.fixture
def receiver() -> Receiver:
    return Receiver(SECRET)


def test_it_takes_what_the_reference_library_signed(receiver: Receiver):
    event = receiver.verify(signed(), BODY)
    assert (event.id, event.type, event.position, event.person) == ("evt_1", "choice.changed", 123, by_pairwise("0" * 32))
    assert event.timestamp == datetime(2026, 11, 2, 9, 15, tzinfo=UTC)
    assert event.confirm == ""
    assert "0" * 32 not in repr(event)


def test_the_names_of_headers_have_no_case(receiver: Receiver):
    assert receiver.verify({name.title(): value for name, value in signed().items()}, BODY).id == "evt_1"
    assert receiver.verify(list(signed().items()), BODY).id == "evt_1"


def flips(data: bytes) -> list[bytes]:
    """Every change of a single bit."""
    return [data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :] for place in range(len(data)) for bit in range(8)]


def test_every_single_bit_counts(receiver: Receiver):
    headers, refused = signed(), 0
    began = time.monotonic()
    changed = [(headers, body) for body in flips(BODY)]
    changed += [(headers | {name: value.decode("latin-1")}, BODY) for name in NAMES for value in flips(headers[name].encode())]
    for with_headers, body in changed:
        with pytest.raises(NotGenuine):
            receiver.verify(with_headers, body)
        refused += 1
    assert refused == 8 * (len(BODY) + sum(map(len, headers.values())))
    assert time.monotonic() - began < 5
    assert receiver.verify(headers, BODY).id == "evt_1"


@pytest.mark.parametrize("name", NAMES)
def test_a_header_is_there_once(receiver: Receiver, name: str):
    headers = signed()
    with pytest.raises(NotGenuine, match=name):
        receiver.verify({each: value for each, value in headers.items() if each != name}, BODY)
    with pytest.raises(NotGenuine, match=name):
        receiver.verify([*headers.items(), (name.upper(), headers[name])], BODY)
    with pytest.raises(NotGenuine, match=name):
        receiver.verify(headers | {name.upper(): headers[name]}, BODY)
    with pytest.raises(NotGenuine):
        receiver.verify(headers | {name: f"{headers[name]},{headers[name]}"}, BODY)  # as a proxy joins two


@pytest.mark.parametrize("junk", ["", " ", "ą", "\ud800", "\0", "a\nb", "x" * 5000, "²", "1e9", "-5", "0x10", None, b"v1", 7])
@pytest.mark.parametrize("name", NAMES)
def test_junk_is_refused(receiver: Receiver, name: str, junk: Any):
    with pytest.raises(NotGenuine):
        receiver.verify(signed() | {name: junk}, BODY)


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(), st.text()), st.binary())
def test_whatever_comes_it_refuses_and_does_not_break(headers: Any, body: bytes):
    with pytest.raises(NotGenuine):
        Receiver([SECRET, OTHER]).verify(headers, body)


@pytest.mark.parametrize(("age", "genuine"), [(0, True), (295, True), (-295, True), (302, False), (-302, False), (10**9, False)])
def test_a_delivery_is_of_this_time(receiver: Receiver, age: int, genuine: bool):
    if genuine:
        assert receiver.verify(signed(age=age), BODY).id == "evt_1"
    else:
        with pytest.raises(NotGenuine, match="time"):
            receiver.verify(signed(age=age), BODY)


def test_a_shorter_tolerance_is_kept():
    with pytest.raises(NotGenuine):
        Receiver(SECRET, tolerance=10).verify(signed(age=15), BODY)


@pytest.mark.parametrize("made", ["01", "+5", "1_0", " 5"])
def test_a_time_has_one_spelling(receiver: Receiver, made: str):
    headers = signed()
    with pytest.raises(NotGenuine):
        receiver.verify(headers | {"webhook-timestamp": made[0] + headers["webhook-timestamp"]}, BODY)


# ── Several secrets, several signatures ─────────────────────────────────────────────────────────────────────────────


def test_one_of_several_signatures_is_enough(receiver: Receiver):
    mine, other = signed(), signed(secret=OTHER)
    for joined in ([mine, other], [other, mine]):
        assert receiver.verify(mine | {"webhook-signature": " ".join(each["webhook-signature"] for each in joined)}, BODY).id == "evt_1"


def test_one_of_several_secrets_is_enough():
    for secrets in ([SECRET, OTHER], [OTHER, SECRET]):
        assert Receiver(secrets).verify(signed(), BODY).id == "evt_1"
    with pytest.raises(NotGenuine, match="signature"):
        Receiver([OTHER]).verify(signed(), BODY)


@pytest.mark.parametrize(
    "change", [lambda it: it.replace("v1,", "v2,"), lambda it: it[3:], lambda it: it + ",", lambda it: "v1," + it, str.lower]
)
def test_another_kind_of_signature_is_none(receiver: Receiver, change: Any):
    headers = signed()
    with pytest.raises(NotGenuine):
        receiver.verify(headers | {"webhook-signature": change(headers["webhook-signature"])}, BODY)


@pytest.mark.parametrize(
    "secrets", ["", [], "whsec_", "secret", SECRET[6:], "whsec_" + base64.b64encode(b"short").decode(), "whsec_%%%", [SECRET, ""]]
)
def test_a_secret_is_one_and_is_not_shown(secrets: Any):
    with pytest.raises(ValueError, match=r"\A(a secret is whsec_ and 24|a receiver needs a secret)"):
        Receiver(secrets)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"type": 1}', b"[" * 10_000, BODY.replace(b"2026-11-02", b"soon")])
def test_what_is_signed_and_no_event_is_refused(receiver: Receiver, body: bytes):
    with pytest.raises(NotGenuine, match="not an event"):
        receiver.verify(signed(body), body)


def test_a_type_of_a_later_version_comes_through(receiver: Receiver):
    body = BODY.replace(b"choice.changed", b"something.new")
    assert receiver.verify(signed(body), body).type == "something.new"


def test_a_body_is_bytes(receiver: Any):
    with pytest.raises(TypeError, match="bytes"):
        receiver.verify(signed(), BODY.decode())


# ── Confirming ──────────────────────────────────────────────────────────────────────────────────────────────────────


def event_of(server: Any) -> Event:
    return Event("evt_1", "choice.changed", datetime.now(UTC), DATA | {"confirm": f"{server.origin}/api/v1/confirmations/e1"})


def test_the_reference_library_takes_what_is_confirmed(server: Any):
    server.will(server.problem(503, "later"), server.json({"taken": True}))
    Receiver([SECRET, OTHER]).confirm(event_of(server), "kept", note="an invoice", evidence="0" * 64)
    first, again = server.asked
    assert again.path == "/api/v1/confirmations/e1"
    for secret in (SECRET, OTHER):
        said = Webhook(secret).verify(again.body, again.headers)
        assert said == {"event": "evt_1", "outcome": "kept", "note": "an invoice", "evidence": "0" * 64}
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(os.urandom(32)).decode()).verify(again.body, again.headers)
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert "authorization" not in again.headers


def test_each_confirmation_has_a_number_of_its_own(server: Any, receiver: Receiver):
    server.will(server.json({"taken": True}))
    receiver.confirm(event_of(server))
    receiver.confirm(event_of(server), "nothing")
    assert server.asked[0].headers["webhook-id"] != server.asked[1].headers["webhook-id"]
    assert server.asked[0].json == {"event": "evt_1", "outcome": "done"}


def test_a_confirmation_that_is_not_taken_raises(server: Any):
    receiver = Receiver(SECRET, timeout=(0.2, 0.2), retries=1)
    for answer in (server.json({"taken": False}), server.json({}), server.hangs(), server.body(200, b"ok")):
        server.will(answer)
        with pytest.raises(Unreachable):
            receiver.confirm(event_of(server))
    for status in (302, 401, 404):
        server.will(server.problem(status, "no-such"))
        with pytest.raises(Problem):
            receiver.confirm(event_of(server))


@pytest.mark.parametrize("url", [None, "", "http://center.example/a", "file:///etc/passwd", 7])
def test_it_confirms_to_a_safe_address(receiver: Receiver, url: Any):
    with pytest.raises(ValueError, match=r"center|confirmation"):
        receiver.confirm(Event("evt_1", "choice.changed", datetime.now(UTC), {"confirm": url}))


@pytest.mark.parametrize("how", [{"outcome": "perhaps"}, {"evidence": "0" * 63}, {"evidence": "G" * 64}])
def test_a_confirmation_says_what_the_contract_knows(server: Any, receiver: Receiver, how: Any):
    with pytest.raises(ValueError, match="outcome"):
        receiver.confirm(event_of(server), **how)
    assert server.asked == []


# ── Seen ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_remembers_the_last_ones():
    seen = Seen(most=2)
    assert [seen.first(number) for number in ("a", "a", "b", "c", "b", "a")] == [True, False, True, True, False, True]
    seen.forget("a")
    seen.forget("never")
    assert seen.first("a")
    with pytest.raises(ValueError, match="one"):
        Seen(0)
