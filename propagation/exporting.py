"""Everything that the brand has here about choices, as lines: its own data, without quota, for whoever leaves as for whoever backs up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch
from pydantic import BaseModel

from accounts.models import Customer
from brands.models import Brand
from consents.models import Choice, Taste
from consents.states import SCOPE_COLUMN
from ledger.canonical import timestamp
from ledger.models import Entry

AT_ONCE = 1000


class ExportLine(BaseModel):
    """One person a line: how they are reached, what they decided, each with its receipt; the last line is {"end": true, "count"}."""

    person: dict[str, Any]
    choices: list[dict[str, Any]]
    scopes: list[str]
    tastes: list[dict[str, Any]]


def export_lines(brand: Brand) -> Iterator[bytes]:
    people = Customer.objects.at(brand).order_by("pk").prefetch_related(
        "contacts", "external_ids", Prefetch("choices", Choice.objects.order_by("purpose", "channel", "party")), "tastes"
    )  # fmt: skip
    after = count = 0
    while some := list(people.filter(pk__gt=after)[:AT_ONCE]):
        shown = _wordings(some)
        yield b"".join(json.dumps(_line(each, shown), ensure_ascii=False).encode() + b"\n" for each in some)
        after, count = some[-1].pk, count + len(some)
    yield json.dumps({"end": True, "count": count}).encode() + b"\n"


def _wordings(people: list[Customer]) -> dict[int, tuple[str | None, str | None]]:
    """By entry of each choice: the hash of what was shown, and when it was decided elsewhere."""
    entries = [choice.entry for each in people for choice in each.choices.all()]
    found = {}
    for entry in Entry.objects.filter(pk__in=entries).readable():
        act = entry.act
        found[entry.pk] = (act["shown"], act["occurred_at"])
    return found


def _line(customer: Customer, shown: dict[int, tuple[str | None, str | None]]) -> dict[str, Any]:
    return {
        "person": {
            "code": customer.code, "ids": [each.value for each in customer.external_ids.all()],
            "contacts": [
                {"channel": each.channel, "address": each.address, "proven_at": timestamp(each.proven_at) if each.proven_at else None}
                for each in customer.contacts.all()
            ],
            "language": customer.language, "country": customer.country, "region": customer.region,
        },
        "choices": [_choice(each, customer, *shown.get(each.entry, (None, None))) for each in customer.choices.all()],
        "scopes": [scope.value for scope, column in SCOPE_COLUMN.items() if getattr(customer, column) is not None],
        "tastes": [_taste(each) for each in customer.tastes.all()],
    }  # fmt: skip


def _choice(choice: Choice, customer: Customer, shown: str | None, occurred_at: str | None) -> dict[str, Any]:
    return {
        "purpose": choice.purpose, "channel": choice.channel, "by": "self" if choice.party == customer.subject else "guardian",
        "state": choice.state, "version": choice.version, "how": choice.how, "receipt": str(choice.receipt),
        "recorded_at": timestamp(choice.recorded_at), "expires_at": timestamp(choice.expires_at) if choice.expires_at else None,
        "occurred_at": occurred_at, "shown": shown,
    }  # fmt: skip


def _taste(taste: Taste) -> dict[str, Any]:
    return {
        "channel": taste.channel, "topics_off": taste.topics_off, "days_between": taste.days_between,
        "pause_until": taste.pause_until.isoformat() if taste.pause_until else None,
    }  # fmt: skip
