"""Passkeys, authenticator apps, recovery codes. allauth keeps and checks them; here they get their brand and their ledger entry."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal import auth
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from fido2.webauthn import ResidentKeyRequirement, UserVerificationRequirement

from accounts.models import AllauthDevice, Customer, MadeAt, Person
from brands.models import Brand
from ledger.turns import turn

LONGEST_NAME = 60


def made_here(person: Person, brand: Brand, kind: str) -> QuerySet[Authenticator]:
    """The person's authenticators of one allauth type ("webauthn", "totp", "recovery_codes") that were made at this brand."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=person, type=kind, made_at__brand=brand)
    return found.order_by("created_at", "pk")


# ── Passkeys ────────────────────────────────────────────────────────────────────────────────────────────────────────


def passkey_options(person: Person, brand: Brand) -> dict[str, Any]:
    """What the browser needs to make a passkey. It names this brand's other passkeys and no other brand's."""
    credentials = [passkey.wrap().authenticator_data.credential_data for passkey in made_here(person, brand, "webauthn")]
    options, state = auth.get_server().register_begin(
        user=auth.build_user_payload(person), credentials=credentials, extensions=auth.EXTENSIONS,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    auth.set_state(state)
    return dict(options)


def add_passkey(*, person: Person, customer: Customer | None, brand: Brand, name: str, credential: dict[str, Any]) -> Authenticator:
    """`credential` is what the browser answered (PublicKeyCredential.toJSON()). Raises ValidationError when it does not verify."""
    with _refusing():
        _shaped(credential)
        auth.parse_registration_response(credential)
        auth.complete_registration(credential)
    name = name.strip()[:LONGEST_NAME] or _("Passkey")
    with _noted(person, customer, brand, "passkey_added"):
        passkey: Authenticator = auth.WebAuthn.add(person, name, credential).instance
        MadeAt.objects.create(authenticator=passkey, brand=brand)
    return passkey


def rename_passkey(*, person: Person, customer: Customer | None, brand: Brand, passkey: int, name: str) -> bool:
    found = made_here(person, brand, "webauthn").filter(pk=passkey).first()
    name = name.strip()[:LONGEST_NAME]
    if found is None or not name:
        return False
    with _noted(person, customer, brand, "passkey_renamed"):
        found.data["name"] = name
        found.save(update_fields=["data"])
    return True


def remove_passkey(*, person: Person, customer: Customer | None, brand: Brand, passkey: int, keep_session: str | None) -> bool:
    """Whoever removes a passkey may have lost a device: every other session at this brand ends with it."""
    found = made_here(person, brand, "webauthn").filter(pk=passkey).first()
    if found is None:
        return False
    with _noted(person, customer, brand, "passkey_removed"):
        found.delete()
        _end_other_sessions(person, brand, keep_session)
    return True


def person_of_passkey(credential: dict[str, Any]) -> tuple[Person, Authenticator]:
    """Who signed the challenge of this session, with which passkey of this host. Raises ValidationError, always the same."""
    with _refusing():
        _shaped(credential)
        person = auth.extract_user_from_response(credential)
        auth.parse_authentication_response(credential)
        passkey = auth.complete_authentication(person, credential)
    if not MadeAt.objects.filter(authenticator=passkey, brand=context.request.brand).exists():
        raise _does_not_verify()
    return person, passkey


@contextmanager
def _refusing() -> Iterator[None]:
    """The parsers below raise whatever hostile bytes make them stumble over; to the person it is all one."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, struct.error) as error:
        raise _does_not_verify() from error


def _shaped(credential: dict[str, Any]) -> None:
    """A browser's answer is an object with an object `response` in it; what is not never reaches the parser."""
    if not isinstance(credential.get("response"), dict):
        raise _does_not_verify()
    if "userHandle" in credential["response"] and not isinstance(credential["response"]["userHandle"], str):
        raise _does_not_verify()


def _does_not_verify() -> ValidationError:
    error: ValidationError = get_adapter().validation_error("incorrect_code")
    return error


# ── The authenticator app and recovery codes ────────────────────────────────────────────────────────────────────────


def add_authenticator(*, person: Person, customer: Customer | None, brand: Brand, secret: str) -> list[str]:
    """Stores the app's secret (encrypted) and makes recovery codes, which are returned to be shown once."""
    with _noted(person, customer, brand, "authenticator_added"):
        app = TOTP.activate(person, secret).instance
        MadeAt.objects.create(authenticator=app, brand=brand)
        return _new_recovery_codes(person, brand)


def make_recovery_codes(*, person: Person, customer: Customer | None, brand: Brand) -> list[str]:
    """New codes; the old ones stop."""
    with _noted(person, customer, brand, "recovery_codes_made"):
        return _new_recovery_codes(person, brand)


def remove_authenticator(*, person: Person, customer: Customer | None, brand: Brand, keep_session: str | None) -> bool:
    """The app and its recovery codes; every other session at this brand ends with them."""
    if not made_here(person, brand, "totp").exists():
        return False
    with _noted(person, customer, brand, "authenticator_removed"):
        Authenticator.objects.filter(user=person, type__in=("totp", "recovery_codes"), made_at__brand=brand).delete()
        _end_other_sessions(person, brand, keep_session)
    return True


def forget_all(person: Person, brand: Brand) -> None:
    """Whatever they proved themselves with at any brand, and that they ever did: the operator has seen that it is they who lost it. Their
    sessions end, for one of them may have been lost as well."""
    with _noted(person, None, brand, "authenticator_removed"):
        Authenticator.objects.filter(user=person).delete()
        AllauthDevice.objects.filter(user=person).delete()
        for session in UserSession.objects.filter(user=person):
            session.end()


def _new_recovery_codes(person: Person, brand: Brand) -> list[str]:
    Authenticator.objects.filter(user=person, type="recovery_codes").delete()
    codes = RecoveryCodes.activate(person)
    MadeAt.objects.create(authenticator=codes.instance, brand=brand)
    codes.mark_as_viewed()
    unused: list[str] = codes.get_unused_codes()
    return unused


# ── What every one of these leaves behind ───────────────────────────────────────────────────────────────────────────


@contextmanager
def _noted(person: Person, customer: Customer | None, brand: Brand, what: str) -> Iterator[None]:
    """One transaction: the act and its entry. Staff who are nobody's customer are noted with the brand."""
    if customer is None:
        with turn(brand.subject, brand=brand.key, actor=f"staff:{person.reference}") as t:
            t.append(brand.subject, "staff.sign_in_changed", {"staff": person.reference, "what": what})
            yield
        return
    with turn(customer.subject, brand=brand.key, actor=f"self:{customer.subject}") as t:
        t.append(customer.subject, "sign_in.changed", {"what": what})
        yield


def _end_other_sessions(person: Person, brand: Brand, keep: str | None) -> None:
    for session in UserSession.objects.filter(user=person, data__brand=brand.key).exclude(session_key=keep or ""):
        session.end()
