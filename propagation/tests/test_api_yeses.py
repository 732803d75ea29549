"""A yes that was given elsewhere counts with its evidence alone, and never past a later no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer
from consents.decide import decide
from consents.tests.acting import acts, count, deny, state
from ledger.models import Entry
from propagation.tests.calling import Api
from propagation.tests.choosing import ANNA, EVIDENCE, problem, said, yes


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"occurred_at": None}, ["time"]),
        ({"evidence": EVIDENCE | {"wording": " "}}, ["wording"]),
        ({"evidence": {"wording": "Yes, write to me."}}, ["source"]),
        ({"evidence": None}, ["wording", "source"]),
        ({"occurred_at": None, "evidence": None}, ["wording", "time", "source"]),
    ],
)
def test_a_yes_that_lacks_a_piece_is_a_claim_and_never_counts(api: Api, anna: Customer, more: Any, missing: list[str]) -> None:
    for _twice in range(2):
        answer = yes(api, ANNA, **more)
        assert state(anna, "ads") == "none"
        assert not decide(anna, "ads").allowed
        assert answer["result"] in {"unproven", "stands"}
    (claim,) = acts(anna, "consent.claimed")
    assert claim["missing"] == missing
    assert not acts(anna)


def test_it_says_what_is_missing(api: Api, anna: Customer) -> None:
    answer = yes(api, ANNA, evidence=None)
    assert (answer["result"], answer["missing"]) == ("unproven", ["wording", "source"])
    assert Entry.objects.get(public_id=answer["receipt"]).kind == "consent.claimed"


def test_a_whole_yes_counts_with_its_date_and_the_record_behind_it(api: Api, anna: Customer) -> None:
    answer = yes(api, ANNA, evidence=EVIDENCE | {"sha256": "a" * 64})
    assert answer["result"] == "saved"
    (act,) = acts(anna)
    assert (act["occurred_at"][:10], act["evidence"], act["state"]) == ("2026-01-05", "a" * 64, "granted")
    assert decide(anna, "ads").allowed


def test_a_yes_older_than_a_no_is_superseded(api: Api, anna: Customer) -> None:
    deny(anna, "ads")
    assert yes(api, ANNA)["result"] == "superseded"
    assert state(anna, "ads") == "refused"
    assert not decide(anna, "ads").allowed


def test_of_two_that_were_told_the_later_one_holds(api: Api, anna: Customer) -> None:
    said(api, ANNA, "deny", occurred_at="2026-02-01T00:00:00Z")
    assert yes(api, ANNA, occurred_at="2026-01-31T23:59:59Z")["result"] == "superseded"
    assert yes(api, ANNA, occurred_at="2026-02-01T00:00:00Z")["result"] == "superseded"
    assert yes(api, ANNA, occurred_at="2026-02-01T00:00:01Z")["result"] == "saved"


def test_a_no_that_is_said_again_is_as_new_as_the_last_time(api: Api, anna: Customer) -> None:
    said(api, ANNA, "deny", occurred_at="2026-01-01T00:00:00Z")
    said(api, ANNA, "deny", occurred_at="2026-06-01T00:00:00Z")
    assert yes(api, ANNA, occurred_at="2026-03-01T00:00:00Z")["result"] == "superseded"


def test_a_yes_lifts_no_wide_word(api: Api, anna: Customer) -> None:
    assert api.post("/scopes", {"person": ANNA, "scope": "sale"}).json()["result"] == "saved"
    later = (timezone.now() + timedelta(seconds=60)).isoformat()
    assert yes(api, ANNA, occurred_at=later)["result"] == "superseded"
    assert decide(anna, "ads").reason == "sale_stopped"


@pytest.mark.parametrize("when", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_a_date_that_cannot_be_is_refused_aloud(api: Api, anna: Customer, when: str, decision: str) -> None:
    before = count(anna)
    response = api.post("/choices", {"person": ANNA, "purpose": "ads", "decision": decision, "occurred_at": when, "evidence": EVIDENCE})
    assert problem(response) == (422, "invalid")
    assert response.json()["errors"][0]["field"] == "occurred_at"
    assert count(anna) == before


def test_a_time_without_its_zone_is_no_time(api: Api, anna: Customer) -> None:
    for when in ("2026-01-05T10:00:00", "yesterday", "", 10**30):
        response = api.post("/choices", {"person": ANNA, "purpose": "ads", "decision": "allow", "occurred_at": when})
        assert problem(response) == (422, "invalid"), when
