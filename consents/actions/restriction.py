"""Restriction (GDPR Art. 18): the data stays, and nothing is done with it, while somebody checks what the person says."""

from __future__ import annotations

from accounts.models import Customer
from ledger.models import Entry
from ledger.turns import Turn


def restrict(this: Turn, customer: Customer, *, request: str) -> Entry | None:
    """From now on decide() allows nothing, whatever was said before. Unconditional; None when it stood already. Inside a turn of the
    customer; `request`: the number of what they asked for."""
    return _restriction(this, customer, "on", request)


def lift_restriction(this: Turn, customer: Customer, *, request: str) -> Entry | None:
    """What was allowed is allowed again. The person is told before (Art. 18(3)): the caller sees to that."""
    return _restriction(this, customer, "off", request)


def _restriction(this: Turn, customer: Customer, state: str, request: str) -> Entry | None:
    seq = Customer.objects.values_list("restricted_seq", flat=True).get(pk=customer.pk)
    if (seq is not None) == (state == "on"):
        return None
    entry = this.append(customer.subject, "restriction.changed", {"state": state, "request": request})
    customer.restricted_seq = entry.seq if state == "on" else None
    Customer.objects.filter(pk=customer.pk).update(restricted_seq=customer.restricted_seq)
    return entry
