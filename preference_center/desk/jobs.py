"""Background work on the desk: what waits, what failed, and one button."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalogue.admin.list_only import ListOnly
from jobs.actions import try_again
from jobs.models import Job

# What each is called at the desk; any other by its own name.
CALLED = {
    "desk.verify_ledger": _("Verification of the ledger"), "notifications.choose": _("Choosing whom a campaign concerns"),
    "notifications.send_to_all": _("A newsletter to all who want it"), "propagation.import": _("Import of choices"),
    "propagation.pseudonyms": _("Names for a partner to know people by"), "propagation.tell_of_failing": _("A partner that takes nothing"),
    "data_requests.copy": _("Copy of somebody’s data"), "data_requests.delete": _("Deletion of somebody’s data"),
    "data_requests.certify": _("Certificate of a deletion"), "data_requests.tell_erased": _("Mail about a deletion"),
    "data_requests.erase_held": _("Deletion of what a law kept"), "data_requests.find_person": _("Request without an account"),
    "data_requests.limit": _("Limit without an account"), "data_requests.remind_officer": _("Reminder of what is due"),
    "consents.send_opt_in": _("Mail that asks to confirm a yes"), "accounts.send_code": _("Mail with a code"),
    "accounts.tell_replaced": _("Mail to an address that was replaced"), "accounts.tell_ousted": _("Mail about who took an address over"),
    "guardians.invite": _("Invitation of an adult"), "guardians.confirm_first": _("Confirmation by an adult"),
    "guardians.confirm_again": _("Confirmation by an adult, once more"), "guardians.lapse": _("Ties that end with age"),
    "guardians.end_of_erased": _("Ties of somebody erased"),
}  # fmt: skip


def in_words(job: Job) -> str:
    """“20,000 of 100,000 · 4,000 a second · about 1 minute left”"""
    if not job.total:
        return number_format(job.done, force_grouping=True) if job.done else "–"
    counts = {"done": number_format(job.done, force_grouping=True), "total": number_format(job.total, force_grouping=True)}
    said = [_("%(done)s of %(total)s") % counts]
    if job.done_at is None and job.gave_up_at is None and job.rate:
        rate = number_format(round(job.rate) or round(job.rate, 2), force_grouping=True)
        said.append(_("%(rate)s a second") % {"rate": rate})
        if job.time_left is not None:
            said.append(_left(max(ceil(job.time_left.total_seconds() / 60), 1)))
    return " · ".join(map(str, said))


def _left(minutes: int) -> str:
    return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}


class GivenUpFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("failed", _("failed and given up")), ("done", _("done, of the last days"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without a choice: what is not done."""
        first, *others = super().choices(changelist)
        yield {**first, "display": _("not done")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        if self.value() == "done":
            return queryset.exclude(done_at=None)
        queryset = queryset.filter(done_at=None)
        if self.value() == "open":
            return queryset.filter(gave_up_at=None)
        return queryset.exclude(gave_up_at=None) if self.value() == "failed" else queryset


class JobAdmin(ListOnly):
    """Jobs that are not done, and those done lately. Their payloads (numbers of rows) stay where they are."""

    list_display = ("what", "created_at", "run_after", "attempts", "progress", "error", "gave_up_at", "done_at")
    list_filter = (GivenUpFilter,)
    hides_some = True  # without a choice: what is done
    ordering: ClassVar[tuple[str, ...]] = ("-gave_up_at", "run_after")
    actions = ("again",)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Of what is done, the newest first."""
        return ("-done_at",) if request.GET.get("state") == "done" else self.ordering

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return Job.objects.defer("payload", "cursor")

    def has_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.change_job")

    @admin.display(description=_("what to do"))
    def what(self, job: Job) -> str:
        return str(CALLED.get(job.handler, job.handler))

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> SafeString:
        words = in_words(job)
        if not job.total:
            return format_html("{}", words)
        label = _("Progress: %(what)s") % {"what": self.what(job)}
        return format_html(
            '<progress max="{}" value="{}" aria-label="{}"></progress> {}', job.total, min(job.done, job.total), label, words
        )

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
