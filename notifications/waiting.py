"""What of a policy's changes the overview puts to a customer: those that concern them, until they have seen or decided them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone

from accounts.models import Customer
from catalogue import policies
from notifications import policy_changes
from notifications.affected import concerned, of_one, telling
from notifications.models import ChangeSeen


@dataclass(frozen=True)
class Coming:
    """One day on which something changes for them. `decisions`: how many wait for their answer."""

    day: date
    late: bool  # it applies already
    decisions: int
    count: int

    @property
    def title(self) -> str:
        return policy_changes.title(self.day, late=self.late)

    @property
    def waits(self) -> str:
        return policy_changes.waits(self.decisions, self.count - self.decisions)


def coming(customer: Customer) -> list[Coming]:
    """At most three queries, and one for each version that is new. Seen, and nothing open: it has had its place."""
    now = timezone.now()
    versions = [line for line in policies.lines(customer.brand) if line.number > 1 and line.in_force_from > now - settings.NEWS_KEPT]
    if not versions:
        return []
    seen = set(ChangeSeen.objects.filter(customer=customer, version__in=[line.pk for line in versions]).values_list("version", flat=True))
    found = []
    for line in reversed(versions):
        told = telling(policy_changes.changes_of(line.pk, line.sha256))
        at = max(now, line.in_force_from)
        mine = of_one(customer, concerned(customer.brand, told, [(customer.country, customer.region)], at), at)
        decisions = sum(change.asks for change in mine)
        if mine and (decisions or line.pk not in seen):
            found.append(Coming(line.day, line.in_force_from <= now, decisions, len(mine)))
    return found
