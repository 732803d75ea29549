from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model

from consents.models import Passing
from propagation.admin.deliveries import ComparisonAdmin, DeliveryAdmin, ImportAdmin, PassingAdmin
from propagation.admin.partners import ApiKeyAdmin, EndpointAdmin, PartnerAdmin
from propagation.models import ApiKey, Comparison, Delivery, Endpoint, Import, Partner

ADMINS: tuple[tuple[type[Model], type[ModelAdmin[Any]]], ...] = (
    (Partner, PartnerAdmin), (ApiKey, ApiKeyAdmin), (Endpoint, EndpointAdmin), (Delivery, DeliveryAdmin), (Passing, PassingAdmin),
    (Comparison, ComparisonAdmin), (Import, ImportAdmin),
)  # fmt: skip
