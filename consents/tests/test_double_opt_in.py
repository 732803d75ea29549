"""A yes that waits for the mailbox, and a yes that runs out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import retire
from consents import actions
from consents.decide import decide
from consents.models import Choice
from consents.saying import Outcome, Result
from consents.states import How, Scope, Where
from consents.tests.acting import acts, allow, count, deny, own, page, state
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident
from jobs.actions import enqueue, run_due
from jobs.models import Job
from ledger.canonical import timestamp

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def ask(customer: Customer, **more: Any) -> Outcome:
    return actions.ask_to_confirm(customer, "news", "email", page(customer, "news", "email", **more))


def confirm(customer: Customer) -> Outcome:
    said = own(customer, actor=f"link:{customer.subject}", how=How.DOUBLE_OPT_IN, where=Where.LINK, assurance="IV1", language="pl")
    return actions.confirm(customer, "news", "email", said)


def test_a_waiting_yes_allows_nothing(anna: Customer) -> None:
    assert ask(anna).result is Result.SAVED
    assert (state(anna, "news", "email"), decide(anna, "news", "email").reason) == ("pending", "unconfirmed")


def test_confirmed_it_stands_with_the_wording_that_was_shown(anna: Customer) -> None:
    asked = ask(anna)
    assert confirm(anna).result is Result.SAVED
    assert decide(anna, "news", "email").allowed
    assert asked.entry is not None
    first, yes = asked.entry.act, acts(anna)[-1]
    assert (yes["shown"], yes["version"], yes["seen"], yes["language"]) == (first["shown"], 1, first["seen"], "en")
    assert (yes["before"], yes["how"], yes["actor"]) == ("pending", "double_opt_in", f"link:{anna.subject}")


def test_confirmed_it_lifts_the_wide_word_that_the_page_had_shown(anna: Customer) -> None:
    actions.stop(anna, Scope.MARKETING, own(anna))
    ask(anna)
    confirm(anna)
    assert decide(anna, "news", "email").allowed


def test_each_twice_is_once(anna: Customer) -> None:
    ask(anna)
    before = count(anna)
    assert ask(anna).result is Result.STANDS
    assert count(anna) == before
    confirm(anna)
    before = count(anna)
    assert confirm(anna).result is Result.STANDS
    assert ask(anna).result is Result.STANDS
    assert count(anna) == before


def test_the_form_of_a_request_that_was_refused_since_does_not_ask_again(anna: Customer) -> None:
    said = page(anna, "news", "email", nonce="c" * 32)
    actions.ask_to_confirm(anna, "news", "email", said)
    deny(anna, "news", "email")
    assert actions.ask_to_confirm(anna, "news", "email", said).result is Result.STALE


@pytest.mark.parametrize(("days", "result"), [(7, Result.SAVED), (8, Result.STALE)])
def test_it_waits_seven_days(anna: Customer, clock: Any, days: int, result: Result) -> None:
    ask(anna)
    clock.shift(timedelta(days=days))
    assert confirm(anna).result is result


def test_nothing_newer_may_stand(anna: Customer) -> None:
    ask(anna)
    actions.stop(anna, Scope.MARKETING, own(anna))
    assert confirm(anna).result is Result.STALE
    assert state(anna, "news", "email") == "pending"


def test_a_no_ends_the_waiting(anna: Customer) -> None:
    ask(anna)
    deny(anna, "news", "email")
    assert confirm(anna).result is Result.STALE
    assert state(anna, "news", "email") == "refused"


def test_without_a_request_there_is_nothing_to_confirm(anna: Customer) -> None:
    assert confirm(anna).result is Result.STALE
    assert state(anna, "news", "email") == "none"


@pytest.mark.parametrize(
    ("more", "result"),
    [({"shown": "0" * 64}, Result.OTHER_WORDING), ({"seen": None}, Result.STALE), ({"seen": 10**6}, Result.STALE)],
)
def test_a_request_is_a_grant(anna: Customer, more: dict[str, Any], result: Result) -> None:
    before = count(anna)
    assert ask(anna, **more).result is result
    assert count(anna) == before


def test_a_request_that_had_not_seen_the_no_is_refused(anna: Customer) -> None:
    said = page(anna, "news", "email")
    deny(anna, "news", "email")
    assert actions.ask_to_confirm(anna, "news", "email", said).result is Result.STALE
    assert state(anna, "news", "email") == "refused"


def test_only_a_consent_waits(anna: Customer) -> None:
    assert actions.ask_to_confirm(anna, "fraud", "", page(anna, "fraud")).result is Result.NO_CONTROL


# ── Running out ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def gail(linden: Brand, clock: Any) -> Customer:
    gail = resident(found_golden())
    publish(gail.brand, "short", "consent", lifetime_months=1)
    clock.shift(timedelta(minutes=1))
    return gail


def test_the_end_of_a_yes_is_recorded_once(gail: Customer, clock: Any) -> None:
    allow(gail, "short")
    choice = Choice.objects.get(customer=gail)
    ends = choice.expires_at
    assert ends is not None
    assert actions.record_expiry(choice).result is Result.STANDS, "not yet"
    clock.shift(timedelta(days=31))
    assert decide(gail, "short").reason == "expired", "nobody had to record it"
    assert actions.record_expiry(choice).saved
    before = count(gail)
    assert actions.record_expiry(choice).result is Result.STANDS
    assert count(gail) == before
    act = acts(gail)[-1]
    assert {name: act[name] for name in ("actor", "how", "where", "assurance", "state", "before", "seen", "shown", "expires_at")} == {
        "actor": "system:expiry", "how": "expiry", "where": "job", "assurance": "IV0", "state": "expired", "before": "granted",
        "seen": None, "shown": None, "expires_at": timestamp(ends),
    }  # fmt: skip
    assert Choice.objects.get(customer=gail).expires_at == ends, "the page says when it ran out, not when that was written down"
    assert decide(gail, "short").reason == "expired"


def test_a_word_spoken_since_is_not_overwritten(gail: Customer, clock: Any) -> None:
    allow(gail, "short")
    choice = Choice.objects.get(customer=gail)
    clock.shift(timedelta(days=31))
    deny(gail, "short")
    assert actions.record_expiry(choice).result is Result.STANDS
    assert state(gail, "short") == "withdrawn"


def test_an_expired_yes_can_be_given_anew(gail: Customer, clock: Any) -> None:
    allow(gail, "short")
    clock.shift(timedelta(days=31))
    assert allow(gail, "short").saved
    assert decide(gail, "short").allowed


def test_the_nightly_job_records_them_all_and_twice_is_once(gail: Customer, anna: Customer, clock: Any) -> None:
    allow(gail, "short")
    allow(anna, "recs")
    clock.shift(timedelta(days=31))
    enqueue("consents.record_expiry", {})
    assert run_due() == 1
    assert (state(gail, "short"), state(anna, "recs")) == ("expired", "granted")
    assert Job.objects.get(handler="consents.record_expiry").done == 1
    before = count(gail)
    enqueue("consents.record_expiry", {})
    assert run_due() == 1
    assert count(gail) == before


def test_the_end_of_a_yes_to_a_retired_purpose_is_recorded_too(gail: Customer, clock: Any) -> None:
    allow(gail, "short")
    retire(gail.brand.purposes.get(key="short"), by="system:tests")
    clock.shift(timedelta(days=31))
    assert actions.record_expiry(Choice.objects.select_related("customer__brand").get(customer=gail)).saved


def test_a_row_of_a_purpose_that_was_never_published_is_left_alone(gail: Customer) -> None:
    allow(gail, "short")
    Choice.objects.update(purpose="nosuch")
    assert actions.record_expiry(Choice.objects.get(customer=gail)).result is Result.NO_CONTROL
