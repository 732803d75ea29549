"""decide() costs one SELECT by indexes, an error is a deny, and what a page shows is what decide() says."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Customer, Guardianship
from brands.models import Brand
from catalogue.actions import retire
from catalogue.published import published
from consents import actions
from consents.decide import SELECT, decide
from consents.models import Choice
from consents.screens import Reader, choices_page
from consents.states import Reason, Scope
from consents.tests.acting import allow, deny, own
from ledger.models import Head
from regimes import law
from regimes.models import RegimeVersion


def test_one_select_for_any_answer(anna: Customer, django_assert_num_queries: Any) -> None:
    allow(anna, "news", "email")
    decide(anna, "news", "email")  # what is published, and the law, are in memory from here on
    for purpose, channel in (("news", "email"), ("news", "sms"), ("delivery", ""), ("nosuch", "")):
        with django_assert_num_queries(1):
            decide(anna, purpose, channel)


def test_what_the_caller_holds_in_memory_decides_nothing(anna: Customer) -> None:
    stale = Customer.objects.select_related("brand").get(pk=anna.pk)
    allow(anna, "recs")
    assert decide(stale, "recs").allowed
    Customer.objects.filter(pk=anna.pk).update(restricted_seq=9)
    assert decide(stale, "recs").reason is Reason.RESTRICTED
    Customer.objects.filter(pk=anna.pk).update(restricted_seq=None)
    retire(anna.brand.purposes.get(key="recs"), by="system:tests")
    assert decide(stale, "recs").reason is Reason.UNKNOWN_PURPOSE, "a catalogue that changed since is read again"


def seed(brand: Brand) -> Customer:
    """3,000 people with eight choices each, and 1,500 guardianships."""
    people = Customer.objects.bulk_create(
        Customer(brand=brand, subject=secrets.token_hex(16), language="en", country="PL") for _ in range(3000)
    )
    now = timezone.now()
    Choice.objects.bulk_create(
        Choice(
            customer=person, purpose=f"use-{n}", channel="", party=person.subject, state="granted", version=1, seq=n + 1, seen=n, entry=n,
            receipt=uuid.uuid4(), recorded_at=now, how="button",
        )
        for person in people
        for n in range(8)
    )  # fmt: skip
    Guardianship.objects.bulk_create(
        Guardianship(
            guardian=adult,
            child=child,
            guardian_subject=adult.subject,
            child_subject=child.subject,
            parenthood_claim="a",
            adulthood_method="b",
            started_seq=1,
        )
        for adult, child in zip(people[:1500], people[1500:], strict=True)
    )
    return people[2000]


def test_the_select_goes_by_indexes(linden: Brand) -> None:
    child = seed(linden)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
        cursor.execute(explain + SELECT.format(whom="c.id = %s"), ["use-3", "email", linden.pk, child.pk])
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    for table, alias in (("accounts_customer", "c"), ("consents_choice", "w"), ("accounts_guardianship", "g")):
        if connection.vendor == "postgresql":
            assert f"Seq Scan on {table}" not in plan, plan
        else:
            assert f"SEARCH {alias} USING" in plan, plan
            assert f"SCAN {alias}" not in plan, plan


# ── An error is a deny ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", ["consents_choice", "accounts_customer", "accounts_guardianship"])
def test_a_database_that_fails_denies(anna: Customer, caplog: pytest.LogCaptureFixture, table: str) -> None:
    allow(anna, "recs")
    point = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
    for purpose in ("recs", "delivery"):
        decision = decide(anna, purpose)
        assert (decision.allowed, decision.reason) == (False, Reason.ERROR)
    transaction.savepoint_rollback(point)
    assert "decide() failed and denied" in caplog.text
    assert decide(anna, "recs").allowed


def test_a_law_that_is_not_there_denies(anna: Customer, caplog: pytest.LogCaptureFixture) -> None:
    allow(anna, "recs")
    point = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {RegimeVersion._meta.db_table} RENAME TO elsewhere")
        cursor.execute(f"CREATE TABLE {RegimeVersion._meta.db_table} AS SELECT * FROM elsewhere WHERE 1 = 0")
    law.reload()
    decision = decide(anna, "recs")
    transaction.savepoint_rollback(point)
    law.reload()
    assert (decision.allowed, decision.reason) == (False, Reason.ERROR)
    assert decide(anna, "recs").allowed


def test_a_home_regime_that_the_law_does_not_know_denies(anna: Customer, caplog: pytest.LogCaptureFixture) -> None:
    allow(anna, "recs")
    Brand.objects.filter(pk=anna.brand.pk).update(home_regime="atlantis")
    assert decide(anna, "recs").reason is Reason.ERROR


# ── The page and decide() ───────────────────────────────────────────────────────────────────────────────────────────


def decisions_of_page(customer: Customer) -> dict[tuple[str, str], Any]:
    choices = {(choice.purpose, choice.channel): choice for choice in customer.choices.all()}
    reader = Reader(customer, choices, [], "en", "0" * 32, Head.objects.get(pk=customer.subject).seq)
    return {
        (purpose.key, channel): reader.decision(purpose, channel)
        for purpose in published(customer.brand).values()
        for channel in purpose.channels or ("",)
    }


def test_the_page_says_of_every_use_what_decide_says(anna: Customer) -> None:
    allow(anna, "recs")
    allow(anna, "news", "sms")
    deny(anna, "ads")
    actions.stop(anna, Scope.MARKETING, own(anna))
    allow(anna, "news", "email")
    anna.refresh_from_db()
    of_page = decisions_of_page(anna)
    assert of_page == {use: decide(anna, *use) for use in of_page}
    assert {use: str(each.reason) for use, each in of_page.items()} == {
        ("recs", ""): "granted", ("news", "email"): "granted", ("news", "sms"): "marketing_stopped", ("news", "post"): "marketing_stopped",
        ("ads", ""): "refused", ("makers", ""): "marketing_stopped", ("insight", ""): "undecided", ("delivery", ""): "contract",
        ("invoices", ""): "legal_duty", ("fraud", ""): "not_objected",
        ("room-photos", ""): "not_in_force",
    }  # fmt: skip
    pressed = {row.id: row.decide.state for row in choices_page(anna, "en").rows if row.decide}
    assert pressed["recs-t"] == "allow"
    assert pressed["ads-t"] == "deny"
    assert pressed["insight-t"] == "open"
