"""Finding a customer by the whole of something: an address, a number, a name. Parts find nobody, so that nobody can leaf through people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from accounts.addresses import canonical_email, canonical_phone
from accounts.models import Contact, Customer
from accounts.models.numbers import LONGEST_ID
from brands.models import Brand
from data_requests.models import Request

MOST = 20  # people of one name; of more, something else has to be asked
SHORTEST = 3  # characters
JOKERS = re.compile(r"[*%?]")
CODE, REQUEST = re.compile(r"[2-9A-HJ-NP-Z]{10}"), re.compile(r"R-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
PHONE = re.compile(r"(\+|00)[\d\s().\u00a0\u202f/-]{6,}")


@dataclass(frozen=True)
class Found:
    """Who might be meant, masked: enough to tell two apart, too little to leave with."""

    code: str
    name: str
    address: str
    since: Any


@dataclass(frozen=True)
class Search:
    """`by`: the kind of mark that found them, or "nothing"."""

    by: str
    people: list[Found]
    more: bool = False


def find(brand: Brand, typed: str) -> Search:
    """Exactly, on the normalised value. Raises ValidationError with a sentence for whoever searches."""
    text = " ".join(unicodedata.normalize("NFC", typed).split())
    if JOKERS.search(text) or len(text) < SHORTEST:
        raise ValidationError(_("Parts and placeholders find nobody. Write the whole address, number, code or name."), code="part")
    for by, marked in _marks(text):
        people = _masked(marked(brand))
        if people:
            return Search(by, people[:MOST], len(people) > MOST)
    return Search("nothing", [])


Marked = Callable[[Brand], QuerySet[Customer]]


def _marks(text: str) -> list[tuple[str, Marked]]:
    """What the text can be, the surest first. An address or a phone number is nothing else."""
    upper = text.upper()
    if "@" in text:
        canonical = canonical_email(text)
        return [("email", lambda brand: _reached(brand, Contact.Channel.EMAIL, canonical))]
    if PHONE.fullmatch(text):
        number = canonical_phone(text)
        return [("phone", lambda brand: _reached(brand, Contact.Channel.SMS, number))]
    marks: list[tuple[str, Marked]] = []
    if CODE.fullmatch(upper):
        marks.append(("code", lambda brand: Customer.objects.at(brand).filter(code=upper)))
    if REQUEST.fullmatch(upper):
        marks.append(("request", lambda brand: Customer.objects.filter(pk__in=_who_asked(brand, upper))))
    if len(text) <= LONGEST_ID:
        marks.append(("id", lambda brand: Customer.objects.at(brand).filter(external_ids__brand=brand, external_ids__value=text)))
    marks.append(("name", lambda brand: Customer.objects.at(brand).filter(~Q(name=""), Exact(Lower("name"), Lower(Value(text))))))
    return marks


def _reached(brand: Brand, channel: str, canonical: str) -> QuerySet[Customer]:
    return Customer.objects.at(brand).filter(
        pk__in=Contact.objects.filter(brand=brand, channel=channel, canonical=canonical).values("customer")
    )


def _who_asked(brand: Brand, number: str) -> QuerySet[Request, Any]:
    return Request.objects.filter(brand=brand, number=number).values("customer")


def _masked(people: QuerySet[Customer]) -> list[Found]:
    found = list(people.order_by("-pk")[: MOST + 1])
    addresses = dict(
        Contact.objects.filter(customer__in=found, channel=Contact.Channel.EMAIL).order_by("-proven_at").values_list("customer", "address")
    )
    return [Found(each.code, mask_name(each.name), mask_address(addresses.get(each.pk, "")), each.created_at) for each in found]


def mask_name(name: str) -> str:
    """“A. K.”"""
    return " ".join(f"{part[0]}." for part in name.split())


def mask_address(address: str) -> str:
    """“a…@e….com”"""
    local, _at, domain = address.rpartition("@")
    host, _dot, end = domain.rpartition(".")
    return f"{local[:1]}…@{host[:1]}….{end}" if local and host else ""
