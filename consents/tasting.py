"""Saving what somebody likes to hear about. It can only narrow what is allowed."""

from __future__ import annotations

from datetime import date

from accounts.models import Customer
from consents.models import Taste
from ledger.models import Entry
from ledger.turns import turn


def choose_taste(
    customer: Customer, channel: str, *, actor: str, topics_off: list[str], days_between: int, pause_until: date | None, where: str
) -> Entry | None:
    """One entry of kind taste.changed; None when it stood so already."""
    wanted = {"topics_off": sorted(set(topics_off)), "days_between": days_between, "pause_until": pause_until}
    with turn(customer.subject, brand=customer.brand.key, actor=actor) as this:
        taste = Taste.objects.of(customer).filter(channel=channel).first()
        if taste is None and wanted == {"topics_off": [], "days_between": 0, "pause_until": None}:
            return None
        if taste is not None and all(getattr(taste, name) == value for name, value in wanted.items()):
            return None
        entry = this.append(
            customer.subject,
            "taste.changed",
            {
                "channel": channel, "topics_off": wanted["topics_off"], "days_between": days_between,
                "pause_until": pause_until.isoformat() if pause_until else None, "where": where,
            },
        )  # fmt: skip
        Taste.objects.update_or_create(customer=customer, channel=channel, defaults={**wanted, "entry": entry.id})
    return entry


def narrow(
    customer: Customer, channel: str, *, actor: str, topics_off: list[str], days_between: int, pause_until: date | None
) -> Entry | None:
    """By a link: only narrower than it is. Topics stay off, the time between grows, a break ends no sooner."""
    taste = Taste.objects.of(customer).filter(channel=channel).first() or Taste(customer=customer, channel=channel)
    ends = [day for day in (taste.pause_until, pause_until) if day is not None]
    return choose_taste(
        customer, channel, actor=actor, where="link",
        topics_off=[*taste.topics_off, *topics_off],
        days_between=max(taste.days_between, days_between),
        pause_until=max(ends, default=None),
    )  # fmt: skip
