"""stood_at() answers from the ledger alone what decide() answered then: after any history, at every recorded instant."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import join
from accounts.models import Customer, Guardianship
from brands.models import Brand
from catalogue.actions import publish as publish_version
from catalogue.actions import retire, revise
from consents import actions
from consents.decide import decide
from consents.judging import Decision
from consents.models import Choice
from consents.past import stood_at
from consents.states import Scope, Verb
from consents.tests.acting import acts, allow, count, deny, head, own, page
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident
from ledger.models import Entry
from ledger.turns import turn

START = datetime(2027, 3, 1, 12, tzinfo=UTC)
USES = (("consent", ""), ("short", ""), ("legitimate-interest", ""), ("opt-out", ""), ("letters", "email"), ("letters", "sms"))
Clock = Any
Step = Callable[[Customer, Clock, tuple[str, str]], object]


def undo_newest(customer: Customer, clock: Clock, use: tuple[str, str]) -> object:
    newest = Choice.objects.filter(customer=customer).order_by("-seq").first()
    return newest and actions.undo(customer, str(newest.receipt), own(customer))


def stale_allow(customer: Customer, clock: Clock, use: tuple[str, str]) -> object:
    return allow(customer, *use, seen=max(head(customer) - 2, 0))


def record_expiry(customer: Customer, clock: Clock, use: tuple[str, str]) -> object:
    return [actions.record_expiry(choice) for choice in Choice.objects.filter(customer=customer)]


STEPS: dict[str, Step] = {
    "allow": lambda customer, clock, use: allow(customer, *use),
    "allow, stale": stale_allow,
    "deny": lambda customer, clock, use: deny(customer, *use),
    "undo": undo_newest,
    "deny all": lambda customer, clock, use: actions.deny_all(customer, own(customer)),
    "stop": lambda customer, clock, use: actions.stop(customer, Scope.MARKETING, own(customer)),
    "no sale": lambda customer, clock, use: actions.stop(customer, Scope.SALE, own(customer)),
    "lift": lambda customer, clock, use: actions.lift(customer, Scope.MARKETING, own(customer, seen=head(customer))),
    "lift sale": lambda customer, clock, use: actions.lift(customer, Scope.SALE, own(customer, seen=head(customer))),
    "ask to confirm": lambda customer, clock, use: actions.ask_to_confirm(customer, *use, page(customer, *use)),
    "confirm": lambda customer, clock, use: actions.confirm(customer, *use, own(customer)),
    "three weeks pass": lambda customer, clock, use: clock.shift(timedelta(days=21)),
    "record expiry": record_expiry,
}


@pytest.fixture
def golden(linden: Brand) -> Brand:
    with time_machine.travel(START - timedelta(days=1), tick=False):
        golden = found_golden()
        publish(golden, "short", "consent", lifetime_months=1)
    return golden


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(USES)), max_size=10))
def test_any_history(golden: Brand, history: list[tuple[str, tuple[str, str]]]) -> None:
    with time_machine.travel(START, tick=False) as clock:
        customer = somebody(golden)
        answers: list[tuple[datetime, dict[tuple[str, str], Decision]]] = []
        for step, use in history:
            clock.shift(timedelta(seconds=1))
            before = count(customer)
            STEPS[step](customer, clock, use)
            assert count(customer) >= before
            answers.append(now_and_answers(customer))
        for at, then in answers:
            assert {use: stood_at(customer, *use, at) for use in USES} == then, at
        newest = Entry.objects.of(customer.subject).latest("seq").recorded_at
        assert {use: stood_at(customer, *use, newest) for use in USES} == {use: decide(customer, *use, at=newest) for use in USES}
        check_c2(customer)


def somebody(brand: Brand) -> Customer:
    """A person of their own for each history, also when one is played again."""
    customer = join(brand=brand, address=f"{secrets.token_hex(8)}@example.com", language="en")
    Customer.objects.filter(pk=customer.pk).update(country="US", region="CA")
    customer.refresh_from_db()
    customer.brand = brand
    return customer


def now_and_answers(customer: Customer) -> tuple[datetime, dict[tuple[str, str], Decision]]:
    now = max(timezone.now(), Entry.objects.of(customer.subject).latest("seq").recorded_at)
    return now, {use: decide(customer, *use, at=now) for use in USES}


def check_c2(customer: Customer) -> None:
    """threats.md 2.1: every yes of a button or of a request had seen each no before it on the same use."""
    last_no: dict[tuple[str, str], int] = {}
    for act in acts(customer):
        use = (act["purpose"], act["channel"])
        if act["state"] in {"refused", "withdrawn", "objected", "opted_out"}:
            last_no[use] = act["seq"]
        elif act["how"] == "button" and act["before"] != "pending":
            assert act["seen"] >= last_no.get(use, 0), act


# ── What changes besides the person's own words ─────────────────────────────────────────────────────────────────────


def test_before_the_person_came_there_was_nobody(anna: Customer) -> None:
    assert stood_at(anna, "recs", "", anna.created_at - timedelta(microseconds=1)).reason == "unknown_person"
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        late = join(brand=anna.brand, address="late@example.com", language="en")
        assert stood_at(late, "recs", "", late.created_at - timedelta(minutes=1)).reason == "unknown_person"


def test_the_purpose_is_the_one_of_then(anna: Customer) -> None:
    allow(anna, "recs")
    then = timezone.now()
    with time_machine.travel(then + timedelta(days=1), tick=False):
        purpose = anna.brand.purposes.get(key="recs")
        retire(purpose, by="system:tests")
        anna.brand.refresh_from_db()
        assert stood_at(anna, "recs", "", then).allowed
        assert stood_at(anna, "recs", "", timezone.now()).reason == "unknown_purpose"
        assert stood_at(anna, "nosuch", "", then).reason == "unknown_purpose"


def test_a_version_that_came_later_does_not_speak_of_then(linden: Brand) -> None:
    from dataclasses import replace

    from catalogue.content import Content

    golden = found_golden()
    gail = resident(golden)
    allow(gail, "letters", "sms")
    then = timezone.now()
    with time_machine.travel(then + timedelta(days=1), tick=False):
        purpose = golden.purposes.get(key="letters")
        newest = purpose.newest
        assert newest is not None
        draft = revise(purpose, content=replace(Content.of(newest), channels=("email",)))
        publish_version(draft, by="system:tests")
        gail.brand.refresh_from_db()
        assert decide(gail, "letters", "sms").reason == "unknown_purpose"
        assert stood_at(gail, "letters", "sms", then).allowed


def test_a_guardianship_counts_as_it_stood(anna: Customer, bea: Customer) -> None:
    child = join(brand=anna.brand, address="zosia@example.com", language="en")
    child.birth_date = (timezone.now() - timedelta(days=11 * 366)).date()
    child.save()
    tie = Guardianship.objects.create(
        guardian=anna, child=child, guardian_subject=anna.subject, child_subject=child.subject, parenthood_claim="parent",
        adulthood_method="seen", started_seq=1,
    )  # fmt: skip
    said = page(child, "recs", party=anna.subject, actor=f"guardian:{anna.subject}")
    actions.say(child, "recs", "", Verb.ALLOW, said)
    then = timezone.now()
    assert stood_at(child, "recs", "", then) == decide(child, "recs", at=then)
    assert stood_at(child, "recs", "", then).allowed
    with time_machine.travel(then + timedelta(days=10), tick=False):
        tie.ended_at, tie.ended_seq = timezone.now(), head(child) + 1
        tie.save()
        assert stood_at(child, "recs", "", then).allowed, "its end had not come"
        assert stood_at(child, "recs", "", tie.ended_at).reason == "guardian_missing"
        assert decide(child, "recs").reason == "guardian_missing"


def test_a_restriction_counts_as_it_stood(anna: Customer) -> None:
    allow(anna, "recs")
    instants = []
    for verb in (actions.restrict, actions.lift_restriction):
        with turn(anna.subject, brand="linden", actor="system:tests") as this:
            entry = verb(this, anna, request="R-2345-6789")
        assert entry is not None
        instants.append(entry.recorded_at)
    assert stood_at(anna, "recs", "", instants[0]).reason == "restricted"
    assert stood_at(anna, "recs", "", instants[1]).allowed
