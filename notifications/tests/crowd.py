"""People of every sort, with histories made by chance: adults and minors, of many places, with wide and standing words of every sort."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from accounts.models import Contact, Customer
from brands.models import Brand
from catalogue.published import published
from consents.models import Choice
from consents.states import State
from ledger.models import Head

PLACES = [("PL", ""), ("DE", ""), ("US", "CA"), ("US", "MD"), ("US", ""), ("JP", ""), ("FR", "")]
WIDE = ("marketing_stopped_seq", "sale_stopped_seq", "sensitive_limited_seq")
SEQ = 20


def crowd(brand: Brand, count: int, chance: random.Random, *, without_address: float = 0.0) -> list[Customer]:
    made = Customer.objects.bulk_create(_one(brand, chance) for _ in range(count))
    Head.objects.bulk_create(Head(subject=each.subject, seq=SEQ) for each in made)
    Choice.objects.bulk_create(word for each in made for word in words(brand, each, chance))
    there = [each for each in made if chance.random() >= without_address]
    Contact.objects.bulk_create(_address(brand, each) for each in there)
    return made


def _address(brand: Brand, person: Customer) -> Contact:
    address = f"{person.pk}@example.com"
    return Contact(brand=brand, customer=person, channel="email", canonical=address, address=address, proven_at=timezone.now())


def _one(brand: Brand, chance: random.Random) -> Customer:
    country, region = chance.choice(PLACES)
    sort, today = chance.random(), timezone.localdate()
    born = None
    if sort < 0.3:
        born = today - timedelta(days=int(365.25 * chance.choice([8, 12, 14, 15, 17, 19, 40])))
    return Customer(
        brand=brand, subject=secrets.token_hex(16), language=chance.choice(["en", "pl"]), country=country, region=region, name="Ola Nowak",
        birth_date=born, minor_until=date(born.year + 18, born.month, min(born.day, 28)) if born else None,
        restricted_seq=9 if chance.random() < 0.1 else None,
        **{column: chance.choice([None, None, None, 10, 15, 17, 30]) for column in WIDE},
    )  # fmt: skip


def words(brand: Brand, person: Customer, chance: random.Random, share: float = 0.5) -> Iterator[Choice]:
    parties: Sequence[str] = [person.subject] * 9 + [secrets.token_hex(16)]  # now and then the word of a guardian
    for key, purpose in published(brand).items():
        for channel in {"", *purpose.channels}:
            if chance.random() < share:
                state = chance.choice(list(State))
                ends = state is State.GRANTED and chance.random() < 0.3
                yield Choice(
                    customer=person, purpose=key, channel=channel, party=chance.choice(parties), state=state.value, version=1, seq=SEQ,
                    seen=chance.choice([None, 5, 15, 19]), entry=0, receipt=uuid.uuid4(), recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
                    how="button", expires_at=timezone.now() + timedelta(days=chance.choice([-1, 100])) if ends else None,
                )  # fmt: skip
