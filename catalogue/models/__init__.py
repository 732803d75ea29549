from __future__ import annotations

from catalogue.models.purposes import Purpose, PurposeText, PurposeVersion, Use
from catalogue.models.vocabulary import DataCategory, Recipient, Safeguard, Source

__all__ = ["DataCategory", "Purpose", "PurposeText", "PurposeVersion", "Recipient", "Safeguard", "Source", "Use"]
