"""Whom a campaign reaches, some thousands at a time: one statement for those whom the conditions are exact for, the others one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Customer
from notifications import policy_changes
from notifications.addresses import IN_VAIN, NEWEST
from notifications.affected import concerned, concerns, telling
from notifications.families import asked_about
from notifications.models import Campaign, Message
from notifications.states import Class, State

AT_ONCE = 2000  # customers a transaction

INSERT = f"""
INSERT INTO notifications_message (brand_id, customer_id, campaign_id, kind, klass, language, facts, urgent, state, why, answer, attempts,
    run_after, message_id, body_sha256, queued_at)
SELECT c.brand_id, c.id, %s, %s, 'service', c.language, '{{{{}}}}', FALSE,
    CASE WHEN k.id IS NULL OR {IN_VAIN} THEN 'in_center' ELSE 'queued' END,
    CASE WHEN k.id IS NULL THEN 'no_address' WHEN {IN_VAIN} THEN 'undeliverable' ELSE '' END, '', 0, %s, '', '', %s
FROM accounts_customer c {NEWEST}
WHERE c.brand_id = %s AND c.id > %s AND c.id <= %s AND {{who}}
ON CONFLICT DO NOTHING
"""
WAS_TOLD = (State.SENT, State.IN_DOUBT, State.BOUNCED, State.IN_CENTER)  # by mail, or in the center
# A reminder goes to those who were told before it began: whoever is chosen late, in the same week, is told once.
TOLD = (
    "EXISTS (SELECT 1 FROM notifications_message t WHERE t.customer_id = c.id AND t.campaign_id = %s"
    f" AND t.queued_at < %s AND t.state IN ({', '.join(repr(each.value) for each in WAS_TOLD)}))"
)


@dataclass(frozen=True)
class People:
    """The customers of one brand with keys above `after` up to `last`."""

    after: int
    last: int
    count: int


def next_people(campaign: Campaign, after: int, at_once: int) -> People | None:
    following = Customer.objects.filter(brand=campaign.brand, pk__gt=after).order_by("pk").values_list("pk", flat=True)
    keys = list(following[:at_once])
    return People(after, keys[-1], len(keys)) if keys else None


class Choosing:
    """Those of the people whom it concerns: asked outside a transaction, written inside one. The few who are asked one by one are asked
    first; for the others asking and writing is one statement."""

    def __init__(self, campaign: Campaign, people: People, now: datetime) -> None:
        self.campaign, self.people, self.now = campaign, people, now
        reminder = campaign.kind == Campaign.Kind.REMINDER
        self.kind = "policy_reminder" if reminder else "policy_change"
        self.at = policy_changes.moment_of(campaign.version, now)
        told = telling(policy_changes.told_by(campaign.version), open_only=reminder)
        self.found = concerned(campaign.brand, told, self._places(), self.at)
        self.before = _first_of(campaign)
        self.others = [customer for customer in self._one_by_one() if self._concerns(customer)]

    def write(self) -> None:
        """A row for each of them; of a child, one for each adult who decides. Twice is once."""
        self._write_the_simple()
        for customer in self.others:
            for reader in asked_about(customer):
                self._write_one(customer, reader)

    def _write_one(self, customer: Customer, reader: Customer) -> None:
        Message.objects.get_or_create(
            campaign=self.campaign, customer=customer, reader=0 if reader.pk == customer.pk else reader.pk,
            defaults={
                "brand": self.campaign.brand, "kind": self.kind, "klass": Class.SERVICE, "language": reader.language, "urgent": False,
                "state": State.QUEUED, "run_after": self.now, "queued_at": self.now,
            },
        )  # fmt: skip

    def _places(self) -> list[tuple[str, str]]:
        rows = Customer.objects.filter(brand=self.campaign.brand, pk__gt=self.people.after, pk__lte=self.people.last)
        return list(rows.order_by().values_list("country", "region").distinct())

    def _write_the_simple(self) -> None:
        found, campaign, people = self.found, self.campaign, self.people
        who, values = f"{found.simple.sql} AND {found.any.sql}", [*found.simple.values, *found.any.values]
        if self.before is not None:
            began = connection.ops.adapt_datetimefield_value(campaign.created_at)
            who, values = f"{TOLD} AND {who}", [self.before, began, *values]
        moment = connection.ops.adapt_datetimefield_value(self.now)
        fixed: list[Any] = [campaign.pk, self.kind, moment, moment, campaign.brand_id, people.after, people.last]
        with connection.cursor() as cursor:
            cursor.execute(INSERT.format(who=who), [*fixed, *values])

    def _one_by_one(self) -> Iterator[Customer]:
        """Minors, children of somebody: the law asks more of these than a condition says."""
        sql = f"SELECT c.id FROM accounts_customer c WHERE c.brand_id = %s AND c.id > %s AND c.id <= %s AND NOT {self.found.simple.sql}"
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.campaign.brand_id, self.people.after, self.people.last, *self.found.simple.values])
            keys = [row[0] for row in cursor.fetchall()]
        for customer in Customer.objects.filter(pk__in=keys).order_by("pk"):
            customer.brand = self.campaign.brand
            yield customer

    def _concerns(self, customer: Customer) -> bool:
        told = Message.objects.filter(campaign=self.before, customer=customer, state__in=WAS_TOLD, queued_at__lt=self.campaign.created_at)
        if self.before is not None and not told.exists():
            return False
        return any(concerns(customer, change, self.at) for change in self.found.changes)


def _first_of(campaign: Campaign) -> int | None:
    """The campaign that a reminder reminds of."""
    if campaign.kind != Campaign.Kind.REMINDER:
        return None
    first = Campaign.objects.filter(version=campaign.version, kind=Campaign.Kind.CHANGE)
    return first.values_list("pk", flat=True).get()
