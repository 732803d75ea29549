"""Allow and don't allow: what is written, twice is once, a stale page, other wording, no entry no effect."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.models import Customer
from brands.models import Brand
from consents import actions
from consents.decide import decide
from consents.models import Choice, Shown
from consents.saying import Result
from consents.standing import UnknownPurpose
from consents.states import How, Verb, Where
from consents.tests.acting import ALLOW, DENY, acts, allow, count, deny, head, own, page, press, state
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident

# contracts.md 2
FIELDS = set(
    "purpose version channel party basis state before seen shown language how where assurance expires_at occurred_at outcome undoes"
    " evidence regimes".split()
)
COMMON = {"v", "id", "subject", "seq", "previous", "kind", "brand", "actor", "recorded_at"}


@pytest.fixture
def gail(linden: Brand) -> Customer:
    """Lives in California, a customer of a brand there: every ground as published."""
    return resident(found_golden())


# ── It works ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_allow_writes_the_entry_of_the_contract(anna: Customer) -> None:
    seen = head(anna)
    outcome = allow(anna, "news", "email")
    assert outcome.result is Result.SAVED
    assert outcome.entry is not None
    act = outcome.entry.act
    assert act.keys() == FIELDS | COMMON
    screen = page(anna, "news", "email").shown
    assert {name: act[name] for name in FIELDS} == {
        "purpose": "news", "version": 1, "channel": "email", "party": anna.subject, "basis": "consent", "state": "granted",
        "before": "unset", "seen": seen, "shown": screen, "language": "en", "how": "button", "where": "choices", "assurance": "IV2",
        "expires_at": None, "occurred_at": None, "outcome": "applied", "undoes": None, "evidence": None, "regimes": act["regimes"],
    }  # fmt: skip
    assert "pl-national" in act["regimes"]
    assert (act["subject"], act["actor"], act["brand"]) == (anna.subject, f"self:{anna.subject}", "linden")
    assert Shown.objects.filter(pk=screen).count() == 1


def test_the_row_shows_its_entry(anna: Customer) -> None:
    entry = allow(anna, "news", "email").entry
    assert entry is not None
    choice = Choice.objects.get(customer=anna)
    assert (choice.purpose, choice.channel, choice.party, choice.state) == ("news", "email", anna.subject, "granted")
    assert (choice.entry, choice.receipt, choice.seq, choice.recorded_at) == (entry.id, entry.public_id, entry.seq, entry.recorded_at)
    assert (choice.seen, choice.version, choice.how, choice.expires_at) == (entry.seq - 1, 1, "button", None)


@pytest.mark.parametrize(
    ("purpose", "before", "verb", "becomes", "basis"),
    [
        ("consent", [], DENY, "refused", "consent"),
        ("consent", [ALLOW], DENY, "withdrawn", "consent"),
        ("consent", [DENY], ALLOW, "granted", "consent"),
        ("legitimate-interest", [], DENY, "objected", "legitimate_interest"),
        ("legitimate-interest", [DENY], ALLOW, "unset", "legitimate_interest"),
        ("opt-out", [], DENY, "opted_out", "opt_out"),
        ("opt-out", [DENY], ALLOW, "unset", "opt_out"),
    ],
)
def test_the_state_is_the_grounds_own_word(gail: Customer, purpose: str, before: list[Verb], verb: Verb, becomes: str, basis: str) -> None:
    for each in before:
        press(gail, purpose, each)
    was = state(gail, purpose).replace("none", "unset")
    outcome = press(gail, purpose, verb)
    assert outcome.entry is not None
    act = outcome.entry.act
    assert (act["state"], act["before"], act["basis"]) == (becomes, was, basis)
    assert decide(gail, purpose).allowed is (verb is ALLOW)


@pytest.mark.parametrize("purpose", ["legitimate-interest", "opt-out"])
def test_what_runs_without_a_yes_is_not_written_again(gail: Customer, purpose: str) -> None:
    before = count(gail)
    assert allow(gail, purpose).result is Result.STANDS
    assert count(gail) == before
    assert state(gail, purpose) == "none", "unset is never written by a press that changes nothing"


@pytest.mark.parametrize("purpose", ["contract", "legal-duty"])
@pytest.mark.parametrize("verb", [ALLOW, DENY])
def test_there_is_no_control_for_contract_and_duty(gail: Customer, purpose: str, verb: Verb) -> None:
    before = count(gail)
    assert press(gail, purpose, verb).result is Result.NO_CONTROL
    assert (count(gail), state(gail, purpose)) == (before, "none")


def test_what_the_law_forbids_can_be_denied_and_not_allowed(gail: Customer) -> None:
    marylander = resident(gail.brand, "MD")
    assert allow(marylander, "consent").result is Result.NO_CONTROL
    assert deny(marylander, "consent").saved
    assert state(marylander, "consent") == "refused"


def test_a_yes_has_its_lifetime_to_the_day_of_the_month(gail: Customer) -> None:
    publish(gail.brand, "short", "consent", lifetime_months=3)
    gail.brand.refresh_from_db()
    with time_machine.travel(datetime(2027, 11, 30, 12, tzinfo=UTC), tick=False):
        outcome = allow(gail, "short")
    assert outcome.choice is not None
    assert outcome.choice.expires_at is not None
    assert outcome.entry is not None
    until = outcome.choice.expires_at
    assert until == datetime(2028, 2, 29, 12, tzinfo=UTC), "February has no 30th"
    assert outcome.entry.act["expires_at"] == until.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert deny(gail, "short").choice.expires_at is None  # type: ignore[union-attr]


def test_who_how_and_where_are_kept(anna: Customer) -> None:
    allow(anna, "recs", how=How.PROMPT, where=Where.PROMPT, assurance="IV3", language="en")
    act = acts(anna)[-1]
    assert (act["how"], act["where"], act["assurance"]) == ("prompt", "prompt", "IV3")


@pytest.mark.parametrize(("purpose", "channel"), [("nosuch", ""), ("news", ""), ("news", "fax"), ("recs", "email")])
@pytest.mark.parametrize("verb", [ALLOW, DENY])
def test_what_is_not_offered_cannot_be_decided(anna: Customer, purpose: str, channel: str, verb: Verb) -> None:
    before = count(anna)
    with pytest.raises(UnknownPurpose):
        actions.say(anna, purpose, channel, verb, own(anna))
    assert count(anna) == before


def test_nor_what_has_ended(gail: Customer) -> None:
    with pytest.raises(UnknownPurpose):
        actions.say(gail, "gone-consent", "", DENY, own(gail))


@pytest.mark.parametrize("verb", [ALLOW, DENY])
def test_what_is_still_to_come_may_be_decided_and_nothing_of_it_runs_before_its_day(gail: Customer, verb: Verb) -> None:
    """A policy change asks for it weeks before."""
    assert press(gail, "soon-consent", verb).entry is not None
    assert state(gail, "soon-consent") == ("granted" if verb is ALLOW else "refused")
    assert not decide(gail, "soon-consent").allowed


def test_what_is_neither_answer_is_not_taken_for_a_yes(anna: Customer) -> None:
    with pytest.raises(ValueError, match="maybe"):
        press(anna, "recs", "maybe")  # type: ignore[arg-type]
    assert press(anna, "recs", "deny").entry is not None  # type: ignore[arg-type]  # the word itself is the answer
    assert state(anna, "recs") == "refused"
