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

from accounts.actions import all_known, meet
from accounts.models import Contact, Customer
from accounts.sealed import seal, unseal
from accounts.suppression import is_suppressed, suppressed_since
from brands.models import Brand
from catalogue.published import Published
from consents import actions, forms, shown
from consents.judging import covering
from consents.saying import Outcome, Said
from consents.screens import nobody
from consents.standing import basis_here, offered_by
from consents.states import NO, SCOPE_COLUMN, How, Scope, Verb, Where
from jobs.actions import enqueue
from jobs.models import Job

LONGEST = 1000  # characters of a token


class OtherWording(ValueError):
    """The page that was pressed showed what we no longer say."""


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
    """Has the one mail sent; another question to the same mailbox within the hour sends none. Raises UnknownPurpose."""
    offered_by(brand, purpose, channel)
    now = timezone.now()
    wanted = OptIn(brand.key, address, purpose, channel, language, now.isoformat(timespec="seconds"))
    name = hashlib.sha256(f"{brand.key}|{address}|{now:%Y-%m-%d %H}".encode()).hexdigest()[:32]
    return enqueue("consents.send_opt_in", {"sealed": seal(wanted.__dict__)}, once=f"consents.send_opt_in {name}")


def read(brand: Brand, token: str) -> OptIn:
    """Raises LinkOver."""
    try:
        found = OptIn(**unseal(token)) if len(token) <= LONGEST else None
    except (InvalidToken, TypeError, ValueError):
        found = None
    if found is None or found.brand != brand.key:
        raise LinkOver
    asked_at = datetime.fromisoformat(found.asked_at)
    deleted = suppressed_since(brand, Contact.Channel.EMAIL, found.address)
    if timezone.now() - asked_at > settings.DOUBLE_OPT_IN_VALID or (deleted is not None and asked_at < deleted):
        raise LinkOver  # too old; or they were deleted since, and come back by an act of today alone
    return found


def may_mail(brand: Brand, wanted: OptIn) -> bool:
    """Nobody who was deleted is written to, and nobody who has said no to it, or to all of its kind."""
    if is_suppressed(brand, Contact.Channel.EMAIL, wanted.address):
        return False
    purpose = offered(brand, wanted)
    columns = [SCOPE_COLUMN[scope] for scope, _seq in covering(purpose, [(scope, 0) for scope in Scope])]
    return not any(
        any(getattr(customer, column) is not None for column in columns)
        or customer.choices.filter(purpose=wanted.purpose, channel__in=(wanted.channel, ""), state__in=NO).exists()
        for customer in all_known(brand, wanted.address)
    )


def confirm(brand: Brand, wanted: OptIn, page: forms.Page | None) -> tuple[Customer, Outcome]:
    """Pressed: whoever reads this mailbox says yes, on the wording before them. Raises OtherWording before anything is kept;
    UnknownPurpose, AddressRetired."""
    if page is None or page.shown != screen_of(brand, wanted, page.language).sha256:
        raise OtherWording
    customer = meet(brand=brand, address=wanted.address, language=wanted.language, country=brand.country)
    customer.brand = brand
    # They have seen nothing of how it stands: a yes goes through only where no no stands in its way.
    said = Said(
        f"self:{customer.subject}", customer.subject, How.DOUBLE_OPT_IN, Where.MAIL, "IV1", page.language, 0, page.version, page.shown,
    )  # fmt: skip
    return customer, actions.say(customer, wanted.purpose, wanted.channel, Verb.ALLOW, said)


def screen_of(brand: Brand, wanted: OptIn, language: str) -> shown.Screen:
    purpose = offered(brand, wanted)
    spoken = language if language in brand.languages else brand.default_language
    return shown.screen(brand, purpose, wanted.channel, spoken, basis_here(nobody(brand, spoken), purpose))


def offered(brand: Brand, wanted: OptIn) -> Published:
    return offered_by(brand, wanted.purpose, wanted.channel)
