"""The same call twice is once, however it is repeated; what failed was not done; and no bound on calls holds up a no."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents.models import Choice
from consents.tests.acting import count, state
from consents.tests.test_no_entry_no_effect import breaks
from ledger.models import Entry
from propagation.api import keys
from propagation.models import ApiKey, IdempotentAnswer, KeyUse, Partner
from propagation.tests.calling import Api
from propagation.tests.choosing import ANNA, EVIDENCE, LONG_AGO, problem, yes
from propagation.tests.conftest import key_of

DENY = {"person": ANNA, "purpose": "ads", "decision": "deny"}
ALLOW = DENY | {"decision": "allow", "occurred_at": LONG_AGO, "evidence": EVIDENCE}


def once(api: Api, body: Any = DENY, path: str = "/choices", name: str = "a-1") -> Any:
    return api.post(path, body, **{"idempotency-key": name})


@pytest.mark.parametrize(
    ("path", "body"),
    [("/choices", DENY), ("/choices", ALLOW), ("/scopes", {"person": ANNA, "scope": "sale"}), ("/people", {"id": "C-1", **ANNA})],
)
def test_the_same_call_has_the_same_answer_and_one_entry(api: Api, anna: Customer, path: str, body: Any) -> None:
    first = once(api, body, path)
    entries = Entry.objects.count()
    assert first.status_code == 200
    for _again in range(3):
        again = once(api, body, path)
        assert (again.status_code, again.json(), again["Content-Type"]) == (200, first.json(), "application/json")
    assert Entry.objects.count() == entries


def test_it_is_the_same_answer_even_when_it_would_be_another_now(api: Api, anna: Customer) -> None:
    first = once(api)
    yes(api, ANNA, occurred_at=timezone.now().isoformat())
    assert once(api).json() == first.json()
    assert state(anna, "ads") == "granted"  # repeated, and not done anew


def test_the_same_name_for_another_call_is_refused(api: Api, anna: Customer) -> None:
    once(api)
    before = count(anna)
    assert problem(once(api, DENY | {"purpose": "recs"})) == (422, "key-reused")
    assert problem(once(api, {"person": ANNA, "scope": "sale"}, "/scopes")) == (422, "key-reused")
    assert count(anna) == before


def test_a_name_belongs_to_its_key(api: Api, crm: Partner, anna: Customer) -> None:
    once(api)
    other = Api(Client(headers={"host": crm.brand.host}), key_of(crm)[1])
    assert once(other, DENY | {"purpose": "recs"}).json()["result"] == "saved"


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 81, "ę", "\x7f"])
def test_a_name_is_visible_ascii(api: Api, anna: Customer, name: str) -> None:
    assert problem(once(api, name=name)) == (422, "invalid")


def test_what_failed_may_be_called_again(api: Api, anna: Customer) -> None:
    stranger = {"person": {"id": "C-1"}, "purpose": "ads", "decision": "deny"}
    assert problem(once(api, stranger)) == (404, "unknown-person")
    assert not IdempotentAnswer.objects.exists()
    api.post("/people", {"id": "C-1", **ANNA})
    assert once(api, stranger).json()["result"] == "saved"


@pytest.mark.parametrize("name", [None, "a-1"])
@pytest.mark.parametrize(
    ("path", "body"),
    [("/choices", DENY), ("/choices", ALLOW), ("/choices", ALLOW | {"evidence": None}), ("/scopes", {"person": ANNA, "scope": "sale"}),
     ("/people", {"id": "C-1", **ANNA})],
)  # fmt: skip
def test_if_the_entry_fails_nothing_is_written(api: Api, anna: Customer, path: str, body: Any, name: str | None) -> None:
    breaks(anna)
    before = everything(anna)
    api.client.raise_request_exception = False
    response = api.post(path, body, **({"idempotency-key": name} if name else {}))
    assert response.status_code == 500
    assert everything(anna) == before


def everything(customer: Customer) -> Any:
    customer = Customer.objects.get(pk=customer.pk)
    return (
        count(customer), list(Choice.objects.values()), customer.sale_stopped_seq, customer.external_ids.count(),
        IdempotentAnswer.objects.count(), KeyUse.objects.count(),
    )  # fmt: skip


# ── At once ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def at_once(*calls: Any) -> list[Any]:
    """Each in a thread of its own, begun together; what they answered."""
    answers: list[Any] = []
    together = threading.Barrier(len(calls))

    def run(call: Any) -> None:
        together.wait(10)
        try:
            answers.append(call())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(linden: Brand, anna: Customer, crm: Partner) -> None:
    key = key_of(crm)[1]
    for turn in range(5):
        body = DENY | {"purpose": ("ads", "recs", "insight", "makers", "fraud")[turn]}
        before = count(anna)

        def call(body: Any = body, turn: int = turn) -> Any:
            return once(Api(Client(headers={"host": linden.host}), key), body, name=f"a-{turn}")

        first, second, third = at_once(call, call, call)
        assert first.status_code == 200
        assert first.json() == second.json() == third.json()
        assert count(anna) == before + 1


@pytest.mark.django_db(transaction=True)
def test_the_same_stranger_twice_at_once_is_one_person(linden: Brand, crm: Partner) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time")
    key = key_of(crm)[1]
    for turn in range(5):
        body = DENY | {"person": {"email": f"p{turn}@example.com"}}
        at_once(*[lambda body=body: Api(Client(headers={"host": linden.host}), key).post("/choices", body)] * 3)
        assert Customer.objects.filter(contacts__canonical=f"p{turn}@example.com").count() == 1


# ── How often ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_calls_hold_up_reads_and_yeses_and_never_a_no(api: Api, anna: Customer, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    keys._full.clear()
    ask = {"person": ANNA, "purpose": "ads"}
    answers = [api.post("/decisions", ask) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert problem(answers[-1]) == (429, "too-many")
    assert 1 <= int(answers[-1]["Retry-After"]) <= 20
    for path, body in (("/decisions/batch", {"checks": [ask]}), ("/choices", ALLOW), ("/people/lookup", {"person": ANNA})):
        assert problem(api.post(path, body)) == (429, "too-many"), path
    for path in ("/audiences/ads", "/changes", "/export"):
        assert problem(api.get(path)) == (429, "too-many"), path
    for person in ({"email": f"p{number}@example.com"} for number in range(5)):
        assert api.post("/choices", DENY | {"person": person}).status_code == 200
        assert api.post("/scopes", {"person": person, "scope": "sale"}).status_code == 200


def test_a_bound_is_a_keys_own_and_fills_again(api: Api, crm: Partner, anna: Customer, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    keys._full.clear()
    ask = {"person": ANNA, "purpose": "ads"}
    assert [api.post("/decisions", ask).status_code for _ in range(3)] == [200, 200, 429]
    other = Api(Client(headers={"host": crm.brand.host}), key_of(crm)[1])
    assert other.post("/decisions", ask).status_code == 200
    mine = ApiKey.objects.order_by("pk").values_list("pk", flat=True)[0]
    left, then = keys._full[mine]
    keys._full[mine] = (left, then - 30)  # as if half a minute had gone by
    assert [api.post("/decisions", ask).status_code for _ in range(2)] == [200, 429]
