"""Many entries, quickly and truthfully: decisions written as the product writes them, many to a turn instead of one."""

from __future__ import annotations

from django.db import connection, transaction

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import published
from consents.saying import Said
from consents.standing import Standing, basis_here, write
from consents.states import State
from ledger.models import Entry
from ledger.sequence import sequence, write_seal_file
from ledger.subjects import new_subject
from ledger.turns import turn

IN_ONE_TURN, IN_ONE_COMMIT = 100, 50
ANSWERS = (State.GRANTED, State.WITHDRAWN)


@transaction.atomic
def people(brand: Brand, count: int) -> list[Customer]:
    """Customers whom the brand's own records know and who have never signed in."""
    there = list(Customer.objects.filter(brand=brand, person=None).select_related("brand").order_by("pk")[:count])
    new = [Customer(brand=brand, subject=new_subject(), language="en", country=brand.country) for _ in range(count - len(there))]
    return there + Customer.objects.bulk_create(new)


def entries_for(customer: Customer, count: int) -> None:
    """`count` more decisions of one person."""
    while count > 0:
        _decide(customer, min(count, IN_ONE_TURN))
        count -= IN_ONE_TURN


def fill(brand: Brand, subjects: int, up_to: int) -> None:
    """Until the ledger holds about `up_to` entries, spread evenly over the people; then positions and seals for all."""
    each = -(-(up_to - Entry.objects.count()) // subjects)  # rounded up
    everybody = people(brand, subjects)
    for start in range(0, subjects, IN_ONE_COMMIT):
        with transaction.atomic():
            for customer in everybody[start : start + IN_ONE_COMMIT]:
                entries_for(customer, each)
    while sequence():
        pass
    write_seal_file()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum would have done by the time such a ledger has grown


def _decide(customer: Customer, count: int) -> None:
    """Yes and no in turn. The row is written with the last entry, as it would stand after them all."""
    purpose = published(customer.brand)["recs"]
    said = Said(actor="system:benchmarks", party=customer.subject)
    basis = basis_here(customer, purpose)
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        standing = Standing(this, customer, purpose, "", said)
        for number in range(count):
            write(this, standing, basis, ANSWERS[number % 2], said, shown_sha256=None)
