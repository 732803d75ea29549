"""Whose act it is: a turn of the customer, by themselves."""

from __future__ import annotations

from contextlib import AbstractContextManager

from accounts.models import Customer
from ledger.turns import Turn, turn


def own_turn(customer: Customer) -> AbstractContextManager[Turn]:
    return turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}")
