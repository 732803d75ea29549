"""People, what they are to a brand, and what they show to get in."""

from __future__ import annotations

from accounts.models.colleagues import Role, RoleChange
from accounts.models.numbers import LONGEST_ID, ExternalId
from accounts.models.openid import OpenIdLink, OpenIdProvider
from accounts.models.people import (
    Contact,
    ContactQuerySet,
    Customer,
    CustomerQuerySet,
    Guardianship,
    GuardianshipQuerySet,
    Person,
    PersonManager,
    ReplacedAddress,
    Suppression,
    new_code,
    new_reference,
)
from accounts.models.proofs import AllauthDevice, Attempt, Challenge, MadeAt

__all__ = [
    "LONGEST_ID", "AllauthDevice", "Attempt", "Challenge", "Contact", "ContactQuerySet", "Customer", "CustomerQuerySet", "ExternalId",
    "Guardianship", "GuardianshipQuerySet", "MadeAt", "OpenIdLink", "OpenIdProvider", "Person", "PersonManager", "ReplacedAddress", "Role",
    "RoleChange", "Suppression", "new_code", "new_reference",
]  # fmt: skip
