from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import tie
from accounts.models import Customer
from brands.models import Brand
from consents.decide import decide
from consents.tests.acting import allow, deny
from ledger.models import Log
from ledger.proving import prove
from propagation import actions
from propagation.models import KeyUse, Partner, Pseudonym
from propagation.tests.calling import Api
from propagation.tests.conftest import BY, key_of, partner_of

ANNA = {"email": "anna.kowalczyk@example.com"}


def ask(api: Api, person: dict[str, str], purpose: str = "ads", channel: str = "", **more: object) -> dict[str, object]:
    response = api.post("/decisions", {"person": person, "purpose": purpose, "channel": channel, **more})
    assert response.status_code == 200, response.content
    found: dict[str, object] = response.json()
    return found


def test_a_yes_and_a_no_with_the_entry_that_proves_them(api: Api, anna: Customer) -> None:
    yes = allow(anna, "ads")
    answer = ask(api, ANNA)
    assert yes.entry
    assert (answer["allowed"], answer["reason"], answer["proof"]) == (True, "granted", str(yes.entry.public_id))
    no = deny(anna, "ads")
    answer = ask(api, ANNA)
    assert no.entry
    assert (answer["allowed"], answer["reason"], answer["proof"]) == (False, "withdrawn", str(no.entry.public_id))


def test_everybody_is_found_by_each_of_their_names(api: Api, crm: Partner, anna: Customer) -> None:
    allow(anna, "ads")
    tie(brand=anna.brand, value="C-1001", email=ANNA["email"], phone="+48 600 100 100", language="en", country="PL", by=BY)
    prove()
    pairwise = Pseudonym.objects.get(partner=crm, customer=anna).value
    for person in (ANNA, {"email": "Anna.Kowalczyk@Example.com"}, {"id": "C-1001"}, {"phone": "+48600100100"}, {"pairwise": pairwise}):
        assert ask(api, person)["allowed"] is True, person


def test_a_stranger_is_a_no(api: Api, anna: Customer) -> None:
    for person in ({"email": "nobody@example.com"}, {"id": "C-9"}, {"phone": "+48600999999"}, {"pairwise": "0" * 32}):
        answer = ask(api, person)
        assert (answer["allowed"], answer["reason"], answer["proof"]) == (False, "unknown_person", None)


def test_an_address_of_two_people_is_a_yes_only_where_both_say_it(api: Api, anna: Customer, linden: Brand) -> None:
    for number in ("C-1", "C-2"):
        tie(brand=linden, value=number, email=f"{number}@example.com", phone="+48600100100", language="en", country="PL", by=BY)
    answer = api.post("/choices", {"person": {"id": "C-1"}, "purpose": "ads", "decision": "allow", **EVIDENCE})
    assert answer.json()["result"] == "saved"
    assert ask(api, {"id": "C-1"})["allowed"] is True
    assert ask(api, {"phone": "+48600100100"}) | {"at": ""} == ask(api, {"id": "C-2"}) | {"at": ""}


EVIDENCE = {
    "occurred_at": "2026-01-05T10:00:00Z",
    "evidence": {"wording": "Show me your ads on other sites.", "source": "checkout"},
}


def test_the_position_is_a_promise(api: Api, anna: Customer) -> None:
    allow(anna, "ads")
    prove()
    newest = Log.objects.get(pk=1).position
    assert ask(api, ANNA, min_position=newest)["position"] == newest
    ahead = api.post("/decisions", {"person": ANNA, "purpose": "ads", "min_position": newest + 1})
    assert ahead.status_code == 409
    assert ahead.json()["code"] == "not-yet"
    assert ahead["Retry-After"] == "1"


def test_many_are_answered_as_each_alone(api: Api, anna: Customer, carol: Customer) -> None:
    allow(anna, "ads")
    allow(anna, "news", "email")
    deny(carol, "news", "email")
    people = [ANNA, {"email": "carol.novak@example.com"}, {"email": "nobody@example.com"}, ANNA]
    uses = [("ads", ""), ("news", "email"), ("news", "sms"), ("orders", "")]
    uses = [use for use in uses if use[0] in {"ads", "news"}]
    checks = [{"person": person, "purpose": purpose, "channel": channel} for person in people for purpose, channel in uses]
    *lines, end = api.lines("/decisions/batch", {"checks": checks})
    assert end["end"] is True
    assert end["count"] == len(checks) == len(lines)
    for number, (check, line) in enumerate(zip(checks, lines, strict=True), 1):
        alone = ask(api, check["person"], check["purpose"], check["channel"])  # type: ignore[arg-type]
        assert line == {"line": number, "allowed": alone["allowed"], "reason": alone["reason"], "proof": alone["proof"]}


def test_one_wrong_line_fails_the_call_and_says_which(api: Api, anna: Customer) -> None:
    checks = [
        {"person": ANNA, "purpose": "ads"},
        {"person": {"email": "no address"}, "purpose": "ads"},
        {"person": ANNA, "purpose": "nothing"},
    ]
    response = api.post("/decisions/batch", {"checks": checks})
    assert response.status_code == 422
    assert [(each["line"], each["field"]) for each in response.json()["errors"]] == [(2, "person"), (3, "purpose")]
    assert "no address" not in response.content.decode()


def test_a_whole_list_takes_as_many_statements_as_one(api: Api, anna: Customer, django_assert_num_queries: object) -> None:
    allow(anna, "ads")
    ask(api, ANNA)
    for count in (1, 50, 500):
        checks = [{"person": ANNA if n % 2 else {"email": f"p{n}@example.com"}, "purpose": "ads"} for n in range(1, count + 1)]
        with django_assert_num_queries(5):  # type: ignore[operator]
            api.lines("/decisions/batch", {"checks": checks})


def test_one_decision_takes_three_statements(api: Api, anna: Customer, django_assert_num_queries: object) -> None:
    """And one more inside a transaction, as here: outside the count goes with the proof."""
    allow(anna, "ads")
    ask(api, ANNA)
    with django_assert_num_queries(4):  # type: ignore[operator]
        ask(api, ANNA)


def test_each_call_is_counted_and_no_more_is_kept_of_it(api: Api, anna: Customer) -> None:
    ask(api, ANNA)
    api.lines("/decisions/batch", {"checks": [{"person": ANNA, "purpose": "ads"}, {"person": {"id": "C-1"}, "purpose": "ads"}]})
    use = KeyUse.objects.get(verb="decisions:read")
    assert (use.calls, use.people) == (2, 3)


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def refusal(brand: Brand, key: str, host: str = "") -> tuple[int, str]:
    api = Api(Client(headers={"host": host or brand.host}), key)
    response = api.post("/decisions", {"person": ANNA, "purpose": "ads"})
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_a_key_opens_its_own_brand_alone(crm: Partner, kingfisher: Brand) -> None:
    key = key_of(crm)[1]
    assert refusal(crm.brand, key, kingfisher.host) == (401, "bad-key")
    assert refusal(crm.brand, "") == (401, "no-key")
    assert refusal(crm.brand, key[:-1]) == (401, "bad-key")
    assert refusal(crm.brand, "pck_é") == (401, "bad-key")


def test_a_key_ends(crm: Partner, linden: Brand, settings: object) -> None:
    row, key = key_of(crm)
    assert actions.revoke_key(row, by=BY)
    assert not actions.revoke_key(row, by=BY)
    assert refusal(linden, key) == (401, "bad-key")
    row, key = key_of(crm)
    type(row).objects.filter(pk=row.pk).update(made_at=timezone.now() - timedelta(days=2), expires_at=timezone.now())
    assert refusal(linden, key) == (401, "bad-key")
    _row, key = key_of(crm)
    Partner.objects.update(in_use=False)
    assert refusal(linden, key) == (401, "bad-key")


def test_a_key_may_do_what_it_was_made_for(crm: Partner, linden: Brand) -> None:
    assert refusal(linden, key_of(crm, "changes:read")[1]) == (403, "not-in-scope")
    assert refusal(linden, key_of(crm, purposes=("news",))[1]) == (403, "not-in-scope")


def test_nobody_is_given_what_there_is_not(linden: Brand) -> None:
    partner = partner_of(linden, "crm")
    soon = timezone.now() + timedelta(days=1)
    for verbs, purposes, end in (
        (["everything"], ["*"], soon), ([], ["*"], soon), (["changes:read"], ["nothing"], soon),
        (["changes:read"], ["*"], timezone.now()), (["changes:read"], ["*"], timezone.now() + timedelta(days=800)),
    ):  # fmt: skip
        with pytest.raises(actions.NotGranted):
            actions.issue_key(partner, name="x", verbs=verbs, purposes=purposes, expires_at=end, by=BY)


def test_decide_itself_says_the_same(api: Api, anna: Customer) -> None:
    allow(anna, "ads")
    assert ask(api, ANNA)["reason"] == decide(anna, "ads").reason
