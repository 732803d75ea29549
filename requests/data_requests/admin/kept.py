"""What had to stay at deletions, and what retention has deleted: to read, and nothing to change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest

from catalogue.admin.of_brand import OfBrand


class ToRead(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display_links = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HeldAdmin(ToRead, OfBrand):
    """What other systems keep of people who were deleted, until when. Whose it is, nobody can read."""

    brand_path = "system__brand"
    list_display = ("request", "system", "until", "since", "ended_at")
    list_filter = ("system",)
    ordering = (F("ended_at").asc(nulls_first=True), "until")


class RetentionAdmin(ToRead):
    """What the daily retention has deleted, of all brands: counts, and nothing of anybody."""

    list_display = ("day", "table", "rows")
    date_hierarchy = "day"
