"""Fills an installation with customers who all allow its newsletter: python -m … COUNT pack|newsletter|news

pack        told of the starter pack's second policy, which concerns all of them
newsletter  sent the newsletter
news        told of a change that concerns those who allow the newsletter, and nobody else
"""

from __future__ import annotations

import secrets
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import django


def main(count: int, what: str) -> None:
    from django.utils import timezone

    import brands
    import catalogue
    from accounts.models import Contact, Customer
    from brands.actions import load_pack as load_brand
    from catalogue.actions import load_pack as load_purposes
    from catalogue.actions import load_policy
    from consents.models import Choice
    from ledger.models import Head
    from preference_center.demo import newsletter as letters
    from preference_center.demo.story import offer_topics

    packs, by, now = Path(catalogue.__file__).parent / "packs", "system:tests", timezone.now()
    brand = load_brand(Path(brands.__file__).parent / "packs" / "linden.yaml", host="linden.localhost", by=by)
    load_purposes(brand, packs / "shop.yaml", by=by)
    brand.refresh_from_db()
    offer_topics(brand)
    people = Customer.objects.bulk_create(
        (Customer(brand=brand, subject=secrets.token_hex(16), name="Jan Kowalski", language="en", country="PL") for _ in range(count)),
        batch_size=2000,
    )
    Head.objects.bulk_create((Head(subject=each.subject, seq=0) for each in people), batch_size=2000)
    addresses = ((each, f"jan{each.pk}@example.com") for each in people)
    Contact.objects.bulk_create(
        (Contact(customer=each, brand=brand, channel="email", address=to, canonical=to, proven_at=now) for each, to in addresses),
        batch_size=2000,
    )
    Choice.objects.bulk_create(
        (
            Choice(
                customer=each, purpose="news", channel="email", party=each.subject, state="granted", version=1, seq=1, seen=0, entry=0,
                receipt=uuid.uuid4(), recorded_at=now, how="button",
            )
            for each in people
        ),
        batch_size=2000,
    )  # fmt: skip
    if what == "newsletter":
        letters.send(brand.topics.get(key="bed"), "under fire")
    elif what == "news":
        tell_of_news(brand)
    else:
        load_policy(brand, packs / "policy-shop.yaml", by=by)


def tell_of_news(brand: Any) -> None:
    from django.utils import timezone

    from catalogue.tests.saying_policies import POLICY, publish_policy, saying, telling

    publish_policy(brand)
    shorter = saying(kept={"body": "We keep it for **24 months**."})
    content = telling(shorter, POLICY, materiality="material", purposes=("news",))
    publish_policy(brand, content, in_force_from=timezone.now() + timedelta(days=31))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), sys.argv[2])
