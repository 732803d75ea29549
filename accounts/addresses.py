"""Email addresses: one canonical form per mailbox, and never two mailboxes in one form.

Canonical: NFC; the domain in lower-case IDNA (A-labels); the local part in lower case when it is ASCII, else exactly as it is.
Letters beyond ASCII are never case-mapped: "ı".upper() is "I", and that has cost others an account (CVE-2019-19844). What could be
read as another address – compatibility letters, mixed scripts, invisible characters – is refused, in words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 254  # octets of an address on the wire (RFC 5321 4.5.3.1.3, less the angle brackets)
LONGEST_LOCAL = 64
ATOM = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
NOT_AN_ADDRESS = _("Enter an email address, like name@example.com.")
TOO_LONG = _("That email address is too long. Check it and try again.")
NOT_A_NUMBER = _("Enter a phone number with its country code, like +48 600 100 100.")
LOOK_ALIKE = _("That email address has letters that look like others. Type it with one alphabet.")


def canonical_email(typed: str) -> str:
    """The form we store, compare and mail to. Raises ValidationError with a sentence for the person."""
    text = typed.strip(" \t\r\n")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"} for character in text):
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    local, at, domain = unicodedata.normalize("NFC", text).rpartition("@")
    if not (at and local and domain):
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    if local.isascii() and not text.rpartition("@")[0].isascii():
        raise ValidationError(LOOK_ALIKE, code="look_alike")  # KELVIN SIGN and its like become ASCII by normalising
    canonical = f"{_local(local)}@{_domain(domain)}"
    if len(canonical.encode()) > LONGEST or len(local.encode()) > LONGEST_LOCAL:
        raise ValidationError(TOO_LONG, code="too_long")
    return canonical


PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
SPACED = str.maketrans("", "", " \u00a0\u202f-.()/")


def canonical_phone(typed: str) -> str:
    """A number as ITU-T E.164 writes it, "+48600100100". A national one is refused: whose it is depends on where one stands. Raises
    ValidationError with a sentence for the person."""
    number = typed.strip().translate(SPACED)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if not PHONE.fullmatch(number):
        raise ValidationError(NOT_A_NUMBER, code="invalid")
    return number


def _local(local: str) -> str:
    if local.isascii():
        lower = local.lower()
        if not ATOM.fullmatch(lower):
            raise ValidationError(NOT_AN_ADDRESS, code="invalid")
        return lower
    if unicodedata.normalize("NFKC", local) != local or len(_scripts(local)) > 1:
        raise ValidationError(LOOK_ALIKE, code="look_alike")
    ascii_part = "".join(character if character.isascii() else "x" for character in local)
    if not ATOM.fullmatch(ascii_part.lower()) or not all(c.isascii() or c.isalnum() or unicodedata.combining(c) for c in local):
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    return local


def _scripts(text: str) -> set[str]:
    """First words of the letters' names, "LATIN" or "CYRILLIC": as near to a script as the standard library comes."""
    return {unicodedata.name(character, "?").split()[0] for character in text if character.isalpha()}


def _domain(domain: str) -> str:
    if domain.isascii() is False and any(len(_scripts(label)) > 1 for label in domain.split(".")):
        raise ValidationError(LOOK_ALIKE, code="look_alike")
    try:
        encoded = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise ValidationError(NOT_AN_ADDRESS, code="invalid") from None
    labels = encoded.split(".")
    if len(labels) < 2 or not all(labels) or labels[-1].isdigit():
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    return encoded


class AddressField(forms.CharField):
    """A field for one email address; its clean value is the canonical form."""

    def __init__(self, **options: Any) -> None:
        refusals = {"required": NOT_AN_ADDRESS, "max_length": TOO_LONG}
        super().__init__(max_length=LONGEST, strip=True, error_messages=refusals, **options)

    def clean(self, value: object) -> str:
        return canonical_email(super().clean(value))
