"""What had to stay at deletions, and what retention has deleted: to read, and to say that something went on its day."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.admin.list_only import ListOnly
from catalogue.admin.of_brand import OfBrand, brand_of, by
from data_requests.actions import note_held
from data_requests.models import Held, System
from data_requests.models.systems import Connector


class OfSystem(admin.SimpleListFilter):
    title = _("system")
    parameter_name = "system"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in System.objects.filter(brand=brand_of(request)).values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Held]) -> QuerySet[Held]:
        value = self.value()
        return queryset.filter(system=int(value)) if value and value.isdecimal() else queryset


class HeldAdmin(ListOnly, OfBrand):
    """What other systems keep of people who were deleted, until when. Whose it is, nobody can read."""

    brand_path = "system__brand"
    list_display = ("request", "system", "until", "since", "ended_at")
    list_filter = (OfSystem,)
    ordering = (F("ended_at").asc(nulls_first=True), "until")
    actions = ("deleted",)

    def has_work_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("requests.work_request")

    @admin.action(description=_("It was deleted there; tell the person"), permissions=["work"])
    def deleted(self, request: HttpRequest, queryset: QuerySet[Held]) -> None:
        """Of systems that a person looks into: a program says so itself. Not before the day."""
        now = timezone.now()
        due = Held.objects.due(timezone.localdate(now)).filter(pk__in=queryset, system__connector=Connector.PERSON)
        done = sum(note_held(held, [], by=by(request), now=now) for held in due.select_related("request__brand"))
        self.message_user(request, _("%(done)d of %(all)d.") % {"done": done, "all": queryset.count()})


class RetentionAdmin(ListOnly):
    """What the daily retention has deleted, of all brands: counts, and nothing of anybody."""

    list_display = ("day", "table", "rows")
