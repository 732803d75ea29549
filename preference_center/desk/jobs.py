"""Background work on the desk: what waits, what failed, and one button."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalogue.admin.list_only import ListOnly
from jobs.actions import try_again
from jobs.models import Job


class GivenUpFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("failed", _("failed and given up"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        if self.value() == "open":
            return queryset.filter(gave_up_at=None)
        return queryset.exclude(gave_up_at=None) if self.value() == "failed" else queryset


class JobAdmin(ListOnly):
    """Jobs that are not done. Their payloads (numbers of rows) stay where they are."""

    list_display = ("handler", "created_at", "run_after", "attempts", "progress", "error", "gave_up_at")
    list_filter = (GivenUpFilter,)
    ordering: ClassVar[tuple[str, ...]] = ("-gave_up_at", "run_after")
    actions = ("again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return Job.objects.filter(done_at=None).defer("payload", "cursor")

    def has_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.change_job")

    @admin.display(description=_("progress"), empty_value="–")
    def progress(self, job: Job) -> str | None:
        return f"{job.done}/{job.total}" if job.total else None

    @admin.action(description=_("Try again"), permissions=["again"])
    def again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        asked = [try_again(job) for job in queryset]
        if done := sum(asked):
            self.message_user(request, ngettext("%(n)d job is tried again.", "%(n)d jobs are tried again.", done) % {"n": done})
        if left := len(asked) - done:
            text = ngettext(
                "%(n)d job was left alone: a worker holds it, or it is done.",
                "%(n)d jobs were left alone: a worker holds them, or they are done.",
                left,
            )
            self.message_user(request, text % {"n": left}, messages.WARNING)


ADMINS: tuple[tuple[type[Any], type[ListOnly]], ...] = ((Job, JobAdmin),)
