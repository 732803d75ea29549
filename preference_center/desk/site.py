"""The desk: Django's admin for staff whose session is verified by a second factor."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.http import safe_next, with_next
from accounts.middleware import at_desk_host
from accounts.second_factor import desk_allowed
from accounts.views.sign_in import sign_out
from brands.mail import origin
from catalogue.admin import ADMINS as CATALOGUE
from catalogue.admin.of_brand import brand_of
from data_requests.admin import ADMINS as REQUESTS
from guardians.admin import ADMINS as FAMILIES
from notifications.admin import ADMINS as CAMPAIGNS
from preference_center.desk import colleagues, figures, record, reports
from preference_center.desk.brands import ADMINS as BRANDS
from preference_center.desk.due import due
from preference_center.desk.jobs import ADMINS as JOBS
from preference_center.desk.ledger import ADMINS as LEDGER
from preference_center.desk.openid import ADMINS as OPENID
from preference_center.desk.people import views as people
from preference_center.desk.preview import views as preview
from preference_center.desk.received import ADMINS as RECEIVED
from preference_center.desk.views_noted import note
from preference_center.headers import PERMISSIONS
from profiles.admin import ADMINS as QUESTIONS
from propagation.admin import ADMINS as PARTNERS
from regimes.admin import ADMINS as LAW

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

# Pages of the stock admin that have no business here: people sign in without a password, nothing is looked up across models.
NOT_HERE = {"password_change", "password_change_done", "view_on_site", "autocomplete"}

# The stock script for windows that add a row beside a form asks to be told when the page is left.
WITH_UNLOAD = PERMISSIONS.replace("unload=()", "unload=(self)")


class Desk(AdminSite):
    site_header = _("Desk")
    site_title = _("Desk")
    index_title = _("To be done")
    site_url = "/"
    enable_nav_sidebar = False

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The center is elsewhere, where the desk has a host of its own."""
        elsewhere = {"site_url": f"{origin(brand_of(request))}/"} if at_desk_host(request) else {}
        return super().each_context(request) | elsewhere

    def has_permission(self, request: HttpRequest) -> bool:
        return desk_allowed(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response: HttpResponse = guarded(request, *args, **kwargs)
            note(request, response)
            response["Permissions-Policy"] = WITH_UNLOAD
            return response

        return answered

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What is to be done, then the stock page's list of everything."""
        return super().index(request, {**(extra_context or {}), "due": due(request)})

    # Its callers take any response; the stubs promise the stock page.
    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """The first page has it all; a part of it would say less and look the same."""
        return redirect("desk:index")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        stock = [each for each in super().get_urls() if getattr(each, "name", None) not in NOT_HERE]
        for each in stock:
            if hasattr(each, "url_patterns"):
                each.url_patterns[:] = [page for page in each.url_patterns if not str(getattr(page, "name", "")).endswith("_history")]
        pages: list[tuple[str, Any]] = [
            ("record-of-processing/", record.PAGES), ("people/", people.PAGES), ("figures/", figures.PAGES), ("reports/", reports.PAGES),
            ("colleagues/", colleagues.PAGES), ("preview/", preview.PAGES),
        ]  # fmt: skip
        ours = [
            path(f"{begin}{end}", self.admin_view(partial(view, site=self)), name=name)
            for begin, found in pages
            for end, view, name in found
        ]
        return [*ours, *stock]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No password form: the ordinary sign-in, then the second factor, then where they were going."""
        onward = safe_next(request, reverse("desk:index"))
        if not request.user.is_authenticated:
            return redirect(with_next(reverse("accounts:sign_in"), onward))
        if not request.user.is_staff:
            if at_desk_host(request):
                raise PermissionDenied  # the center is elsewhere
            return redirect("home:overview")
        if self.has_permission(request):
            return redirect(onward)
        return redirect(with_next(reverse("accounts:second_factor"), onward))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        return sign_out(request)  # type: ignore[arg-type]  # every request here has been through our middleware


desk = Desk(name="desk")
ADMINS = (
    *REQUESTS, *FAMILIES, *CATALOGUE, *QUESTIONS, *CAMPAIGNS, *RECEIVED, *PARTNERS, *BRANDS, *OPENID, *LEDGER, *JOBS, *LAW,
)  # fmt: skip
for model, admin_class in ADMINS:
    desk.register(model, admin_class)
urls = desk.urls
