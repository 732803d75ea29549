"""The door for bounces and complaints: only with a signature, and only ever to mail less."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.dispatch import Signal
from django.test import Client
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents.models import Choice
from consents.tests.acting import allow
from ledger.models import Entry
from notifications import hooks
from notifications.models import Message, Undeliverable
from notifications.tests.making import fresh, message

KEY = "whsec_" + base64.b64encode(b"a key of the tests, long enough").decode()
OTHER = "whsec_" + base64.b64encode(b"another key of the tests").decode()
PATH = "/hooks/mail/"


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.MAIL_HOOK_KEYS = [KEY, OTHER]


@pytest.fixture
def one(anna: Customer) -> Message:
    now = timezone.now()
    return message(anna, state="sent", sent_at=now, started_at=now, message_id="0123456789abcdef@linden.localhost")


def signature(body: bytes, key: str = KEY, identity: str = "msg_1", stamp: str = "") -> dict[str, str]:
    stamp = stamp or str(int(time.time()))
    secret = base64.b64decode(key.removeprefix("whsec_")) if key.startswith("whsec_") else key.encode()
    signed = hmac.digest(secret, f"{identity}.{stamp}.".encode() + body, hashlib.sha256)
    return {"webhook-id": identity, "webhook-timestamp": stamp, "webhook-signature": f"v1,{base64.b64encode(signed).decode()}"}


def call(one: Message, body: Any, headers: dict[str, str] | None = None) -> int:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = signature(content) if headers is None else headers
    client = Client(headers={"host": one.brand.host} | given, enforce_csrf_checks=True, raise_request_exception=False)
    return client.post(PATH, content, content_type="application/json").status_code


def events(one: Message, **more: Any) -> dict[str, Any]:
    return {"events": [{"type": "bounce", "message_id": one.message_id, "hard": True, "answer": "550"} | more]}


# ── Who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_signed_bounce_is_taken(one: Message) -> None:
    assert call(one, events(one)) == 204
    assert (fresh(one).state, fresh(one).answer) == ("bounced", "550")
    assert Undeliverable.objects.get().reason == "hard"


@pytest.mark.parametrize("key", [KEY, OTHER])
def test_each_of_several_keys_opens(one: Message, key: str) -> None:
    body = json.dumps(events(one)).encode()
    assert call(one, body, signature(body, key)) == 204


def test_one_of_several_signatures_is_enough(one: Message) -> None:
    body = json.dumps(events(one)).encode()
    headers = signature(body)
    headers["webhook-signature"] = f"v1a,abc v1,{'A' * 43}= {headers['webhook-signature']} nonsense"
    assert call(one, body, headers) == 204


def test_a_key_that_is_no_base64_is_taken_as_it_stands(one: Message, settings: Any) -> None:
    settings.MAIL_HOOK_KEYS = ["not base64!"]
    body = json.dumps(events(one)).encode()
    assert call(one, body, signature(body, "not base64!")) == 204


def test_without_keys_nobody_is_believed(one: Message, settings: Any) -> None:
    settings.MAIL_HOOK_KEYS = []
    assert call(one, events(one)) == 401


HARMS = {
    "nothing": lambda good: {},
    "another key": lambda good: good | signature(b"{}", "whsec_" + base64.b64encode(b"x" * 24).decode()),
    "another body": lambda good: good | {"webhook-signature": signature(b"{}")["webhook-signature"]},
    "another id": lambda good: good | {"webhook-id": "msg_2"},
    "no signature": lambda good: good | {"webhook-signature": ""},
    "another version": lambda good: good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")},
    "half a signature": lambda good: good | {"webhook-signature": good["webhook-signature"][:20]},
    "another time": lambda good: good | {"webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)},
    "no time": lambda good: good | {"webhook-timestamp": ""},
    "a word for a time": lambda good: good | {"webhook-timestamp": "today"},
    "a time below": lambda good: good | {"webhook-timestamp": "-5"},
    "a time of 5,000 digits": lambda good: good | {"webhook-timestamp": "9" * 5000},
    "digits of another script": lambda good: good | {"webhook-timestamp": "\u0661\u0662"},
}


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_not_signed_changes_nothing(one: Message, harm: str) -> None:
    body = json.dumps(events(one)).encode()
    assert call(one, body, HARMS[harm](signature(body))) == 401
    assert fresh(one).state == "sent"
    assert not Undeliverable.objects.exists()


@pytest.mark.parametrize(("ago", "status"), [(290, 204), (310, 401), (-290, 204), (-310, 401)])
def test_an_old_call_and_one_of_the_future_are_refused(one: Message, ago: int, status: int) -> None:
    body = json.dumps(events(one)).encode()
    assert call(one, body, signature(body, stamp=str(int(time.time()) - ago))) == status


def test_the_same_call_again_changes_nothing_more(one: Message) -> None:
    body = json.dumps(events(one)).encode()
    headers = signature(body)
    assert call(one, body, headers) == 204
    before = (list(Message.objects.values()), Undeliverable.objects.count())
    assert call(one, body, headers) == 204
    assert (list(Message.objects.values()), Undeliverable.objects.count()) == before


def test_it_is_a_door_for_posts_alone(one: Message) -> None:
    assert Client(headers={"host": one.brand.host}).get(PATH).status_code == 405


# ── What is taken ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"\xff\xfe", b"[]", b'"events"', b"null", b"{}", b'{"events": 5}', b'{"events": {}}', b'{"events": ["bounce"]}'],
)
def test_what_is_no_list_of_events_is_refused(one: Message, body: bytes) -> None:
    assert call(one, body) == 400


def test_more_events_than_one_call_may_hold_are_refused(one: Message) -> None:
    assert call(one, {"events": [{}] * 1001}) == 400
    assert call(one, {"events": [{}] * 1000}) == 204


@pytest.mark.parametrize("name", ["", "nobody@linden.localhost", None, 5, [], "<>"])
def test_a_message_that_is_not_ours_is_passed_over(one: Message, name: Any) -> None:
    message(one.customer)  # not sent yet: it has no Message-ID
    body = events(one, message_id=name)
    body["events"].append({"type": "bounce", "message_id": f"<{one.message_id}>", "hard": False})
    assert call(one, body) == 204
    assert fresh(one).state == "bounced"
    assert Message.objects.filter(state="queued").count() == 1
    assert not Undeliverable.objects.exists()


def test_a_message_of_another_brand_is_not_ours_at_this_host(one: Message, kingfisher: Brand) -> None:
    body = json.dumps(events(one)).encode()
    client = Client(headers={"host": kingfisher.host} | signature(body))
    assert client.post(PATH, body, content_type="application/json").status_code == 204
    assert fresh(one).state == "sent"
    assert not Undeliverable.objects.exists()


def test_a_name_with_a_zero_byte_is_no_fault(one: Message) -> None:
    assert call(one, events(one, message_id="\0")) == 204
    assert fresh(one).state == "sent"


@pytest.mark.parametrize("kind", ["delivered", "opened", "", None, 7])
def test_any_other_event_changes_nothing(one: Message, kind: Any) -> None:
    before = list(Message.objects.values())
    assert call(one, events(one, type=kind)) == 204
    assert list(Message.objects.values()) == before


@pytest.mark.parametrize("hard", ["true", 1, None, "hard"])
def test_a_bounce_is_hard_only_where_it_is_said_in_so_many_words(one: Message, hard: Any) -> None:
    assert call(one, events(one, hard=hard, answer="x" * 999)) == 204
    assert (fresh(one).state, fresh(one).answer) == ("bounced", "")
    assert not Undeliverable.objects.exists()


@pytest.mark.parametrize("kind", ["bounce", "complaint"])
def test_it_only_reduces_mailing_and_changes_no_consent(one: Message, kind: str) -> None:
    allow(one.customer, "recs")
    choices, entries = list(Choice.objects.values()), Entry.objects.count()
    assert call(one, events(one, type=kind)) == 204
    assert (list(Choice.objects.values()), Entry.objects.count()) == (choices, entries)
    assert Undeliverable.objects.get().reason == {"bounce": "hard", "complaint": "complaint"}[kind]


# ── django-anymail ──────────────────────────────────────────────────────────────────────────────────────────────────


def event(one: Message, kind: str, **more: Any) -> Any:
    values = {"event_type": kind, "message_id": one.message_id, "reject_reason": "bounced", "mta_response": "550 no", "metadata": {}}
    return SimpleNamespace(**values | more)


@pytest.mark.parametrize(
    ("kind", "reason", "state", "hard"),
    [
        ("bounced", "bounced", "bounced", True), ("rejected", "invalid", "bounced", True), ("bounced", "other", "bounced", False),
        ("bounced", None, "bounced", False), ("complained", "spam", "sent", False), ("opened", None, "sent", False),
        ("delivered", None, "sent", False),
    ],
)  # fmt: skip
def test_what_an_email_service_tells_counts_the_same(one: Message, kind: str, reason: str | None, state: str, hard: bool) -> None:
    hooks.from_anymail(None, event(one, kind, reject_reason=reason), "Mailgun", signal=None)
    assert fresh(one).state == state
    assert [each.reason for each in Undeliverable.objects.all()] == (["hard"] if hard else ["complaint"] if kind == "complained" else [])


def test_what_an_email_service_tells_without_a_name_or_an_answer_is_no_fault(one: Message) -> None:
    hooks.from_anymail(None, event(one, "bounced", message_id=None), "Mailgun")
    assert fresh(one).state == "sent"
    hooks.from_anymail(None, event(one, "bounced", mta_response=None), "Mailgun")
    assert (fresh(one).state, fresh(one).answer) == ("bounced", "")


def test_where_the_library_is_there_its_signal_is_heard_once(one: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    signals: Any = ModuleType("anymail.signals")
    signals.tracking = Signal()
    monkeypatch.setitem(sys.modules, "anymail", ModuleType("anymail"))
    monkeypatch.setitem(sys.modules, "anymail.signals", signals)
    hooks.connect_anymail()
    hooks.connect_anymail()
    assert len(signals.tracking.receivers) == 1
    signals.tracking.send(sender=None, event=event(one, "bounced"), esp_name="Postmark")
    assert fresh(one).state == "bounced"


def test_where_it_is_not_there_nothing_is_asked_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anymail", None)
    monkeypatch.setitem(sys.modules, "anymail.signals", None)
    hooks.connect_anymail()
