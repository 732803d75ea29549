"""Baseline: one raw SELECT on indexes that brings back as many columns of as many rows as decide() reads, and nothing done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from accounts.models import Customer
from consents.decide import SELECT


def raw_select(customer: Customer, purpose: str) -> Callable[[], None]:
    parameters: list[Any] = [purpose, "", customer.brand_id, customer.pk]

    statement = SELECT.format(whom="c.id = %s")

    def operation() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            cursor.fetchall()

    return operation
