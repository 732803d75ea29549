from __future__ import annotations

from catalogue.models.policies import Change, Clause, Policy, PolicyText, PolicyVersion
from catalogue.models.purposes import Purpose, PurposeText, PurposeVersion, Use
from catalogue.models.vocabulary import DataCategory, Recipient, Safeguard, Source

__all__ = [
    "Change",
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
