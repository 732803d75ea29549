"""What has to stay at a deletion: written down with the keys to find it by and where to tell of its end, both sealed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone

from accounts.gates import guardians_of
from accounts.models import Contact, Customer
from accounts.sealed import seal
from data_requests.connectors.base import Keys, Table
from data_requests.models import Held, Item, Request

LOOKED_AT_AGAIN = timedelta(days=366)  # where the system says no day


def hold(request: Request, item: Item, tables: Iterable[Table], keys: Keys) -> Held | None:
    """Inside a turn of whose request it is. Twice is once; None where no program could find it again."""
    if item.connected_id is None or request.customer is None:
        return None
    kept = [table for table in tables if table.kept]
    sealed = seal({"keys": keys.as_json(), "to": addresses_of(request.customer), "language": request.language})
    held, _made = Held.objects.get_or_create(
        request=request, system_id=item.connected_id,
        defaults={
            "subject": request.subject, "until": first_day(kept, timezone.localdate()), "sealed": sealed,
            "found": [table.as_json() for table in kept],
        },
    )  # fmt: skip
    return held


def first_day(kept: Iterable[Table], today: date) -> date:
    """The last day of what ends first."""
    return min((table.first for table in kept if table.first), default=today + LOOKED_AT_AGAIN)


def addresses_of(customer: Customer) -> list[str]:
    """Where the end is told: every proven address; of somebody who has none, those of the brand's records; of a child, the adults'."""
    contacts = customer.contacts.filter(channel=Contact.Channel.EMAIL).order_by("pk")
    proven = list(contacts.proven().values_list("canonical", flat=True))
    own = proven or list(contacts.values_list("canonical", flat=True))
    guardians = [] if own else [tie.guardian_id for tie in guardians_of(customer)]
    return own or list(Contact.objects.proven().filter(customer__in=guardians, channel=EMAIL).values_list("canonical", flat=True))


EMAIL = Contact.Channel.EMAIL
