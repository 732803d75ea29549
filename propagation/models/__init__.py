from __future__ import annotations

from propagation.models.imports import Import, ImportLine
from propagation.models.partners import ApiKey, IdempotentAnswer, KeyUse, Partner, Pseudonym
from propagation.models.webhooks import Comparison, Delivery, DeliveryQuerySet, Endpoint

__all__ = [
    "ApiKey", "Comparison", "Delivery", "DeliveryQuerySet", "Endpoint", "IdempotentAnswer", "Import", "ImportLine", "KeyUse", "Partner",
    "Pseudonym",
]  # fmt: skip
