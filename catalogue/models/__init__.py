from __future__ import annotations

from catalogue.models.policies import Clause, Policy, PolicyText, PolicyVersion
from catalogue.models.purposes import Purpose, PurposeText, PurposeVersion, Use
from catalogue.models.vocabulary import DataCategory, Recipient, Safeguard, Source

__all__ = [
    "Clause",
    "DataCategory",
    "Policy",
    "PolicyText",
    "PolicyVersion",
    "Purpose",
    "PurposeText",
    "PurposeVersion",
    "Recipient",
    "Safeguard",
    "Source",
    "Use",
]
