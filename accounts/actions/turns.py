"""Whose act it is: a turn of the customer, by themselves."""

from __future__ import annotations

from contextlib import AbstractContextManager

from accounts.models import Customer
from ledger.turns import Turn, turn


def own_turn(customer: Customer, by: str = "") -> AbstractContextManager[Turn]:
    """`by`: who acts, where it is not the customer."""
    return turn(customer.subject, brand=customer.brand.key, actor=by or f"self:{customer.subject}")
