"""The queue at the desk: what is due first stands first. One page a request; whoever asks proves who they are, and nobody here can say so
for them. No page and no button takes a picture of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from accounts.opening import closed
from brands.http import SeeOther
from catalogue.admin.of_brand import OfBrand, brand_of, by
from data_requests import clock, desk_reading, desk_texts, figures, tracking
from data_requests.admin.several import Several
from data_requests.checklist import checklist
from data_requests.desk_forms import forms_for
from data_requests.desk_receive import ReceiveForm
from data_requests.models import Claim, Mandate, Request
from data_requests.refusals import GROUNDS
from data_requests.states import OPEN, NotPossible
from data_requests.views.figures import csv_response
from regimes.deadlines import NotExtendable


class OpenOnes(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("which"), "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", gettext("late")), ("all", gettext("all, closed ones too"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without a choice: the open ones."""
        first, *others = super().choices(changelist)
        yield {**first, "display": gettext("open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "late":
            return queryset.overdue(timezone.now())
        return queryset if self.value() == "all" else queryset.filter(state__in=OPEN)


READ = {*desk_reading.HEADINGS, "correct"}  # acts of which the person reads the words


class RequestAdmin(Several, OfBrand):
    list_display = ("page", "kind", "left", "due", "state", "received_on", "target", "via")
    hides_some = True  # without a choice: the closed ones
    list_display_links = None
    list_filter = (OpenOnes, "kind", "state", "via")
    ordering = (F("until").asc(nulls_last=True), "pk")
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        """No page of the stock admin, which would show every column: each has a page of its own, which is opened."""
        return obj is None and super().has_view_permission(request)

    def may_work(self, request: HttpRequest) -> bool:
        return request.user.has_perm("requests.work_request")

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        return [
            path("figures/", wrapped(self.figures), name="requests_request_figures"),
            path("receive/", wrapped(self.receive), name="requests_request_receive"),
            path("<int:pk>/", wrapped(self.one), name="requests_request_one"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "may_receive": self.may_work(request)})

    @admin.display(description=gettext_lazy("Number"), ordering="number")
    def page(self, request: Request) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:requests_request_one", args=[request.pk]), request.number)

    @admin.display(description=gettext_lazy("Left"), empty_value="–")
    def left(self, request: Request) -> str | SafeString | None:
        if request.due is None or not request.is_open:
            return None
        words = tracking.left_in_words(request, timezone.localdate())
        return format_html('<strong class="is-late">{}</strong>', words) if request.is_late(timezone.now()) else words

    # ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One request: what was asked, how the time is reckoned, and what can be done."""
        if not self.has_view_permission(request):
            raise Http404
        rows = self.get_queryset(request).select_related("brand", "customer__brand", "customer__person")
        found: Request = get_object_or_404(rows, pk=pk)
        if (first := self._closed(request, found)) is not None:
            return first
        act = request.POST.get("act", "") if request.method == "POST" and self.may_work(request) else ""
        forms = forms_for(found, request.POST, act) if self.may_work(request) else {}
        valid = act in forms and forms[act].is_valid()
        seen_first = valid and act in READ and "see" in request.POST
        if valid and not seen_first and self._done(request, found, forms[act]):
            return SeeOther(self._onward(request, act, forms[act]))
        begun, words = desk_texts.begin(found, request.GET.get("begin", ""))
        if words and begun in forms and not act:
            field = "answer" if "answer" in forms[begun].fields else "text"
            forms[begun].initial = {field: words}
        reckoned = clock.reckoned(found)
        offered = desk_texts.offered(found)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{found.number}: {found.get_kind_display()}",
            "found": found,
            "late": found.is_late(timezone.now()),
            "left": self.left(found),
            "ground": GROUNDS.get(found.ground),
            "steps": reckoned.steps if reckoned else [],
            "items": list(found.items.all()),
            "letters": list(found.letters.all()),
            "claim": Claim.objects.filter(request=found).first(),
            "mandate": Mandate.objects.filter(request=found).first(),
            "waits": list(found.waits.order_by("asked_on")),
            "forms": [(name, form, offered.get(name, []), name in READ) for name, form in forms.items()],
            "begun": begun,
            "seen": (act, desk_reading.as_read(found, act, forms[act])) if seen_first else ("", ""),
            "todo": checklist(found),
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/request.html", context, status=422 if act and not seen_first else 200)

    def _onward(self, request: HttpRequest, act: str, form: Any) -> str:
        """After a correction the answer is begun, with what was corrected in it."""
        return f"{request.path}?begin=corrected#act-fulfil" if act == "correct" and form.did else request.path

    def _closed(self, request: HttpRequest, found: Request) -> HttpResponse | None:
        """What the queue shows, too, and one press that opens it. Whoever was erased reads nothing more."""
        if found.customer is None:
            return None
        context = {
            **self.admin_site.each_context(request), "title": f"{found.number}: {found.get_kind_display()}", "found": found,
            "left": self.left(found), "opts": self.model._meta,
        }  # fmt: skip
        template = "admin/request_closed.html"
        return closed(request, [found.customer], by=by(request), reason="request", note=found.number, template=template, context=context)

    def _done(self, request: HttpRequest, found: Request, form: Any) -> bool:
        try:
            form.act(found, by(request))
        except ValidationError as refused:
            form.add_error(None, refused)
            return False
        except (NotPossible, NotExtendable) as refused:
            self.message_user(request, gettext("That is not possible: %(why)s.") % {"why": refused}, messages.ERROR)
        else:
            self.message_user(request, gettext("Done.") if form.did else gettext("Nothing was different."))
        return True

    def figures(self, request: HttpRequest) -> HttpResponseBase:
        """How requests were answered, year by year; as a file, too."""
        if not self.has_view_permission(request):
            raise Http404
        brand = brand_of(request)
        known, asked = figures.years(brand), request.GET.get("year", "")
        year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in known else known[0]
        found = figures.figures(brand, year)
        if "csv" in request.GET:
            return csv_response(found)
        context = {
            **self.admin_site.each_context(request), "title": gettext("Figures"), "figures": found, "years": known,
            "public": brand.shows_figures, "opts": self.model._meta,
        }  # fmt: skip
        return TemplateResponse(request, "admin/request_figures.html", context)

    def receive(self, request: HttpRequest) -> HttpResponse:
        if not self.may_work(request):
            raise Http404
        form = ReceiveForm(request.POST if request.method == "POST" else None, brand=brand_of(request))
        if form.is_bound and form.is_valid():
            found = form.receive(by(request))
            self.message_user(request, gettext("Noted: %(number)s. The person was written to.") % {"number": found.number})
            return SeeOther(reverse("admin:requests_request_one", args=[found.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("A request that came another way"),
            "form": form,
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/request_receive.html", context, status=422 if form.is_bound else 200)
