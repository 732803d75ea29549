"""Partners and their keys. What is secret is returned once and stored in digests, or encrypted."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from brands.models import Brand
from catalogue.published import published
from jobs.actions import enqueue
from ledger.canonical import timestamp
from ledger.turns import turn
from propagation.models import ApiKey, Partner
from propagation.pseudonyms import new_secret
from propagation.verbs import EVERY_PURPOSE, VERBS

LONGEST = timedelta(days=731)  # a key expires: one that was forgotten does not open for ever


class NotGranted(ValueError):
    """No such verb or purpose here, or an end that is none: the words say which."""


def name_partner(partner: Partner, *, brand: Brand, by: str) -> Partner:
    """New or changed; noted with the brand. People who are here already get their numbers by a job."""
    partner.brand = brand
    partner.secret = partner.secret or new_secret()
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        recipient = partner.recipient.key if partner.recipient else None
        act = {"key": partner.key, "name": partner.name, "recipient": recipient, "in_use": partner.in_use}
        this.append(brand.subject, "partner.named", act)
        is_new = partner.pk is None
        partner.save()
        if is_new:
            enqueue("propagation.pseudonyms", {"partner": partner.pk}, once=f"propagation.pseudonyms {partner.pk}")
    return partner


def issue_key(
    partner: Partner, *, name: str, verbs: Iterable[str], purposes: Iterable[str], expires_at: datetime, by: str
) -> tuple[ApiKey, str]:
    """The row, and the key itself: “pck_<number>_<secret>”, 256 random bits, which nobody sees again. Raises NotGranted."""
    verbs, purposes, now = sorted(set(verbs)), sorted(set(purposes)), timezone.now()
    if not verbs or set(verbs) - VERBS.keys():
        raise NotGranted("a key may do something, and only what there is")
    if unknown := set(purposes) - {EVERY_PURPOSE} - published(partner.brand).keys():
        raise NotGranted(f"no such purpose: {', '.join(sorted(unknown))}")
    if not now < expires_at <= now + LONGEST:
        raise NotGranted("a key ends within two years")
    number, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = f"pck_{number}_{secret}"
    row = ApiKey(
        partner=partner, name=name, number=number, digest=digest_of(key), verbs=verbs, purposes=purposes, made_at=now, made_by=by,
        expires_at=expires_at,
    )  # fmt: skip
    brand = partner.brand
    act = {
        "number": number, "partner": partner.key, "verbs": verbs, "purposes": purposes, "expires_at": timestamp(expires_at),
    }  # fmt: skip
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        this.append(brand.subject, "api_key.issued", act)
        row.save()
    return row, key


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def revoke_key(key: ApiKey, *, by: str) -> bool:
    """From the next call on. Twice is once."""
    brand = key.partner.brand
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
            return False
        this.append(brand.subject, "api_key.revoked", {"number": key.number, "partner": key.partner.key})
    return True
