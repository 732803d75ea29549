"""What the desk only shows: a list, and nothing behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.db.models import QuerySet

    Admin = admin.ModelAdmin[Any]
    RowPaginator = Paginator[Any]
else:
    Admin, RowPaginator = admin.ModelAdmin, Paginator


MOST = 10_000  # rows that a list leads through; to what is older leads its filter


class Bounded(RowPaginator):
    """Counts no further than it leads: a count of a whole table takes longer with every row."""

    @cached_property
    def count(self) -> int:
        return cast("QuerySet[Any]", self.object_list)[:MOST].count()


class ListOnly(Admin):
    """Columns and no more: no page of one row, which would show every field, and no way to add, change or delete."""

    list_display_links = None
    list_filter: ClassVar[tuple[type[admin.SimpleListFilter], ...]] = ()
    sortable_by: ClassVar[tuple[str, ...]] = ()
    show_full_result_count = False
    paginator = Bounded
    show_facets = admin.ShowFacets.NEVER  # each would count through the whole table

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only its own filters: the stock list answers ?payload__contains=… for any field of the row."""
        return lookup in {each.parameter_name for each in self.list_filter}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)
