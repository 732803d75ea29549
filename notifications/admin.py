"""Campaigns at the desk: what goes out, how far it is, and two buttons. No page names a person; the proof does so by public code."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from brands.http import mail_page
from catalogue.admin.of_brand import OfBrand, brand_of, by
from catalogue.models import PolicyVersion
from notifications import actions, preview, report
from notifications.models import Campaign
from notifications.states import State

may_preview = permission_required("catalogue.view_policyversion", raise_exception=True)

STATES = {
    State.QUEUED: gettext_lazy("Waiting"),
    State.STARTED: gettext_lazy("At the mail server"),
    State.SENT: gettext_lazy("Sent"),
    State.IN_DOUBT: gettext_lazy("In doubt"),
    State.BOUNCED: gettext_lazy("Bounced; shown in the center"),
    State.DROPPED: gettext_lazy("Does not concern them any more"),
    State.IN_CENTER: gettext_lazy("Without an address; shown in the center"),
}


class CampaignAdmin(OfBrand):
    list_display = ("version", "kind", "created_at", "stands", "progress", "rate")
    list_display_links = None
    list_select_related = ("version__policy",)
    actions = ("pause", "resume", "end")
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return False

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.run_campaign")

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        return [
            path("<int:pk>/", wrapped(self.one), name="notifications_campaign_one"),
            path("<int:pk>/proof/", wrapped(require_POST(self.proof)), name="notifications_campaign_proof"),
            path("preview/<int:pk>/", wrapped(may_preview(self.preview)), name="notifications_preview"),
            path("preview/<int:pk>/<int:number>/", wrapped(may_preview(self.preview_html)), name="notifications_preview_html"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("State"))
    def stands(self, campaign: Campaign) -> str:
        return stands(campaign)

    @admin.display(description=gettext_lazy("Progress"))
    def progress(self, campaign: Campaign) -> SafeString:
        done, total = report.tally(campaign)
        url = reverse("admin:notifications_campaign_one", args=[campaign.pk])
        return format_html('<a href="{}">{}/{}</a>', url, done, total)

    @admin.display(description=gettext_lazy("Mails a minute"), empty_value="–")
    def rate(self, campaign: Campaign) -> int | None:
        return report.rate(campaign, timezone.now()) or None

    @admin.action(description=gettext_lazy("Pause"), permissions=["run"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        done = sum(actions.pause(each, by=by(request)) for each in queryset.select_related("brand", "version__policy"))
        self.message_user(request, ngettext("%(n)s campaign is paused.", "%(n)s campaigns are paused.", done) % {"n": done})

    @admin.action(description=gettext_lazy("Resume"), permissions=["run"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        done = sum(actions.resume(each, by=by(request)) for each in queryset.select_related("brand", "version__policy"))
        self.message_user(request, ngettext("%(n)s campaign goes on.", "%(n)s campaigns go on.", done) % {"n": done})

    @admin.action(description=gettext_lazy("End for good"), permissions=["run"])
    def end(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        left = sum(actions.end(each, by=by(request)) for each in queryset.select_related("brand", "version__policy"))
        text = ngettext("Ended. %(n)s person was not written to.", "Ended. %(n)s people were not written to.", left)
        self.message_user(request, text % {"n": left})

    # ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One campaign: everybody accounted for."""
        campaign = self._found(request, pk)
        found = report.progress(campaign)
        states = [(STATES[State(state)], found.counts.get(state, 0)) for state in State]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Version %(version)s: %(kind)s") % {"version": campaign.version.number, "kind": campaign.get_kind_display()},
            "campaign": campaign,
            "stands": stands(campaign),
            "progress": found,
            "states": states,
            "may_run": self.has_run_permission(request) and is_running(campaign),
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/campaign.html", context)

    def proof(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """By POST: a download of what was done with people's addresses is an act."""
        campaign = self._found(request, pk)
        actions.note_export(campaign, by=by(request))
        response = StreamingHttpResponse(report.proof(campaign), content_type="text/csv; charset=utf-8")
        name = f"campaign-{campaign.version.number}-{campaign.kind}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._version(request, pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Whom it reaches, and what they read"),
            "version": version,
            "run": preview.dry_run(version),
        }
        return TemplateResponse(request, "admin/campaign_preview.html", context)

    def preview_html(self, request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
        """One sample's HTML on a page of its own, as a mail program shows it."""
        samples = preview.dry_run(self._version(request, pk)).samples
        if number >= len(samples):
            raise Http404
        return mail_page(request, samples[number].html)

    def _found(self, request: HttpRequest, pk: int) -> Campaign:
        if not self.has_view_permission(request):
            raise Http404
        rows = self.get_queryset(request).select_related("brand", "version__policy")
        campaign: Campaign = get_object_or_404(rows, pk=pk)
        return campaign

    def _version(self, request: HttpRequest, pk: int) -> PolicyVersion:
        rows = PolicyVersion.objects.filter(policy__brand=brand_of(request)).select_related("policy__brand")
        version: PolicyVersion = get_object_or_404(rows, pk=pk)
        return version


def stands(campaign: Campaign) -> str:
    if campaign.error:
        return gettext("Stopped by an error (%(error)s): mend it, then resume") % {"error": campaign.error}
    if campaign.ended_at:
        return gettext("Ended")
    if campaign.paused_at:
        return gettext("Paused")
    if campaign.chosen_at is None:
        return gettext("Choosing whom it concerns")
    return gettext("Sending") if is_running(campaign) else gettext("Done")


def is_running(campaign: Campaign) -> bool:
    """There is something left to pause, to resume or to end."""
    return campaign.ended_at is None and (campaign.chosen_at is None or campaign.messages.open().exists())


ADMINS: tuple[tuple[type[Any], type[OfBrand]], ...] = ((Campaign, CampaignAdmin),)
