"""The ledger follower that turns entries into deliveries: a row an entry and endpoint, and the rows by which the person sees it."""

from __future__ import annotations

import json
from typing import ClassVar

from django.db import transaction
from pydantic.fields import FieldInfo

from accounts.models import Customer
from brands import mail
from brands.models import Brand
from consents.actions import note_passing
from consents.models import Passing
from ledger.canonical import timestamp
from ledger.followers import Follower
from ledger.models import Entry
from propagation.models import Delivery, Endpoint, Partner
from propagation.pseudonyms import Pseudonyms
from propagation.waking import look_now
from propagation.webhooks import events
from propagation.webhooks.concerned import ABOUT_NOBODY, Confirm, News, confirm_by, news_of
from propagation.webhooks.numbers import new_number


class Webhooks(Follower):
    """Per person: where one entry fails, the later ones of the same person wait, so that nobody hears of a yes after the no."""

    name: ClassVar[str] = "webhooks"
    from_start: ClassVar[bool] = True  # an installation that was there before begins where it stood: see the migration
    per_person: ClassVar[bool] = True

    def handle(self, entry: Entry, position: int) -> None:
        customer = Customer.objects.select_related("brand").filter(subject=entry.subject).first()
        brand = customer.brand if customer is not None else Brand.objects.filter(key=entry.brand).first()
        if brand is None:
            return
        if entry.kind in JOINS and customer is not None:
            for partner in partners_of(brand):
                Pseudonyms(partner).keep_one(customer)
        for news in news_of(entry, position, customer, brand):
            _tell(entry, position, customer, brand, news)


# From here on somebody is known, and may be asked about by their number.
JOINS = frozenset({"person.joined", "person.met", "person.recorded"})


def partners_of(brand: Brand) -> list[Partner]:
    return list(Partner.objects.filter(brand=brand, in_use=True).select_related("recipient", "brand"))


def _tell(entry: Entry, position: int, customer: Customer | None, brand: Brand, news: News) -> None:
    partners = partners_of(brand)
    endpoints = Endpoint.objects.filter(partner__in=partners).exclude(closed_why=Endpoint.Closed.BY_HAND)
    by_partner: dict[int, list[Endpoint]] = {}
    for endpoint in endpoints:
        by_partner.setdefault(endpoint.partner_id, []).append(endpoint)
    deliveries = [
        delivery_of(entry, position, customer, partner, endpoint, news)
        for partner in partners
        if news.concerns(partner)
        for endpoint in by_partner.get(partner.pk, ())
        if endpoint.wants(news.kind)
    ]
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    if customer is not None:
        note_passing(_passings(entry, customer, news, {each.recipient.key: each for each in partners if each.recipient}, by_partner))
    if deliveries:
        transaction.on_commit(look_now, robust=True)


def delivery_of(entry: Entry, position: int, customer: Customer | None, partner: Partner, endpoint: Endpoint, news: News) -> Delivery:
    confirm = Confirm(confirm_url(endpoint), timestamp(confirm_by(entry, partner))) if news.confirmable else Confirm()
    event = event_for(partner, entry, customer, news, confirm)
    if not endpoint.full:
        event = thin(event)
    body = json.dumps(events.envelope(event, timestamp(entry.recorded_at)), ensure_ascii=False, separators=(",", ":"))
    return Delivery(
        endpoint=endpoint, number=new_number(), kind=news.kind, about=news.mark, entry=entry.pk, position=position,
        subject=entry.subject if customer and news.kind not in ABOUT_NOBODY else "", urgent=news.urgent, body=body,
        next_try=entry.recorded_at, created_at=entry.recorded_at,
    )  # fmt: skip


def event_for(partner: Partner, entry: Entry, customer: Customer | None, news: News, confirm: Confirm) -> events.Event:
    return news.make(partner, _named(partner, entry.subject, customer) if news.kind not in ABOUT_NOBODY else None, confirm)


def _named(partner: Partner, subject: str, customer: Customer | None) -> events.Named:
    """Somebody who is gone has no ids any more."""
    ids = None
    if partner.names_people_by == Partner.Naming.EXTERNAL and customer is not None:
        ids = list(customer.external_ids.order_by("pk").values_list("value", flat=True))
    pseudonyms = Pseudonyms(partner)
    if customer is not None:
        pseudonyms.keep_one(customer)
    return events.Named(pairwise=pseudonyms.of(subject), ids=ids)


def thin(event: events.Event) -> events.Event:
    """Without what the API tells whoever may ask."""
    more = {name: None for name in ("state", "version", "how") if not type(event).model_fields.get(name, REQUIRED).is_required()}
    return event.model_copy(update=more)


REQUIRED = FieldInfo(annotation=str)


def confirm_url(endpoint: Endpoint) -> str:
    return f"{mail.origin(endpoint.partner.brand)}/api/v1/confirmations/{endpoint.number}"


def _passings(
    entry: Entry, customer: Customer, news: News, partners: dict[str, Partner], by_partner: dict[int, list[Endpoint]]
) -> list[Passing]:
    """Who works on our instructions and has no partner here is stopped by the brand itself, and is not told; every third party is."""
    rows, outside = [], third_parties(customer.brand)
    for purpose, channel, change, recipient, name in news.rows:
        partner = partners.get(recipient)
        machine = partner is not None and any(endpoint.wants(news.kind) for endpoint in by_partner.get(partner.pk, ()))
        if partner is None and recipient not in outside:
            continue
        if not machine and change == Passing.Change.STARTED:
            continue
        due = confirm_by(entry, partner) if news.confirmable else None
        rows.append(
            Passing(
                customer=customer, entry=entry.pk, purpose=purpose, channel=channel, recipient=recipient, name=name, change=change,
                by_machine=machine, recorded_at=entry.recorded_at, confirm_by=due,
            )
        )  # fmt: skip
    return rows


def third_parties(brand: Brand) -> frozenset[str]:
    return frozenset(brand.recipients.filter(third_party=True).values_list("key", flat=True))
