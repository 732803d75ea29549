"""What a partner calls a person: a number that no other partner has, so that two of them cannot lay their lists side by side."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable

from accounts.models import Customer
from accounts.sealed import seal, unseal
from propagation.models import Partner, Pseudonym

DIGITS = 32


def new_secret() -> str:
    """Encrypted, for the row of a partner."""
    return seal({"secret": secrets.token_hex(32)})


class Pseudonyms:
    """Of one partner; its secret is decrypted once."""

    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self._secret = bytes.fromhex(unseal(partner.secret)["secret"])

    def of(self, subject: str) -> str:
        """HMAC-SHA256(secret, subject), the first 32 hex digits (design: pairwise identifiers)."""
        return hmac.digest(self._secret, subject.encode(), "sha256").hex()[:DIGITS]

    def keep(self, people: Iterable[tuple[int, str]]) -> None:
        """(customer, subject) of each: so that the number finds them again. Twice is once."""
        rows = [Pseudonym(partner=self.partner, customer_id=customer, value=self.of(subject)) for customer, subject in people]
        Pseudonym.objects.bulk_create(rows, ignore_conflicts=True)

    def keep_one(self, customer: Customer) -> str:
        value = self.of(customer.subject)
        Pseudonym.objects.get_or_create(partner=self.partner, customer=customer, defaults={"value": value})
        return value
