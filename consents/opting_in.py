"""A yes that was given on a page of the brand's, asked for once more by mail: the link leads to our own wording and one button.

The link is sealed: nobody reads an address in it, and it is good for one use at one brand, for as long as DOUBLE_OPT_IN_VALID. It says yes
to nothing that somebody has said no to: for that, they sign in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils import timezone

from accounts.actions import meet
from accounts.models import Customer
from accounts.sealed import seal, unseal
from brands.models import Brand
from catalogue.published import Published
from consents import actions, forms
from consents.saying import Outcome, Said
from consents.standing import offered_by
from consents.states import How, Verb, Where
from jobs.actions import enqueue
from jobs.models import Job

LONGEST = 1000  # characters of a token


class LinkOver(ValueError):
    """Altered, of another brand, or too old."""


@dataclass(frozen=True)
class OptIn:
    """Whose mailbox is asked, and about what. `address`: canonical."""

    brand: str
    address: str
    purpose: str
    channel: str
    language: str
    asked_at: str


def ask(brand: Brand, *, address: str, purpose: str, channel: str, language: str) -> Job:
    """Has the one mail sent; the same question again within the hour sends none. Raises UnknownPurpose."""
    offered_by(brand, purpose, channel)
    now = timezone.now()
    wanted = OptIn(brand.key, address, purpose, channel, language, now.isoformat(timespec="seconds"))
    name = hashlib.sha256(f"{brand.key}|{address}|{purpose}|{channel}|{now:%Y-%m-%d %H}".encode()).hexdigest()[:32]
    return enqueue("consents.send_opt_in", {"sealed": seal(wanted.__dict__)}, once=f"consents.send_opt_in {name}")


def read(brand: Brand, token: str) -> OptIn:
    """Raises LinkOver."""
    try:
        found = OptIn(**unseal(token)) if len(token) <= LONGEST else None
    except (InvalidToken, TypeError, ValueError):
        found = None
    if found is None or found.brand != brand.key or timezone.now() - datetime.fromisoformat(found.asked_at) > settings.DOUBLE_OPT_IN_VALID:
        raise LinkOver
    return found


def confirm(brand: Brand, wanted: OptIn, page: forms.Page | None) -> tuple[Customer, Outcome]:
    """Pressed: whoever reads this mailbox says yes, on the wording before them. Raises UnknownPurpose, AddressRetired."""
    customer = meet(brand=brand, address=wanted.address, language=wanted.language, country=brand.country)
    customer.brand = brand
    # They have seen nothing of how it stands: a yes goes through only where no no stands in its way.
    said = Said(
        f"self:{customer.subject}", customer.subject, How.DOUBLE_OPT_IN, Where.MAIL, "IV1", page.language if page else wanted.language, 0,
        page.version if page else None, page.shown if page else None,
    )  # fmt: skip
    return customer, actions.say(customer, wanted.purpose, wanted.channel, Verb.ALLOW, said)


def offered(brand: Brand, wanted: OptIn) -> Published:
    return offered_by(brand, wanted.purpose, wanted.channel)
