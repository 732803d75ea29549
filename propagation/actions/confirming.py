"""A partner says that it has stopped, corrected or deleted."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from consents.actions import note_confirmed
from data_requests.actions import item_done
from data_requests.models import Item
from data_requests.states import NotPossible
from propagation.models import Delivery, Endpoint

OUTCOMES = ("done", "nothing", "kept")
ITEM = {"done": Item.Outcome.DONE, "nothing": Item.Outcome.NOTHING, "kept": Item.Outcome.KEPT}


class NotTold(LookupError):
    """This endpoint was told of no such event."""


class SaysNothing(ValueError):
    """What is kept says why."""


def confirm(endpoint: Endpoint, number: str, outcome: str, *, note: str = "", evidence: str | None = None) -> bool:
    """The first answer counts; False for a later one. Raises NotTold, SaysNothing; NotPossible where the request it is about is closed."""
    delivery = Delivery.objects.filter(endpoint=endpoint, number=number).first()
    if delivery is None:
        raise NotTold(number)
    if outcome == "kept" and not note:
        raise SaysNothing("what is kept says why")
    if delivery.confirmed_at is not None:
        return False
    by = f"partner:{endpoint.partner.key}"
    if delivery.kind == "deletion.requested":
        _deleted(endpoint, delivery, outcome, note, by)
    elif delivery.entry is not None and endpoint.partner.recipient is not None:
        note_confirmed(delivery.entry, endpoint.partner.recipient.key, outcome, by=by, note=note, evidence=evidence)
    now = timezone.now()
    return bool(Delivery.objects.filter(pk=delivery.pk, confirmed_at=None).update(confirmed_at=now, outcome=outcome))


def _deleted(endpoint: Endpoint, delivery: Delivery, outcome: str, note: str, by: str) -> None:
    """The deletion goes on once nobody is missing."""
    assert endpoint.partner.recipient
    asked = Item.objects.filter(
        request__number=delivery.about, request__brand=endpoint.partner.brand, system=endpoint.partner.recipient.name
    )
    item = asked.select_related("request").first()
    if item is None:
        raise NotPossible("the request is closed")
    if item.outcome in {Item.Outcome.OPEN, Item.Outcome.FAILED}:
        with transaction.atomic():
            item_done(item, ITEM[outcome], by=by, note=note)
