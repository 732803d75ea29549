"""Whom a change concerns: the many by conditions, the one by asking, and both the same; change after change."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from catalogue import actions
from catalogue.content import Content
from catalogue.models import Change, PolicyVersion
from catalogue.policy_content import ChangeContent, PolicyContent
from catalogue.published import published
from catalogue.tests.saying_policies import POLICY, publish_policy, saying, telling
from consents.models import Choice
from consents.tests.acting import allow, deny
from jobs.actions import run_due
from ledger.proving import prove
from notifications import affected, policy_changes
from notifications.affected import concerned, concerns, of_one
from notifications.models import Campaign, Message
from notifications.tests.conftest import mails, work
from notifications.tests.crowd import PLACES, crowd, words
from notifications.waiting import coming

EDITORIAL, MATERIAL, ASKING = Change.Materiality.EDITORIAL, Change.Materiality.MATERIAL, Change.Materiality.NEEDS_CONSENT


def change(materiality: str = MATERIAL, key: str = "one", **more: Any) -> ChangeContent:
    return replace(ChangeContent(key, "purpose", materiality, {"en": "T"}, {"en": "F"}), **more)


def by_chance(brand: Brand, chance: random.Random, key: str) -> ChangeContent:
    keys = sorted(published(brand).keys() - {"room-photos"})  # which the shop's own policy tells of
    asked = sorted(each for each in keys if published(brand)[each].basis == "consent")
    materiality = chance.choice([MATERIAL, MATERIAL, ASKING, EDITORIAL])
    asks = materiality == ASKING
    uses = chance.sample(asked if asks else keys, chance.choice([1, 1, 2] if asks else [0, 1, 3]))
    return change(
        materiality, key, purposes=tuple(uses), countries=chance.choice([(), (), ("PL",), ("US", "JP")]),
        audience=chance.choice(["everybody", "everybody", "adults", "minors"]),
    )  # fmt: skip


def found(brand: Brand, sql: str, values: Iterable[Any]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT c.id FROM accounts_customer c WHERE c.brand_id = %s AND {sql}", [brand.pk, *values])
        return {row[0] for row in cursor.fetchall()}


def asked(people: Iterable[Customer], changes: Iterable[ChangeContent], brand: Brand) -> set[int]:
    """One by one, of rows read anew."""
    now, told = timezone.now(), list(changes)
    rows = Customer.objects.filter(pk__in=[each.pk for each in people])
    for row in rows:
        row.brand = brand
    return {row.pk for row in rows if any(concerns(row, each, now) for each in told)}


# ── The rules ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_editorial_change_concerns_nobody(linden: Brand, anna: Customer) -> None:
    now = timezone.now()
    assert not concerns(anna, change(EDITORIAL), now)
    assert not found(linden, *concerned(linden, [change(EDITORIAL)], PLACES, now).any)
    assert affected.telling([change(EDITORIAL), change(MATERIAL)]) == (change(MATERIAL),)


def test_a_change_that_names_nothing_concerns_everybody_and_one_that_asks_only_the_undecided(
    linden: Brand, anna: Customer, carol: Customer
) -> None:
    now = timezone.now()
    assert concerns(anna, change(MATERIAL), now)
    asking = change(ASKING, purposes=("recs",))
    assert concerns(anna, asking, now)
    deny(anna, "recs")
    allow(carol, "recs")
    assert not concerns(anna, asking, now)
    assert not concerns(carol, asking, now)
    about = change(MATERIAL, purposes=("recs",))
    assert not concerns(anna, about, now)
    assert concerns(carol, about, now)


def test_a_change_for_minors_concerns_none_who_is_of_age_and_the_other_way_round(linden: Brand, anna: Customer) -> None:
    now = timezone.now()
    for audience, mine in (("adults", True), ("minors", False), ("everybody", True)):
        assert concerns(anna, change(audience=audience), now) is mine
    anna.minor_until = (now + timedelta(days=9)).date()
    for audience, mine in (("adults", False), ("minors", True), ("everybody", True)):
        assert concerns(anna, change(audience=audience), now) is mine
    assert affected.addressed(anna, change(audience="minors", countries=("PL",)), now)
    assert not affected.addressed(anna, change(audience="minors", countries=("DE",)), now)


def test_of_somebody_who_is_not_there_any_more_nothing_is_said(linden: Brand, anna: Customer) -> None:
    now = timezone.now()
    all_of_it = concerned(linden, [change()], [("PL", "")], now)
    assert of_one(anna, all_of_it, now) == (change(),)
    Customer.objects.filter(pk=anna.pk).delete()
    assert of_one(anna, all_of_it, now) == ()


def test_a_use_that_begins_on_the_policys_day_is_told_to_those_for_whom_it_will_run(linden: Brand, anna: Customer, carol: Customer) -> None:
    """It runs for nobody yet: they are told before it begins, which is what the notice is for."""
    publish_policy(linden)
    start = timezone.now() + timedelta(days=40)
    fraud = Content.of(linden.purposes.get(key="fraud").versions.latest("number"))
    actions.publish(actions.draft_purpose(linden, key="checks", content=fraud), by="system:tests", in_force_from=start)
    Customer.objects.filter(pk=carol.pk).update(birth_date=date(2014, 1, 1), minor_until=date(2032, 1, 1))  # who is asked one by one
    about = change(MATERIAL, purposes=("checks",))
    assert not concerns(anna, about, timezone.now())
    reworded = saying(POLICY, kept={"body": "We check orders."})
    version = publish_policy(
        linden, telling(reworded, POLICY, kind="purpose", materiality=MATERIAL, purposes=("checks",)), in_force_from=start
    )
    assert work() == 2
    assert set(Message.objects.filter(campaign__version=version).values_list("customer", "state")) == {
        (anna.pk, "sent"),
        (carol.pk, "sent"),
    }
    (one,) = coming(anna)
    assert (one.count, one.late) == (1, False)


# ── Any history ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(4))
def test_the_many_and_the_one_agree_whatever_the_history(linden: Brand, seed: int) -> None:
    chance = random.Random(seed)
    people = crowd(linden, 60, chance)
    mine, now = {each.pk for each in people}, timezone.now()
    for number in range(12):
        changes = [by_chance(linden, chance, f"c{number}-{each}") for each in range(chance.choice([1, 2, 3]))]
        all_of_it = concerned(linden, changes, PLACES, now)
        simple = found(linden, *all_of_it.simple) & mine
        assert simple
        assert simple < mine, "some are asked one by one"
        one_by_one = asked(people, changes, linden)
        assert found(linden, *all_of_it.any) & simple == one_by_one & simple, changes
        for each, condition in zip(changes, all_of_it.conditions, strict=True):
            assert found(linden, *condition) & simple == asked(people, [each], linden) & simple, each
        for person in chance.sample(people, 8):
            person.brand = linden
            by_one = of_one(person, all_of_it, now)
            assert by_one == tuple(each for each in changes if person.pk in asked([person], [each], linden))


@pytest.mark.parametrize("seed", range(2))
def test_change_after_change_reaches_those_whom_it_concerns_and_nobody_else(linden: Brand, seed: int) -> None:
    """Ten changes; between them people decide, move and come of age."""
    chance = random.Random(100 + seed)
    people = crowd(linden, 30, chance)
    reached: list[int] = []
    publish_policy(linden)
    for number in range(2, 12):
        version = _next_version(linden, number, chance)
        prove()
        expected = asked(people, policy_changes.told_by(version), linden)
        run_due()
        campaign = Campaign.objects.filter(version=version).first()
        told = set(Message.objects.filter(campaign=campaign).values_list("customer", flat=True)) if campaign else set()
        assert told == expected, number
        assert campaign is None or campaign.chosen_at or not told
        reached.append(len(told))
        _live_on(linden, people, chance)
    assert len(set(reached)) > 3, "the changes told nothing apart"


def _next_version(brand: Brand, number: int, chance: random.Random) -> PolicyVersion:
    before = brand.policies.get(key="privacy").newest
    assert before is not None
    newest = PolicyContent.of(before)
    content = saying(POLICY, kept={"body": f"We keep orders for **{number} months**."})
    one = by_chance(brand, chance, f"change-{number}")
    fields = {"key": one.key, "kind": "purpose", "materiality": one.materiality, "purposes": one.purposes, "countries": one.countries}
    said = telling(content, newest, **fields, audience=one.audience)
    return publish_policy(brand, said, in_force_from=timezone.now() + timedelta(days=60 + number))


def _live_on(brand: Brand, people: list[Customer], chance: random.Random) -> None:
    for person in chance.sample(people, 10):
        Choice.objects.filter(customer=person).delete()
        Choice.objects.bulk_create(words(brand, person, chance, share=0.3))
        country, region = chance.choice(PLACES)
        Customer.objects.filter(pk=person.pk).update(country=country, region=region, birth_date=None, minor_until=None)


def test_the_mails_reach_exactly_those_who_were_chosen(linden: Brand) -> None:
    chance = random.Random(7)
    people = crowd(linden, 25, chance, without_address=0.2)
    publish_policy(linden)
    version = None
    while version is None or not asked(people, policy_changes.told_by(version), linden):
        version = _next_version(linden, 2 if version is None else (version.number or 0) + 1, chance)
    expected = asked(people, policy_changes.told_by(version), linden)
    work()
    with_address = {f"{pk}@example.com" for pk in expected} & {each.contacts.get().address for each in people if each.contacts.exists()}
    last = Campaign.objects.get(version=version)
    told = Message.objects.filter(campaign=last)
    assert {each.customer_id for each in told} == expected
    assert {f"{each.customer_id}@example.com" for each in told.filter(state="sent")} == with_address
    assert set(told.exclude(state="sent").values_list("state", "why")) <= {("in_center", "no_address")}
    assert {mail["To"] for mail in mails()} >= with_address
