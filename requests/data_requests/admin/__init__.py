"""Requests at the desk."""

from __future__ import annotations

from typing import Any

from data_requests.admin.kept import HeldAdmin, RetentionAdmin
from data_requests.admin.requests import RequestAdmin
from data_requests.admin.systems import SystemAdmin
from data_requests.models import Held, Request, RetentionReport, System

ADMINS: tuple[tuple[type[Any], type[Any]], ...] = (
    (Request, RequestAdmin), (System, SystemAdmin), (Held, HeldAdmin), (RetentionReport, RetentionAdmin),
)  # fmt: skip
