"""Whether anything is asked, and what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents import actions as consents
from consents.states import Scope
from consents.tests.acting import allow, deny, head, own
from ledger.proving import prove
from profiles import actions, choosing
from profiles.choosing import choose
from profiles.models import Ask, Asked, Happening, Question, QuestionVersion
from profiles.tests.asking import at, content, key_shown, later, never, not_now, ordered, published, row, shown, tells, when


def test_nobody_is_asked_anything_without_a_moment(willing: Customer) -> None:
    prove()
    assert key_shown(willing) == "nothing"


def test_after_an_order_one_thing_is_asked(willing: Customer) -> None:
    ordered(willing)
    found = shown(willing).prompt
    assert found is not None
    assert found.ask is not None
    assert (found.question.key, found.moment, found.ask.number) == ("bed-size", "order.placed", 1)
    assert (row(willing).times, row(willing).last_at) == (1, found.ask.shown_at)


def test_the_same_visit_is_shown_the_same_and_spends_nothing_more(willing: Customer) -> None:
    ordered(willing)
    first, second = shown(willing).prompt, shown(willing).prompt
    assert first is not None
    assert second is not None
    assert first.ask == second.ask
    assert Ask.objects.count() == 1


def test_another_visit_within_the_week_is_shown_nothing(willing: Customer) -> None:
    ordered(willing)
    shown(willing, "one")
    assert key_shown(willing, "two") == "week"
    with later(days=7, minutes=-1):
        assert key_shown(willing, "two") == "week"
    with later(days=7):
        assert key_shown(willing, "two") == "bed-size"


def test_a_visit_that_lasts_for_weeks_is_shown_one_thing(willing: Customer) -> None:
    ordered(willing)
    shown(willing, "one")
    with later(days=8):
        ordered(willing)
        assert key_shown(willing, "one") == "visit"


def test_three_times_in_a_lifetime(willing: Customer) -> None:
    begin = timezone.now()
    asked = []
    for week in range(8):
        with at(begin + timedelta(days=8 * week)):
            ordered(willing)
            asked.append(key_shown(willing, f"visit {week}"))
    assert asked == ["bed-size"] * 3 + ["nothing"] * 5


def test_what_is_put_off_rests_thirty_then_ninety_days(willing: Customer) -> None:
    begin = timezone.now()
    ordered(willing)
    first = shown(willing, "one").prompt
    assert first is not None
    assert first.ask is not None
    until = not_now(willing, ask=first.ask.pk)
    assert until is not None
    assert begin + timedelta(days=30) <= until <= timezone.now() + timedelta(days=30)
    assert not_now(willing, ask=first.ask.pk) == until, "twice is once"
    with at(until - timedelta(minutes=1)):
        ordered(willing)
        assert key_shown(willing, "two") == "nothing"
    with at(until):
        assert key_shown(willing, "three") == "bed-size"
        again = not_now(willing, ask=Ask.objects.get(session="three").pk)
        assert again == until + timedelta(days=90)


def test_dont_ask_again_is_for_ever_and_for_the_whole_topic(linden: Brand, willing: Customer) -> None:
    published(linden, "bed-size-again", topic="bed-size")
    ordered(willing)
    shown(willing)
    assert never(willing) is None
    assert never(willing) is None, "twice is once"
    with later(days=4000):
        ordered(willing)
        assert key_shown(willing, "years later") == "nothing"


def test_nothing_is_asked_right_after_a_no(willing: Customer) -> None:
    ordered(willing)
    deny(willing, "ads")
    assert key_shown(willing) == "after_no"
    with later(hours=23):
        assert key_shown(willing) == "after_no"
    with later(hours=25):
        assert key_shown(willing) == "bed-size"


def test_a_wide_no_counts_as_well(willing: Customer) -> None:
    ordered(willing)
    consents.stop(willing, Scope.SALE, own(willing))
    willing.refresh_from_db()
    assert key_shown(willing) == "after_no"
    with later(hours=25):
        assert key_shown(willing) == "bed-size"


def test_not_now_to_one_question_is_a_no_as_well(linden: Brand, willing: Customer) -> None:
    published(linden, "other", order=90)
    ordered(willing)
    not_now(willing)
    assert key_shown(willing) == "after_no"


def test_nothing_is_asked_on_the_way_to_paying(willing: Customer) -> None:
    ordered(willing)
    with later(minutes=5):
        actions.happen_at_brand(willing, "checkout.begun")
        assert key_shown(willing) == "paying"
    with later(minutes=64):
        assert key_shown(willing) == "paying"
    with later(minutes=66):
        assert key_shown(willing) == "bed-size"


def test_the_order_ends_the_way_to_paying(willing: Customer) -> None:
    actions.happen_at_brand(willing, "checkout.begun")
    with later(minutes=5):
        ordered(willing)
        assert key_shown(willing) == "bed-size"


def test_a_use_that_is_not_allowed_is_not_asked_for(linden: Brand, anna: Customer) -> None:
    ordered(anna)
    assert key_shown(anna) == "nothing"
    allow(anna, "recs")
    assert key_shown(anna) == "bed-size"


def test_a_use_taken_back_between_choosing_and_showing(willing: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered(willing)
    deny(willing, "recs")
    monkeypatch.setattr(choosing, "_stands", lambda *use: "allowed")
    monkeypatch.setattr(choosing, "closed", lambda *spent: None)
    assert key_shown(willing) == "nothing"


def test_to_minors_nothing(willing: Customer) -> None:
    ordered(willing)
    Customer.objects.filter(pk=willing.pk).update(minor_until=timezone.localdate() + timedelta(days=400))
    willing.refresh_from_db()
    assert key_shown(willing) == "minor"
    assert not actions.happen(willing, "order.placed")


def test_while_the_use_is_restricted_nothing(willing: Customer) -> None:
    ordered(willing)
    willing.restricted_seq = 1
    Customer.objects.filter(pk=willing.pk).update(restricted_seq=1)
    assert key_shown(willing) == "restricted"
    assert not actions.happen(willing, "order.placed")


def test_what_is_known_is_not_asked(willing: Customer) -> None:
    ordered(willing)
    tells(willing)
    assert key_shown(willing) == "nothing"


def test_a_later_stage_opens_when_something_was_delivered(willing: Customer) -> None:
    tells(willing)
    actions.happen_at_brand(willing, "order.delivered")
    assert key_shown(willing) == "nothing", "the stage before it is not open: nothing that they told was used yet"
    actions.happen(willing, "answer.used")
    assert key_shown(willing) == "rooms"


def test_the_first_visit_asks_nothing_while_they_come_in(linden: Brand, willing: Customer) -> None:
    published(linden, "hello", moments=("visit.first",))
    actions.happen(willing, "visit.first")
    assert key_shown(willing) == "nothing"
    with later(minutes=61):
        assert key_shown(willing) == "hello"


def test_an_event_is_over_after_its_days(willing: Customer) -> None:
    ordered(willing)
    with later(days=14):
        assert key_shown(willing) == "nothing"


def test_the_newest_event_asks_first(linden: Brand, willing: Customer) -> None:
    published(linden, "delivered", moments=("order.delivered",))
    ordered(willing)
    with later(minutes=1):
        actions.happen_at_brand(willing, "order.delivered")
        assert key_shown(willing) == "delivered"


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        ([("country", "", "one_of", "PL")], True), ([("country", "", "one_of", "DE")], False),
        ([("answer", "bed-size", "known", "")], False), ([("consent", "ads", "undecided", "")], True),
        ([("consent", "news/email", "allowed", "")], False), ([("consent", "recs", "allowed", "")], True),
        ([("consent", "ads", "denied", "")], False), ([("stage", "basics", "reached", "")], True),
        ([("age", "", "at_least", "18"), ("country", "", "none_of", "PL")], False),
    ],
)  # fmt: skip
def test_all_rows_must_hold(linden: Brand, willing: Customer, rows: Any, asked: bool) -> None:
    published(linden, "asked", order=0, conditions=when(*rows))
    ordered(willing)
    assert (key_shown(willing) == "asked") is asked


def test_a_no_to_a_use_is_a_fact(linden: Brand, willing: Customer) -> None:
    published(linden, "asked", order=0, conditions=when(("consent", "ads", "denied", "")))
    deny(willing, "ads")
    ordered(willing)
    with later(days=2):
        assert key_shown(willing) == "asked"


def test_a_new_wording_ends_a_showing(linden: Brand, willing: Customer) -> None:
    ordered(willing)
    assert key_shown(willing) == "bed-size"
    question = Question.objects.get(key="bed-size")
    actions.publish_question(actions.revise_question(question, content=content()), by="system:tests")
    willing.brand.refresh_from_db()
    assert key_shown(willing) == "visit"


def test_a_showing_waits_a_day(willing: Customer) -> None:
    ordered(willing)
    shown(willing)
    with later(hours=25):
        assert key_shown(willing) == "visit"


def test_a_brand_without_questions_costs_no_query(willing: Customer) -> None:
    for each in Question.objects.all():
        actions.retire_question(each, by="system:tests")
    choose(willing, "one")
    with CaptureQueriesContext(connection) as captured:
        assert choose(willing, "one").prompt is None
    assert len(captured) == 0


@pytest.mark.parametrize(("many", "asks"), [(20, 800), pytest.param(200, 10_000, marks=pytest.mark.long)])
def test_three_queries_with_two_hundred_questions_and_ten_thousand_asks(linden: Brand, willing: Customer, many: int, asks: int) -> None:
    template = published(linden, "q-0", order=300)
    assert template.number == 1
    for number in range(1, many - 3):
        published(linden, f"q-{number}", order=300 + number, conditions=when(("country", "", "one_of", "FR")))
    assert QuestionVersion.objects.published().count() == many
    long_ago = timezone.now() - timedelta(days=700)
    keys = list(Question.objects.filter(key__startswith="q-").values_list("pk", flat=True))
    subjects = [f"{number:032x}" for number in range(1, 17)]
    Customer.objects.bulk_create(Customer(brand=linden, subject=subject, language="en", country="PL") for subject in subjects)
    for customer in [willing, *Customer.objects.filter(subject__in=subjects)]:
        Asked.objects.bulk_create(Asked(customer=customer, question_id=pk, times=3, last_at=long_ago, answered_at=long_ago) for pk in keys)
        Ask.objects.bulk_create(
            Ask(
                customer=customer, question_id=keys[number % len(keys)], version=1, moment="order.placed", session=f"s{number}",
                number=1 + number // len(keys) % 3, language="en", shown_at=long_ago,
            )
            for number in range(3 * len(keys))
        )  # fmt: skip
    assert Ask.objects.count() > asks
    ordered(willing)
    choose(willing, "one")
    for session in ("one", "two", "s77"):
        with CaptureQueriesContext(connection) as captured:
            choose(willing, session)
        assert len(captured) <= 3
    consents.stop(willing, Scope.SALE, own(willing))
    willing.sale_stopped_seq = head(willing)
    with CaptureQueriesContext(connection) as captured:
        choose(willing, "one")
    assert len(captured) <= 3


# ── What happens ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_flood_of_the_same_event_is_one_row(willing: Customer) -> None:
    for _unused in range(200):
        ordered(willing)
    found = Happening.objects.get(customer=willing, event="order.placed")
    assert found.first_at < found.last_at


def test_an_event_told_late_moves_nothing_back(willing: Customer) -> None:
    now = timezone.now()
    actions.happen(willing, "order.placed", now)
    actions.happen(willing, "order.placed", now - timedelta(days=5))
    found = Happening.objects.get(customer=willing, event="order.placed")
    assert (found.first_at, found.last_at) == (now - timedelta(days=5), now)


def test_an_event_of_the_future_happens_now(willing: Customer) -> None:
    before = timezone.now()
    actions.happen(willing, "order.placed", before + timedelta(days=365))
    assert before <= Happening.objects.get(event="order.placed").last_at <= timezone.now()


@pytest.mark.parametrize("event", ["visit.first", "answer.used", "order.lost"])
def test_a_brand_tells_its_own_events_alone(willing: Customer, event: str) -> None:
    with pytest.raises(LookupError):
        actions.happen_at_brand(willing, event)


def test_what_people_do_in_the_center_is_an_event(willing: Customer) -> None:
    prove()  # a follower begins where the ledger is
    deny(willing, "ads")
    prove()
    assert set(Happening.objects.filter(customer=willing).values_list("event", flat=True)) == {"choice.made"}
