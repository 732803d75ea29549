"""The running server against its own description: schemathesis makes the calls, right ones and wrong ones, from whoever may and may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from accounts.actions import tie
from accounts.models import Customer
from brands.models import Brand
from consents.tests.acting import allow
from ledger.proving import prove
from ledger.tests.databases import server_url
from preference_center.tests.servers import Installation
from profiles.models import Moment
from propagation.api.parsing import LARGEST
from propagation.models import Partner
from propagation.tests.conftest import BY, key_of
from propagation.tests.conftest import crm as crm
from propagation.verbs import VERBS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.skipif("config.getoption('--sqlite')", reason="one writer at a time")]
PERSONAL = ("anna", "kowalczyk", "+48600100100", "C-1001")
MODES = {"right": schemathesis.GenerationMode.POSITIVE, "wrong": schemathesis.GenerationMode.NEGATIVE}
PEOPLE = [
    {"email": "anna.kowalczyk@example.com"}, {"id": "C-1001"}, {"phone": "+48600100100"}, {"email": "nobody@example.com"}, {"id": "C-9"},
]  # fmt: skip
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class Running:
    """The web server, as in earnest, on the database of this test."""

    def __init__(self, url: str, host: str) -> None:
        self.url, self.host = url, host
        self.keys: dict[str, str] = {}

    def headers(self, key: str) -> dict[str, str]:
        return {"Host": self.host} | ({"Authorization": f"Bearer {self.keys[key]}"} if key else {})

    def call(self, method: str, path: str, key: str = "", **more: Any) -> requests.Response:
        headers = self.headers(key) | more.pop("headers", {})
        return requests.request(method, f"{self.url}/api/v1{path}", headers=headers, timeout=20, **more)


@pytest.fixture
def running(anna: Customer, crm: Partner, linden: Brand, tmp_path: Path) -> Iterator[Running]:
    tie(brand=linden, value="C-1001", email=PEOPLE[0]["email"], phone="+48600100100", language="en", country="PL", by=BY)
    allow(anna, "ads")
    Moment.objects.create(brand=linden, key="order.placed", names={"en": "An order", "pl": "Zamówienie"})
    prove()
    from django.conf import settings as here

    own = Installation(tmp_path, server_url(connection.settings_dict["NAME"]), {"API_CALLS_PER_MINUTE": "1000000"})
    own.environment |= {"SECRET_KEY": here.SECRET_KEY, "DATA_DIR": str(tmp_path / "data"), "KEYS_DIR": str(here.KEYS_DIR)}
    try:
        web = own.web()
        server = Running(f"http://127.0.0.1:{own.port}", linden.host)
        server.keys = {"everything": key_of(crm)[1], "news": key_of(crm, "decisions:read", purposes=("news",))[1]}
        server.keys |= {verb: key_of(crm, verb)[1] for verb in VERBS}
        yield server
        assert "Traceback" not in web.output
    finally:
        own.stop()


def described(server: Running) -> dict[str, Any]:
    """What it says of itself, with names of uses and people that there are, so that calls come further than the door."""
    found: dict[str, Any] = server.call("GET", "/openapi.json").json()
    for operations in found["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)  # the keys are ours to give
    shapes = found["components"]["schemas"]
    shapes["PersonIn"] = {"enum": PEOPLE}
    for name in ("Check", "DecisionIn", "ChoiceIn"):
        shapes[name]["properties"]["purpose"] = {"enum": ["ads", "news", "recs", "delivery", "nothing"]}
    return found


def attack(server: Running, examples: int, mode: Any, key: str) -> dict[str, set[int]]:
    """Every operation, so many times; by operation, the statuses that it answered."""
    seen: dict[str, set[int]] = {}
    for result in schemathesis.openapi.from_dict(described(server)).get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        _attack(server, operation, examples, mode, key, seen.setdefault(operation.label.replace("/api/v1", ""), set()))
    return seen


def _attack(server: Running, operation: Any, examples: int, mode: Any, key: str, seen: set[int]) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def one(case: Any) -> None:
        case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() not in {"authorization", "host"}}
        response = case.call(base_url=server.url, headers=server.headers(key), timeout=20)
        seen.add(response.status_code)
        kind = response.headers.get("content-type", [""])[0]
        case.validate_response(response, checks=CHECKS[:3] if kind == "application/x-ndjson" else CHECKS)
        if kind == "application/x-ndjson":
            assert all(isinstance(json.loads(line), dict) for line in response.content.splitlines())
        if key in {"", "news"}:
            assert not any(word in response.text for word in PERSONAL)

    try:
        one()
    except Unsatisfiable:
        if mode is MODES["right"]:  # of some operations nothing can be wrong
            raise


PUBLIC = {"GET /events", "GET /events/{kind}.json", "POST /confirmations/{endpoint}"}


def hold(server: Running, examples: int, mode: Any, key: str) -> None:
    """With a key for everything some calls succeed; with one for a use, others' are refused; without one, all but the public ones."""
    for label, statuses in attack(server, examples, mode, key).items():
        if key == "everything":
            assert mode is MODES["wrong"] or label not in TAKEN or 200 in statuses, (label, statuses)
        elif label not in PUBLIC and not (key == "news" and "decisions" in label):
            assert statuses <= {403 if key else 401, 404}, (label, statuses)


TAKEN = {"POST /decisions", "POST /choices", "POST /scopes"}


def test_it_does_as_it_says(running: Running) -> None:
    for mode in MODES.values():
        for key, examples in (("everything", 8), ("news", 4), ("", 2)):
            hold(running, examples, mode, key)


@pytest.mark.long
@pytest.mark.parametrize("key", ["everything", "news", ""])
@pytest.mark.parametrize("mode", MODES)
def test_it_does_as_it_says_for_long(running: Running, mode: str, key: str) -> None:
    hold(running, 300, MODES[mode], key)


# ── No read without its scope ───────────────────────────────────────────────────────────────────────────────────────

ANNA = {"person": PEOPLE[0]}
YES = {"occurred_at": "2026-01-05T10:00:00Z", "evidence": {"wording": "Show me ads.", "source": "checkout"}}
NO_IMPORT = "/imports/00000000-0000-0000-0000-000000000000"
Calls = dict[str, tuple[str, str, dict[str, Any]]]
CALLS: Calls = {
    "decisions:read": ("POST", "/decisions", {"json": {**ANNA, "purpose": "ads"}}),
    "decisions:read many": ("POST", "/decisions/batch", {"json": {"checks": [{**ANNA, "purpose": "ads"}]}}),
    "audiences:read": ("GET", "/audiences/ads?identify=pairwise", {}),
    "changes:read": ("GET", "/changes", {}),
    "people:read": ("POST", "/people/lookup", {"json": ANNA}),
    "people:write": ("POST", "/people", {"json": {"id": "C-1001", **PEOPLE[0]}}),
    "choices:reduce": ("POST", "/choices", {"json": {**ANNA, "purpose": "recs", "decision": "deny"}}),
    "choices:reduce wide": ("POST", "/scopes", {"json": {**ANNA, "scope": "sensitive"}}),
    "choices:raise": ("POST", "/choices", {"json": {**ANNA, "purpose": "ads", "decision": "allow", **YES}}),
    "imports:write": ("POST", "/imports", {"data": "", "headers": {"Content-Type": "text/csv"}}),
    "imports:write state": ("GET", NO_IMPORT, {}),
    "imports:write report": ("GET", f"{NO_IMPORT}/report", {}),
    "imports:write apply": ("POST", f"{NO_IMPORT}/apply", {}),
    "export:read": ("GET", "/export", {}),
    "answers:read": ("GET", "/answers?purpose=recs&id=nobody", {}),
    "events:write": ("POST", "/events", {"json": {**ANNA, "event": "order.placed"}}),
    "prompts:show": ("POST", "/prompts", {"json": {**ANNA, "visit": "a visit to the shop"}}),
}


def test_each_verb_opens_what_is_its_own_and_nothing_else(running: Running) -> None:
    for verb in VERBS:
        for needed, (method, path, more) in CALLS.items():
            answer = running.call(method, path, verb, **dict(more))
            if needed.split()[0] == verb:
                assert answer.status_code in {200, 202, 404}, (verb, needed, answer.text)
                continue
            assert (answer.status_code, answer.json()["code"]) == (403, "not-in-scope"), (verb, needed)
            assert not any(word in answer.text for word in PERSONAL)
    email = running.call("GET", "/audiences/ads?identify=email", "audiences:read")
    assert (email.status_code, email.json()["code"]) == (403, "not-in-scope")


def test_every_operation_is_among_them(running: Running) -> None:
    paths = running.call("GET", "/openapi.json").json()["paths"]
    called = {(method.lower(), urlsplit(path).path) for method, path, _more in CALLS.values()}
    said = {(method, path.removeprefix("/api/v1")) for path, operations in paths.items() for method in operations}
    filled = {(method, path.replace("{purpose}", "ads").replace("/imports/{number}", NO_IMPORT)) for method, path in said}
    assert filled - called == {
        ("get", "/events"), ("get", "/events/{kind}.json"), ("post", "/confirmations/{endpoint}"),
    }  # fmt: skip


# ── On the wire ─────────────────────────────────────────────────────────────────────────────────────────────────────


def pieces(size: int) -> Iterator[bytes]:
    """A body whose length is not said beforehand."""
    for _piece in range(size // 65536):
        yield b"x" * 65536


@pytest.mark.parametrize("key", ["everything", "", "news"])
def test_what_comes_wrong_over_the_wire_is_a_problem(running: Running, key: str) -> None:
    json_type = {"Content-Type": "application/json"}
    for body, kind in (
        (b"{", json_type), (b"", json_type), (b"\xff\xfe", json_type), (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"x" * (LARGEST + 1), json_type), (b"x" * 300_000, {"Content-Type": "text/plain"}), (b"[" * 300_000, json_type),
    ):  # fmt: skip
        answer = running.call("POST", "/decisions", key, data=body, headers=kind)
        assert answer.headers["Content-Type"] == "application/problem+json", (key, body[:9], answer.text[:200])
        assert answer.status_code in ({400, 413, 415, 422} if key else {401})
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        answer = running.call(method, "/decisions", key)
        assert (answer.status_code, answer.json()["code"]) == (405, "not-allowed"), method
    answer = running.call("POST", "/decisions", key, data=pieces(1024 * 1024), headers=json_type)
    assert answer.headers["Content-Type"] == "application/problem+json"
