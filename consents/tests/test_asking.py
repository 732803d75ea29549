"""When a use may be put to a person again: after a no it rests, after a yes that ran out it waits in their list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import draft_purpose
from catalogue.actions import publish as publish_draft
from catalogue.content import Content
from consents import actions
from consents.asking import Asking, Why, may_ask, waiting
from consents.models import Choice
from consents.screens import reader_of
from consents.signals import GPC, record
from consents.standing import UnknownPurpose
from consents.states import Scope
from consents.tests.acting import allow, deny, own, page, signed_in
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
IN_SIX_MONTHS = datetime(2027, 9, 1, 12, 1, tzinfo=UTC)
IN_A_YEAR = datetime(2028, 3, 1, 12, 1, tzinfo=UTC)
OPEN, SETTLED = Asking(True, Why.OPEN), Asking(False, Why.SETTLED)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def gail(linden: Brand, clock: Any) -> Customer:
    """A Californian: at home each ground stands as it is published."""
    gail = resident(found_golden())
    publish(gail.brand, "short", "consent", ("email_marketing",), lifetime_months=1)
    publish(gail.brand, "mail", "consent", ("email_marketing",), channels=("email", "sms"))
    publish(gail.brand, "ads", "consent", ("targeted_advertising",))
    clock.shift(timedelta(minutes=1))
    return gail


def rested(after: datetime) -> Asking:
    return Asking(False, Why.ANSWERED, after)


def fresh(customer: Customer) -> Customer:
    customer.refresh_from_db()
    return customer


def grow(gail: Customer, name: str, parent: str) -> None:
    """A purpose that grew out of another."""
    newest = gail.brand.purposes.get(key=parent).newest
    assert newest is not None
    publish_draft(draft_purpose(gail.brand, key=name, content=Content.of(newest), parent=parent), by="system:tests")
    gail.brand.refresh_from_db()


def test_what_nobody_answered_may_be_put(gail: Customer) -> None:
    assert may_ask(gail, "short") == OPEN
    assert may_ask(gail, "mail", "sms") == OPEN


def test_what_is_allowed_is_settled(gail: Customer) -> None:
    allow(gail, "short")
    assert may_ask(gail, "short") == SETTLED


@pytest.mark.parametrize("ground", ["legitimate-interest", "opt-out", "contract", "legal-duty"])
def test_nobody_is_asked_where_no_yes_is_needed(gail: Customer, ground: str) -> None:
    assert may_ask(gail, ground) == SETTLED
    if ground in {"legitimate-interest", "opt-out"}:
        deny(gail, ground)
        assert may_ask(gail, ground) == SETTLED, "and a no is not asked to be taken back"


def test_a_purpose_that_is_not_offered_is_not_asked_for(gail: Customer) -> None:
    for nothing in ("nosuch", "gone-consent"):
        with pytest.raises(UnknownPurpose):
            may_ask(gail, nothing)


def test_after_a_no_it_rests_for_six_months(gail: Customer, clock: Any) -> None:
    deny(gail, "short")
    assert may_ask(gail, "short") == rested(IN_SIX_MONTHS)
    clock.move_to(IN_SIX_MONTHS - timedelta(microseconds=1))
    assert may_ask(gail, "short") == rested(IN_SIX_MONTHS)
    clock.move_to(IN_SIX_MONTHS)
    assert may_ask(gail, "short") == Asking(True, Why.OPEN, IN_SIX_MONTHS)


def test_a_yes_taken_back_is_a_no(gail: Customer) -> None:
    allow(gail, "short")
    deny(gail, "short")
    assert may_ask(gail, "short") == rested(IN_SIX_MONTHS + timedelta(microseconds=1)), "no two entries are of the same instant"


def test_after_a_no_to_passing_data_on_it_rests_for_a_year(gail: Customer) -> None:
    deny(gail, "ads")
    assert may_ask(gail, "ads") == rested(IN_A_YEAR)


def test_each_channel_rests_for_itself(gail: Customer) -> None:
    deny(gail, "mail", "sms")
    assert may_ask(gail, "mail", "sms") == rested(IN_SIX_MONTHS)
    assert may_ask(gail, "mail", "email") == OPEN


def test_a_no_to_the_whole_purpose_rests_every_channel(gail: Customer) -> None:
    deny(gail, "mail", "sms")
    Choice.objects.filter(customer=gail).update(channel="")
    assert may_ask(gail, "mail", "email") == rested(IN_SIX_MONTHS)


@pytest.mark.parametrize(
    ("scope", "purpose", "until"),
    [(Scope.MARKETING, "short", IN_SIX_MONTHS), (Scope.SALE, "ads", IN_A_YEAR), (Scope.SENSITIVE, "consent", IN_A_YEAR)],
)
def test_a_wide_word_rests_all_that_it_covers(gail: Customer, scope: Scope, purpose: str, until: datetime) -> None:
    actions.stop(gail, scope, own(gail))
    assert may_ask(fresh(gail), purpose) == rested(until)


def test_so_does_a_browsers_signal(gail: Customer) -> None:
    record(gail, GPC)
    assert may_ask(fresh(gail), "ads") == rested(IN_A_YEAR)
    assert may_ask(gail, "short") == OPEN


def test_the_later_of_two_waits_counts(gail: Customer, clock: Any) -> None:
    deny(gail, "short")
    clock.shift(timedelta(days=31))
    actions.stop(gail, Scope.MARKETING, own(gail))
    assert may_ask(fresh(gail), "short") == rested(datetime(2027, 10, 1, 12, 1, tzinfo=UTC))


def test_a_waiting_yes_is_not_asked_for_twice(gail: Customer) -> None:
    actions.ask_to_confirm(gail, "mail", "email", page(gail, "mail", "email"))
    assert may_ask(gail, "mail", "email") == SETTLED


def test_what_grew_out_of_a_refused_purpose_rests_with_it(gail: Customer, clock: Any) -> None:
    grow(gail, "short-more", "short")
    assert may_ask(gail, "short-more") == OPEN
    deny(gail, "short")
    assert may_ask(gail, "short-more") == rested(IN_SIX_MONTHS)
    clock.move_to(IN_SIX_MONTHS)
    assert may_ask(gail, "short-more").may


def test_what_grew_out_of_a_purpose_refused_on_a_channel_rests_with_it(gail: Customer) -> None:
    grow(gail, "mail-more", "mail")
    deny(gail, "mail", "sms")
    assert may_ask(gail, "mail-more", "email") == rested(IN_SIX_MONTHS)


# ── The person's list ───────────────────────────────────────────────────────────────────────────────────────────────


def listed(customer: Customer) -> list[tuple[str, str, datetime | None]]:
    return [(each.id, each.parent, each.ran_out) for each in waiting(reader_of(fresh(customer), "en"))]


def test_at_first_nothing_waits(gail: Customer) -> None:
    assert listed(gail) == []


def test_a_yes_that_ran_out_is_put_in_the_list_and_says_when(gail: Customer, clock: Any) -> None:
    allow(gail, "short")
    choice = Choice.objects.get(customer=gail)
    clock.shift(timedelta(days=31))
    assert may_ask(gail, "short") == Asking(True, Why.RAN_OUT)
    assert listed(gail) == [("short", "", choice.expires_at)]
    clock.shift(timedelta(days=2))
    assert actions.record_expiry(choice).saved
    assert listed(gail) == [("short", "", choice.expires_at)], "written down later, it ran out then"
    allow(gail, "short")
    assert listed(gail) == []


def test_a_yes_that_ran_out_and_was_then_refused_waits_no_more(gail: Customer, clock: Any) -> None:
    allow(gail, "short")
    clock.shift(timedelta(days=31))
    deny(gail, "short")
    assert listed(gail) == []


def test_what_is_new_to_something_known_is_listed_until_it_is_answered(gail: Customer) -> None:
    grow(gail, "short-more", "short")
    assert listed(gail) == [("short-more", "Use", None)]
    deny(gail, "short-more")
    assert listed(gail) == []


def test_the_overview_says_that_a_yes_has_run_out(anna: Customer, clock: Any) -> None:
    newest = anna.brand.purposes.get(key="insight").newest
    assert newest is not None
    content = replace(Content.of(newest), lifetime_months=1)
    publish_draft(draft_purpose(anna.brand, key="insight-month", content=content), by="system:tests")
    anna.brand.refresh_from_db()
    clock.shift(timedelta(minutes=1))
    allow(anna, "insight-month")
    clock.shift(timedelta(days=31))
    html = signed_in(anna).get("/").content.decode()
    assert "Your yes has run out: Learning how the shop is used" in html
    assert "It was given until 1 April 2027. It stays off unless you allow it again." in html


def test_after_a_no_the_page_says_how_long_it_will_not_ask(anna: Customer) -> None:
    browser = signed_in(anna)
    browser.post("/choices/recs/", {"decision": "deny"})
    assert "We won’t ask you about it before 1 September 2027." in browser.get("/choices/").content.decode()
