"""What became of it, at the desk: deliveries, who has confirmed, days that differ, imports."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from catalogue.admin.list_only import ListOnly
from catalogue.admin.of_brand import brand_of, by
from consents.actions import note_confirmed, note_passed_on
from consents.models import Passing
from propagation import actions
from propagation.models import Comparison, Delivery, Import
from propagation.states import State


class ByState(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, state.label) for state in State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() in State.values else queryset


class DeliveryAdmin(ListOnly):
    """No page shows a body: what changed is the person's own business, and what was sent can be read at the partner's."""

    list_display = ("kind", "endpoint", "state", "created_at", "attempts", "answer", "delivered_at", "confirmed_at")
    list_select_related = ("endpoint",)
    list_filter = (ByState,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).filter(endpoint__partner__brand=brand_of(request)).defer("body")


class Standing(admin.SimpleListFilter):
    title = gettext_lazy("how far")
    parameter_name = "how"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("late", gettext_lazy("late")), ("untold", gettext_lazy("not told yet")), ("waiting", gettext_lazy("not confirmed yet")),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "late":
            return queryset.filter(confirmed_at=None, confirm_by__lt=timezone.now())
        if self.value() == "untold":
            return queryset.filter(told_at=None)
        waiting = self.value() == "waiting"  # a yes is told, and nobody has to confirm that they may
        return queryset.filter(confirmed_at=None).exclude(confirm_by=None) if waiting else queryset


class PassingAdmin(ListOnly):
    """Who has heard of which choice, and who is late. Whoever has no endpoint is told by a person, who says so here."""

    list_display = ("code", "name", "purpose", "change", "recorded_at", "by_machine", "told_at", "confirm_by", "confirmed_at", "late")
    list_filter = (Standing,)
    actions = ("told", "confirmed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Passing]:
        return Passing.objects.at(brand_of(request).pk).select_related("customer")

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("consents.change_passing")

    @admin.display(description=gettext_lazy("Customer"))
    def code(self, passing: Passing) -> str:
        return passing.customer.code

    @admin.display(description=gettext_lazy("late"), boolean=True)
    def late(self, passing: Passing) -> bool | None:
        """A red cross for what nobody confirmed in time; nothing for the rest."""
        over = passing.confirm_by is not None and passing.confirm_by < timezone.now()
        return False if passing.confirmed_at is None and over else None

    @admin.action(description=gettext_lazy("I have told them"), permissions=["run"])
    def told(self, request: HttpRequest, queryset: QuerySet[Passing]) -> None:
        rows = {(row.entry, row.recipient) for row in queryset}
        done = sum(note_passed_on(entry, recipient, timezone.now()) for entry, recipient in rows)
        self.message_user(request, ngettext("%(n)s line says so now.", "%(n)s lines say so now.", done) % {"n": done})

    @admin.action(description=gettext_lazy("They have confirmed it to me"), permissions=["run"])
    def confirmed(self, request: HttpRequest, queryset: QuerySet[Passing]) -> None:
        rows = {(row.entry, row.recipient) for row in queryset}
        done = sum(note_confirmed(entry, recipient, "done", by=by(request)) is not None for entry, recipient in rows)
        self.message_user(request, ngettext("%(n)s choice is confirmed.", "%(n)s choices are confirmed.", done) % {"n": done})


class ComparisonAdmin(ListOnly):
    list_display = ("day", "endpoint", "count", "their_count", "same", "answered_at", "replayed_at")
    list_select_related = ("endpoint",)
    actions = ("replay",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comparison]:
        return super().get_queryset(request).filter(endpoint__partner__brand=brand_of(request))

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("propagation.change_partner")

    @admin.display(description=gettext_lazy("the same"), boolean=True)
    def same(self, comparison: Comparison) -> bool | None:
        return None if comparison.answered_at is None else not comparison.drifts

    @admin.action(description=gettext_lazy("Send that day again"), permissions=["run"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Comparison]) -> None:
        rows = queryset.select_related("endpoint__partner__brand")
        count = sum(actions.replay_comparison(each, by=by(request)) for each in rows)
        self.message_user(request, ngettext("%(n)s event is on its way.", "%(n)s events are on their way.", count) % {"n": count})


class ImportAdmin(ListOnly):
    list_display = ("made_at", "preset", "dry", "state", "done", "outcomes", "size", "error")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        return super().get_queryset(request).filter(brand=brand_of(request))

    @admin.display(description=gettext_lazy("What became of the lines"))
    def outcomes(self, run: Import) -> str:
        return ", ".join(f"{name}: {count}" for name, count in sorted(run.counts.items()))
