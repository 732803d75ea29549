"""The conditions over many people say of each what decide() says of them, whatever their rows hold."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import published
from consents.audience import Audience, asks_of, runs_for
from consents.conditions import Condition
from consents.models import Choice
from consents.states import State
from consents.tests.acting import a_word

PLACES = [("PL", ""), ("DE", ""), ("US", "CA"), ("US", "MD"), ("US", ""), ("JP", "")]
WIDE = ("marketing_stopped_seq", "sale_stopped_seq", "sensitive_limited_seq")


def people(brand: Brand, count: int, chance: random.Random) -> list[Customer]:
    """Adults of every place, with wide words and standing words of every sort."""
    made = Customer.objects.bulk_create(
        Customer(
            brand=brand, subject=secrets.token_hex(16), language="en", country=country, region=region,
            restricted_seq=9 if chance.random() < 0.1 else None,
            **{column: chance.choice([None, None, 10, 15, 17, 30]) for column in WIDE},
        )
        for country, region in (chance.choice(PLACES) for _ in range(count))
    )  # fmt: skip
    Choice.objects.bulk_create(word for person in made for word in _words(brand, person, chance))
    return made


def _words(brand: Brand, person: Customer, chance: random.Random) -> Iterable[Choice]:
    for key, purpose in published(brand).items():
        for channel in {"", *purpose.channels}:
            if chance.random() < 0.6:
                state = chance.choice(list(State))
                ends = state is State.GRANTED and chance.random() < 0.4
                yield Choice(
                    customer=person, purpose=key, channel=channel, party=person.subject, state=state.value, version=1, seq=20,
                    seen=chance.choice([None, 5, 15, 19]), entry=0, receipt=uuid.uuid4(), recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
                    how="button", expires_at=timezone.now() + timedelta(days=chance.choice([-1, 1])) if ends else None,
                )  # fmt: skip


def found(brand: Brand, condition: Condition) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT c.id FROM accounts_customer c WHERE c.brand_id = %s AND {condition.sql}", [brand.pk, *condition.values])
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.parametrize("seed", range(3))
def test_of_every_use_the_many_and_the_one_agree(golden: Brand, seed: int) -> None:
    made = people(golden, 60, random.Random(seed))
    now = timezone.now()
    audience = Audience(golden, now, PLACES)
    assert found(golden, audience.simple(published(golden))) >= {person.pk for person in made}
    for key in published(golden):
        runs, asks = found(golden, audience.runs(key)), found(golden, audience.asks(key))
        assert runs & {each.pk for each in made} == {person.pk for person in made if runs_for(person, key, now)}, key
        assert asks & {each.pk for each in made} == {person.pk for person in made if asks_of(person, key, now)}, key


@pytest.mark.parametrize("seed", range(2))
def test_of_the_shop_too(linden: Brand, seed: int) -> None:
    made = people(linden, 60, random.Random(seed))
    mine, now = {person.pk for person in made}, timezone.now()
    audience = Audience(linden, now, PLACES)
    for key in published(linden):
        assert found(linden, audience.runs(key)) & mine == {person.pk for person in made if runs_for(person, key, now)}, key
        assert found(linden, audience.asks(key)) & mine == {person.pk for person in made if asks_of(person, key, now)}, key


def test_a_minor_a_child_of_somebody_and_an_unread_place_are_not_simple(linden: Brand, anna: Customer) -> None:
    def simple(*purposes: str) -> bool:
        return anna.pk in found(linden, Audience(linden, timezone.now(), [("PL", "")]).simple(purposes))

    assert simple()
    assert simple("recs")
    word = a_word(anna, "recs", "granted", party=secrets.token_hex(16))
    assert not simple("recs")
    assert simple("news")
    word.delete()
    for column, value in (("birth_date", date(1990, 1, 1)), ("minor_until", date(2040, 1, 1)), ("country", "FR"), ("region", "MZ")):
        before = getattr(anna, column)
        Customer.objects.filter(pk=anna.pk).update(**{column: value})
        assert not simple("recs"), column
        Customer.objects.filter(pk=anna.pk).update(**{column: before})


def test_nobody_is_found_for_a_use_that_is_not_there(linden: Brand, anna: Customer) -> None:
    audience, now = Audience(linden, timezone.now(), [("PL", "")]), timezone.now()
    assert not found(linden, audience.runs("nosuch"))
    assert not found(linden, audience.asks("nosuch"))
    assert not runs_for(anna, "nosuch", now)
    assert not asks_of(anna, "nosuch", now)


def test_where_no_place_was_read_nobody_is_found(linden: Brand, anna: Customer) -> None:
    audience = Audience(linden, timezone.now(), [])
    assert not found(linden, audience.runs("delivery"))
    assert not found(linden, audience.simple([]))
