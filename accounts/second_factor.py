"""The desk's own door. django-otp says whether a session is verified; allauth's authenticators say whether a code is right."""

from __future__ import annotations

import time
from math import ceil

import django_otp
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.factors import made_here
from accounts.models import AllauthDevice, Person
from brands.models import Brand

FACTOR_SHOWN = "factor_shown_at"  # in the session, seconds since 1970: when it last saw the app or a recovery code


def desk_allowed(request: HttpRequest) -> bool:
    """Who has a role at this brand, is signed in here, and has shown an authenticator in this session. A mailed code is never enough."""
    return request.user.is_active and factor_shown(request) and request.user.is_staff


def factor_shown(request: HttpRequest) -> bool:
    """Whether this session has seen a passkey, the app or a recovery code of whoever is signed in."""
    return isinstance(getattr(request.user, "otp_device", None), AllauthDevice)


def has_shown_one(person: Person) -> bool:
    """Whether they ever proved themselves by an authenticator, at whichever brand. Who works at a desk and has none left makes a new one
    when the operator lets them (`manage.py appoint --anew`), and never by a mailbox alone."""
    return bool(AllauthDevice.objects.filter(user=person).exists())


def show_token(request: HttpRequest, token: str) -> bool:
    """A number of the app or a recovery code. One guess at a time, in a locked row; after a wrong one the next waits ever longer."""
    person: Person = request.user  # type: ignore[assignment]
    with transaction.atomic():
        device = AllauthDevice.objects.select_for_update().get(pk=_device(person).pk)
        right: bool = device.verify_token(token)
    if right:
        django_otp.login(request, device)
        request.session[FACTOR_SHOWN] = time.time()
    return right


def has_factor(person: Person) -> bool:
    """An authenticator app or a passkey, made at whichever brand."""
    return bool(Authenticator.objects.filter(user=person, type__in=("totp", "webauthn")).exists())


def has_app(person: Person, brand: Brand) -> bool:
    """An authenticator app that was set up at this brand."""
    return made_here(person, brand, "totp").exists()


def seconds_to_wait(person: Person) -> int:
    """How long the next guess has to wait after wrong ones; 0 when it may come now."""
    _allowed, why = _device(person).verify_is_allowed()
    return max(1, ceil((why["locked_until"] - timezone.now()).total_seconds())) if why else 0


def mark_verified(request: HttpRequest, person: Person) -> None:
    """After a passkey, or the first number of a new app: the session has seen an authenticator."""
    django_otp.login(request, _device(person))


def _device(person: Person) -> AllauthDevice:
    device: AllauthDevice
    device, _created = AllauthDevice.objects.get_or_create(user_id=person.pk, defaults={"name": "authenticator"})
    return device
