"""Linking an account of the brand to a customer, and taking the link away."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.sessions import end_other_sessions
from accounts.actions.turns import own_turn
from accounts.adapters import encryption
from accounts.models import Customer, OpenIdLink, OpenIdProvider
from brands.models import Brand
from ledger.turns import turn


def link(customer: Customer, provider: OpenIdProvider, sub: str) -> OpenIdLink:
    """By the customer, signed in and freshly proven. Twice is once; another account takes the place of the one before. Raises
    ValidationError where it opens somebody else."""
    there = OpenIdLink.objects.filter(provider=provider, sub=sub).first()
    if there is not None and there.customer_id == customer.pk:
        return there
    try:
        with own_turn(customer) as this:
            this.append(customer.subject, "sign_in.changed", {"what": "openid_linked"})
            made: OpenIdLink
            made, _new = OpenIdLink.objects.update_or_create(
                customer=customer, provider=provider, defaults={"sub": sub, "made_at": timezone.now()}
            )
    except IntegrityError as error:
        raise ValidationError(_("That account opens somebody else’s page here.")) from error
    return made


def unlink(customer: Customer, provider: OpenIdProvider, *, keep_session: str | None = None) -> bool:
    """Every other session ends with it, as with a passkey that goes."""
    with own_turn(customer) as this:
        gone, _by_model = OpenIdLink.objects.filter(customer=customer, provider=provider).delete()
        if gone:
            this.append(customer.subject, "sign_in.changed", {"what": "openid_unlinked"})
            end_other_sessions(customer, keep_session)
    return bool(gone)


def opened_by(provider: OpenIdProvider, sub: str) -> Customer | None:
    """Whom this account opens; nobody who has not linked it, and nobody without a sign-in."""
    found = OpenIdLink.objects.filter(provider=provider, sub=sub, customer__person__isnull=False).select_related("customer__person").first()
    return found.customer if found else None


def save_provider(provider: OpenIdProvider, addresses: Mapping[str, str], *, brand: Brand, secret: str, by: str) -> OpenIdProvider:
    """`addresses`: what accounts.openid.discover found. An empty secret leaves the one there is. With another issuer every link goes: a
    number names somebody only where it was given."""
    for name, address in addresses.items():
        setattr(provider, name, address)
    provider.brand = brand
    if secret:
        provider.secret = encryption().encrypt(secret.encode()).decode()
    act = {"issuer": provider.issuer, "client_id": provider.client_id, "in_use": provider.in_use}
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        this.append(brand.subject, "openid.set", act)
        OpenIdLink.objects.filter(provider=provider.pk).exclude(provider__issuer=provider.issuer).delete()
        provider.save()
    return provider
