"""What happens around a backup, by real actions: python -m preference_center.tests.drilling before|after PEOPLE WITHDRAWALS ERASURES

before      so many people allow one use and object to nothing; the ledger has its positions
after       of these the first withdraw, the next are deleted, one grants what will be lost; positions, seals and journal again
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import django


def before(people: int) -> None:
    import brands
    import catalogue
    from accounts.actions import join
    from brands.actions import load_pack as load_brand
    from catalogue.actions import load_pack as load_purposes
    from consents.states import Verb
    from ledger.proving import prove
    from preference_center.demo.story import decide

    brand = load_brand(Path(brands.__file__).parent / "packs" / "linden.yaml", host="linden.localhost", by="system:tests")
    load_purposes(brand, Path(catalogue.__file__).parent / "packs" / "shop.yaml", by="system:tests")
    brand.refresh_from_db()
    for number in range(people):
        decide(join(brand=brand, address=f"p{number}@example.com", language="en"), "recs", "", Verb.ALLOW)
    prove()


def after(withdrawals: int, erasures: int) -> None:
    from django.utils import timezone

    from accounts.assurance import Level, Proof
    from accounts.models import Customer
    from consents.states import Verb
    from data_requests import actions
    from ledger.proving import prove
    from preference_center.demo.story import decide

    people = list(Customer.objects.select_related("brand", "person").order_by("pk"))
    for customer in people[:withdrawals]:
        decide(customer, "recs", "", Verb.DENY)
    later = timezone.now() + timedelta(days=4)
    for customer in people[withdrawals : withdrawals + erasures]:
        by = f"self:{customer.subject}"
        request = actions.receive(customer, "delete", {}, Proof(Level.IV3, "passkey"), by=by).request
        for item in request.items.exclude(system="center"):
            actions.item_done(item, "done", by="staff:" + "0" * 32)
        actions.start(request, by="system:tests", now=later)
        actions.erase(request, by="system:tests", now=later)
    decide(people[-1], "ads", "", Verb.ALLOW)
    prove()


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "before":
        before(int(sys.argv[2]))
    else:
        after(int(sys.argv[3]), int(sys.argv[4]))
