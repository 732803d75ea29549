"""What goes wrong says so as a problem (RFC 9457), with its own code, and repeats nothing that was sent."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from propagation import actions
from propagation.api import choices, keys
from propagation.api.parsing import LARGEST
from propagation.api.problems import CODES, ProblemOut
from propagation.models import ApiKey, Partner
from propagation.tests.calling import Api
from propagation.tests.choosing import ANNA, problem
from propagation.tests.conftest import BY, Server, key_of

SECRET = "ż-canary-7f3a"  # in everything that is sent here
JSON = "application/json"
CHOICE = {"person": ANNA, "purpose": "ads", "decision": "deny"}


def raw(api: Api, path: str, body: bytes, kind: str = JSON) -> Any:
    return api.client.post(f"/api/v1{path}", body, content_type=kind, headers=api.headers())


def with_key(api: Api, key: str) -> Any:
    return Api(api.client, key).post("/decisions", CHOICE)


def expired(api: Api) -> Any:
    row, key = key_of(Partner.objects.get())
    ApiKey.objects.filter(pk=row.pk).update(made_at=timezone.now() - timedelta(days=2), expires_at=timezone.now())
    return with_key(api, key)


def reused(api: Api) -> Any:
    for purpose in ("ads", "recs"):
        answer = api.post("/choices", CHOICE | {"purpose": purpose}, **{"idempotency-key": "a-1"})
    return answer


def too_often(api: Api) -> Any:
    row, key = key_of(Partner.objects.get())
    keys._full[row.pk] = (0.0, time.monotonic() + 1)
    return with_key(api, key)


def conflicting(api: Api) -> Any:
    for number, email in (("C-1", "a@example.com"), ("C-2", "b@example.com")):
        api.post("/people", {"id": number, "email": email})
    return api.post("/people", {"id": "C-1", "email": "b@example.com"})


CALLS: dict[str, Callable[[Api], Any]] = {
    "malformed": lambda api: raw(api, "/choices", f'{{"person": "{SECRET}'.encode()),
    "no-key": lambda api: api.client.post("/api/v1/decisions", json.dumps({"person": SECRET}), content_type=JSON),
    "bad-key": lambda api: with_key(api, f"pck_{'0' * 12}_{SECRET.encode().hex()}"),
    "not-signed": lambda api: raw(api, "/confirmations/ep_1", b'{"event": "evt_%s", "outcome": "done"}' % (b"0" * 32)),
    "not-in-scope": lambda api: with_key(api, key_of(Partner.objects.get(), "changes:read")[1]),
    "not-found": lambda api: api.get(f"/{SECRET}"),
    "unknown-person": lambda api: api.post("/people/lookup", {"person": {"id": SECRET}}),
    "not-allowed": lambda api: api.client.put("/api/v1/decisions", SECRET, headers=api.headers()),
    "conflict": conflicting,
    "not-yet": lambda api: api.post("/decisions", {"person": ANNA, "purpose": "ads", "min_position": 2**53}),
    "too-large": lambda api: raw(api, "/decisions", b'{"a": "' + b"x" * LARGEST + b'"}'),
    "media-type": lambda api: raw(api, "/choices", SECRET.encode(), "text/plain"),
    "invalid": lambda api: api.post("/choices", {"person": {"email": SECRET}, "purpose": "ads", "decision": SECRET}),
    "unknown-purpose": lambda api: api.post("/choices", CHOICE | {"purpose": "canary-7f3a"}),
    "unknown-event": lambda api: api.post("/events", {"person": ANNA, "event": "canary.7f3a"}),
    "key-reused": reused,
    "too-many": too_often,
}


@pytest.mark.parametrize("code", CALLS)
def test_each_problem_has_its_form_and_its_words(api: Api, anna: Customer, code: str) -> None:
    answer = CALLS[code](api)
    body = answer.json()
    status, title = CODES[code]
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert (body["code"], body["status"], body["title"]) == (code, status, title)
    assert "canary" not in answer.content.decode()
    assert ANNA["email"] not in answer.content.decode()
    jsonschema.validate(body, ProblemOut.model_json_schema())
    words = api.client.get(body["type"].removeprefix(f"http://{api.client.defaults['HTTP_HOST']}"))
    assert (words.status_code, words.content.decode().partition(":")[0]) == (200, f"{status} {code}")


def test_no_other_codes_are_left() -> None:
    # The database is away: preference_center/tests, with a real one. A fault of ours: below.
    assert CODES.keys() - CALLS.keys() == {"away", "broken"}


def test_a_fault_of_ours_allows_nothing_and_says_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*args: object, **values: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(choices, "once", fault)
    answer = api.post("/choices", CHOICE)
    assert problem(answer) == (500, "broken")
    assert SECRET not in answer.content.decode()


def test_an_expired_key_is_none(api: Api, anna: Customer) -> None:
    answer = expired(api)
    assert (answer.json()["code"], answer["WWW-Authenticate"]) == ("bad-key", 'Bearer realm="api"')


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/decisions/", "/people/nobody", "/events/nothing.json", "/imports/1", "/a/b/c"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_address_that_there_is_not_answers_in_json(api: Api, path: str, method: str) -> None:
    answer = getattr(api.client, method)(f"/api/v1{path or '/x'}", headers=api.headers())
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] in {"not-found", "not-allowed", "invalid"}


OPERATIONS = {
    "/decisions": "POST", "/decisions/batch": "POST", "/audiences/ads": "GET", "/choices": "POST", "/scopes": "POST", "/people": "POST",
    "/people/lookup": "POST", "/changes": "GET", "/export": "GET", "/imports": "POST", "/events": "POST, GET", "/answers": "GET",
    "/prompts": "POST", "/confirmations/ep_1": "POST",
    "/imports/00000000-0000-0000-0000-000000000000": "GET", "/imports/00000000-0000-0000-0000-000000000000/apply": "POST",
}  # fmt: skip


@pytest.mark.parametrize("path", OPERATIONS)
def test_another_method_is_not_allowed_and_says_which_is(api: Api, path: str) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - set(OPERATIONS[path].split(", ")):
        answer = api.client.generic(method, f"/api/v1{path}", headers=api.headers())
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
        assert set(answer["Allow"].split(", ")) == set(OPERATIONS[path].split(", "))
        assert answer.json()["code"] == "not-allowed"


@pytest.mark.parametrize(
    "body",
    [
        b" ", b"\xff", b"\xef\xbb\xbf{}", b"{", b"{} {}", b"NaN", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1, "a": 1}', b"[" * 100_000,
        b'{"a": ' * 100_000, b'{"min_position": ' + b"9" * 5000 + b"}", b"{'a': 1}", b'{"a": 1,}', '{"a": 1}'.encode("utf-16"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_malformed(api: Api, linden: Brand, body: bytes) -> None:
    answer = raw(api, "/decisions", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), answer.content


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"a"', b"true"])
def test_an_object_is_asked_for(api: Api, linden: Brand, body: bytes) -> None:
    assert raw(api, "/decisions", body).json()["errors"] == [{"why": "an object is asked for"}]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "text/json"])
@pytest.mark.parametrize("path", ["/decisions", "/choices", "/people", "/imports"])
def test_other_media_types_are_not_read(api: Api, linden: Brand, path: str, kind: str) -> None:
    answer = raw(api, path, json.dumps(CHOICE).encode(), kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type")


def test_json_says_its_charset_if_it_likes(api: Api, anna: Customer) -> None:
    assert raw(api, "/choices", json.dumps(CHOICE).encode(), "application/json; charset=utf-8").status_code == 200


def test_the_names_of_fields_are_repeated_and_nothing_of_their_values(api: Api, linden: Brand, adfields: Server) -> None:
    checks = [{"person": {"email": SECRET}, "purpose": SECRET, "channel": SECRET, "min_position": SECRET}] * 200
    for path, body in (
        ("/decisions/batch", {"checks": checks}),
        ("/people", dict.fromkeys(("id", "email", "language", "country"), SECRET)),
        ("/choices", dict.fromkeys(("person", "purpose", "decision", "occurred_at", "evidence"), SECRET)),
    ):
        answer = api.post(path, body)
        assert answer.status_code == 422
        assert len(answer.json()["errors"]) <= 100
        assert "canary" not in answer.content.decode()
    for query in ({"after": SECRET, "limit": SECRET}, {"identify": SECRET, "topic": SECRET, "channel": SECRET}):
        for path in ("/changes", "/audiences/ads", f"/audiences/{SECRET}", f"/imports/{SECRET}"):
            assert "canary" not in api.get(path, **query).content.decode()


def test_a_closed_partner_and_an_unused_host_say_no_more(api: Api, linden: Brand) -> None:
    actions.revoke_key(ApiKey.objects.get(), by=BY)
    answers = [api.post("/decisions", CHOICE), Api(Client(headers={"host": linden.host}), "x" * 1000).post("/decisions", CHOICE)]
    assert answers[0].content == answers[1].content


def test_the_largest_batch_is_read(api: Api, anna: Customer) -> None:
    """Ten thousand checks are far larger than any form may be."""
    checks = [{"person": {"email": f"{'x' * 40}{number}@example.com"}, "purpose": "ads", "channel": ""} for number in range(10_000)]
    assert len(json.dumps({"checks": checks})) > 1024 * 1024
    *lines, end = api.lines("/decisions/batch", {"checks": checks})
    assert end["count"] == len(lines) == 10_000
    more = api.post("/decisions/batch", {"checks": [*checks, checks[0]]})
    assert (more.status_code, more.json()["code"]) == (422, "invalid")
