"""What of a person is deleted: everything that can be, or some of it while their account stays open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import published
from data_requests.models import System
from ledger.models import Entry

MESSAGES = "messages"  # what we wrote to them
FROM_SYSTEM = "system:"  # and the key of a connected one


@dataclass(frozen=True)
class Deletion:
    """`parts`: MESSAGES, and "system:<key>"; empty where everything goes."""

    parts: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        return not self.parts

    def covers(self, other: Deletion) -> bool:
        """Whether nothing of the other is missing here."""
        return self.is_whole or (not other.is_whole and other.parts <= self.parts)

    def takes(self, system: System) -> bool:
        return self.is_whole or f"{FROM_SYSTEM}{system.key}" in self.parts


def deletion_of(asked: Mapping[str, Any]) -> Deletion:
    """Of what a request says; nothing said is everything."""
    return Deletion(frozenset(asked.get("only") or ()))


def systems_to_ask(brand: Brand, deletion: Deletion) -> list[System]:
    return [system for system in System.objects.asked(brand) if deletion.takes(system)]


def recipients_to_tell(customer: Customer) -> list[str]:
    """Names of those who may have the person's data from us and whom no connected system stands for (GDPR Art. 19)."""
    spoken_for = set(System.objects.asked(customer.brand).filter(recipient__isnull=False).values_list("recipient__key", flat=True))
    return sorted(name for key, name in recipients_having(customer).items() if key not in spoken_for)


def recipients_having(customer: Customer) -> dict[str, str]:
    """Keys and names of those who may have the person's data from us. Somebody who never had it is not told of anything: that would be the
    first they hear of the person."""
    now, allowed = timezone.now(), ever_allowed(customer)
    names: dict[str, str] = {}
    for purpose in published(customer.brand, now).values():
        gone = purpose.retired_at is not None and purpose.retired_at <= now
        if gone or (purpose.basis == "consent" and purpose.key not in allowed):
            continue
        names |= {path.recipient: path.recipient_name for path in purpose.uses if path.recipient}
    return names


def ever_allowed(customer: Customer) -> set[str]:
    """Purposes that the person has said yes to at some time."""
    said = Entry.objects.of(customer.subject).readable().filter(kind="choice.decided", payload__contains='"state":"granted"')
    return {entry.act["purpose"] for entry in said.iterator()}
