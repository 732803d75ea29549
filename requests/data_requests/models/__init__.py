"""Requests and all that belongs to them."""

from __future__ import annotations

from data_requests.models.figures import OptOutCount
from data_requests.models.held import Held
from data_requests.models.parts import Item, Letter, Package, Wait
from data_requests.models.proofs import Claim, Mandate
from data_requests.models.request import Request, RequestQuerySet, new_number
from data_requests.models.retention import RetentionReport
from data_requests.models.systems import Attachment, System

__all__ = [
    "Attachment", "Claim", "Held", "Item", "Letter", "Mandate", "OptOutCount", "Package", "Request", "RequestQuerySet",
    "RetentionReport", "System", "Wait", "new_number",
]  # fmt: skip
