"""Which id belongs to which address; numbers that no two partners share; nothing of one brand at another."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Contact, Customer
from brands.models import Brand
from ledger.models import Entry
from ledger.proving import prove
from propagation.models import KeyUse, Partner
from propagation.tests.calling import Api
from propagation.tests.choosing import ANNA, problem
from propagation.tests.conftest import key_of, partner_of


def tied(api: Api, number: str, **more: str) -> dict[str, Any]:
    response = api.post("/people", {"id": number, **more})
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def of(partner: Partner, *verbs: str) -> Api:
    return Api(Client(headers={"host": partner.brand.host}), key_of(partner, *verbs)[1])


# ── Ties ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_new_and_then_what_was_not_known_of_them(api: Api, linden: Brand) -> None:
    first = tied(api, "C-1", email="Ben@Example.com", language="pl", country="DE")
    assert first["created"] is True
    assert re.fullmatch(r"[0-9a-f]{32}", first["pairwise"])
    entries = Entry.objects.count()
    assert tied(api, "C-1", email="ben@example.com") == first | {"created": False}
    assert Entry.objects.count() == entries
    tied(api, "C-1", phone="+48 600 100 100")
    ben = Customer.objects.get()
    assert (ben.language, ben.country, str(ben.country_evidence)) == ("pl", "DE", "import")
    assert set(ben.contacts.values_list("channel", "canonical", "proven_at")) == {
        ("email", "ben@example.com", None), ("sms", "+48600100100", None),
    }  # fmt: skip


def test_somebody_who_is_here_keeps_what_they_said(api: Api, anna: Customer) -> None:
    assert tied(api, "C-1", **ANNA, language="pl", country="DE")["created"] is False
    anna.refresh_from_db()
    assert (anna.language, anna.country) == ("en", anna.brand.country)
    assert anna.contacts.get().proven_at is not None


def test_an_id_and_an_address_of_two_people_are_a_conflict(api: Api, anna: Customer, carol: Customer) -> None:
    tied(api, "C-1", **ANNA)
    before = (Entry.objects.count(), Contact.objects.count())
    assert problem(api.post("/people", {"id": "C-1", "email": "carol.novak@example.com"})) == (409, "conflict")
    assert (Entry.objects.count(), Contact.objects.count()) == before


def test_one_person_may_have_several_ids(api: Api, anna: Customer) -> None:
    numbers = {tied(api, number, **ANNA)["pairwise"] for number in ("C-1", "C-2")}
    assert len(numbers) == 1
    assert api.post("/people/lookup", {"person": {"id": "C-2"}}).json()["ids"] == ["C-1", "C-2"]


@pytest.mark.parametrize(
    "body",
    [
        {"id": "C-1"}, {"id": "C-1", "phone": "+48600100100"}, {"id": "C-1", "email": "no address"}, {"id": "C-1", "phone": "600"},
        {"id": " C-1", **ANNA}, {"id": "", **ANNA}, {"id": "x" * 200, **ANNA}, {"id": "C\x00", **ANNA}, {"id": "\ud800", **ANNA},
        {"id": "C-1", **ANNA, "country": "XX"}, {"id": "C-1", **ANNA, "name": "Anna"}, {"id": 1, **ANNA}, ANNA,
    ],
)  # fmt: skip
def test_what_is_no_tie_is_refused(api: Api, linden: Brand, body: Any) -> None:
    response = api.post("/people", body)
    assert problem(response) == (422, "invalid")
    assert not Customer.objects.exists()


# ── Lookups ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_of_one_person_by_each_name(api: Api, anna: Customer) -> None:
    number = tied(api, "C-1", **ANNA, phone="+48600100100")["pairwise"]
    all_of_it = {"pairwise": number, "ids": ["C-1"], "emails": [ANNA["email"]], "phones": ["+48600100100"]}
    for person in (ANNA, {"id": "C-1"}, {"phone": "+48 600-100-100"}, {"pairwise": number}):
        assert api.post("/people/lookup", {"person": person}).json() == all_of_it
    use = KeyUse.objects.get(verb="people:read")
    assert (use.calls, use.people) == (4, 4)


def test_nobody_is_read_where_nobody_or_several_are_meant(api: Api, linden: Brand) -> None:
    assert problem(api.post("/people/lookup", {"person": {"email": "ben@example.com"}})) == (404, "unknown-person")
    assert not Customer.objects.exists()
    for number in ("C-1", "C-2"):
        tied(api, number, email=f"{number}@example.com".lower(), phone="+48600100100")
    assert problem(api.post("/people/lookup", {"person": {"phone": "+48600100100"}})) == (409, "conflict")
    assert not KeyUse.objects.filter(verb="people:read").exists()


@pytest.mark.parametrize("person", [{}, {"id": "C-1", "email": "a@example.com"}, {"id": None}, {"name": "Anna"}, [], "anna", None])
def test_a_person_is_named_in_one_way(api: Api, linden: Brand, person: Any) -> None:
    assert problem(api.post("/people/lookup", {"person": person})) == (422, "invalid")


# ── Numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_two_partners_have_the_same_number_for_anybody(adfield: Partner, lumera: Partner, anna: Customer, carol: Customer) -> None:
    prove()
    calls = [of(adfield), of(lumera)]
    mine, theirs = (
        {api.post("/people/lookup", {"person": {"email": each}}).json()["pairwise"] for each in (ANNA["email"], "carol.novak@example.com")}
        for api in calls
    )
    assert len(mine | theirs) == 4
    for number in theirs:
        assert problem(calls[0].post("/people/lookup", {"person": {"pairwise": number}})) == (404, "unknown-person")
        answer = calls[0].post("/decisions", {"person": {"pairwise": number}, "purpose": "delivery"}).json()
        assert (answer["allowed"], answer["reason"]) == (False, "unknown_person")
        body = {"person": {"pairwise": number}, "purpose": "ads", "decision": "deny"}
        assert problem(calls[0].post("/choices", body)) == (404, "unknown-person")


def test_a_number_is_no_part_of_what_else_there_is(api: Api, anna: Customer) -> None:
    number = tied(api, "C-1", **ANNA)["pairwise"]
    assert number != anna.subject
    assert number not in "".join(entry.payload or "" for entry in Entry.objects.all())


def test_two_keys_of_one_partner_know_the_same_number(crm: Partner, anna: Customer) -> None:
    numbers = {of(crm, "people:read").post("/people/lookup", {"person": ANNA}).json()["pairwise"] for _key in range(2)}
    assert len(numbers) == 1


# ── Brands ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_crosses_to_another_brand(api: Api, anna: Customer, marta: Customer) -> None:
    theirs = of(partner_of(marta.brand, "crm"))
    number = tied(api, "C-1", **ANNA, phone="+48600100100")["pairwise"]
    for person in (ANNA, {"id": "C-1"}, {"phone": "+48600100100"}, {"pairwise": number}):
        assert problem(theirs.post("/people/lookup", {"person": person})) == (404, "unknown-person")
        assert theirs.post("/decisions", {"person": person, "purpose": "groups"}).json()["reason"] == "unknown_person"
    assert problem(api.post("/people/lookup", {"person": {"email": "marta.zielinska@example.com"}})) == (404, "unknown-person")
    assert tied(theirs, "C-1", email="marta.zielinska@example.com")["created"] is False  # the same id, of somebody else
    assert api.post("/people/lookup", {"person": {"id": "C-1"}}).json()["emails"] == [ANNA["email"]]
    text = "".join(str(line) for line in [*theirs.lines("/audiences/groups"), *theirs.lines("/export"), theirs.get("/changes").json()])
    assert "anna" not in text
    assert number not in text
    assert anna.subject not in text
