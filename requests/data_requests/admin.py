"""The queue at the desk: what is due first stands first. One page a request; whoever asks proves who they are, and nobody here can say so
for them. No page and no button takes a picture of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from brands.http import SeeOther
from brands.models import Brand
from catalogue.admin.of_brand import OfBrand, brand_of, by
from data_requests import actions, clock, desk_texts, tracking
from data_requests.desk_forms import forms_for
from data_requests.desk_receive import ReceiveForm
from data_requests.models import Claim, Mandate, Request, System
from data_requests.models.systems import OURS
from data_requests.refusals import GROUNDS
from data_requests.states import OPEN, NotPossible
from regimes.deadlines import NotExtendable

if TYPE_CHECKING:
    OfSystem = forms.ModelForm[System]
else:
    OfSystem = forms.ModelForm


class OpenOnes(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("open"), "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", gettext("Late")), ("all", gettext("All, closed ones too"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "late":
            return queryset.filter(state__in=OPEN, until__lte=timezone.now())
        return queryset if self.value() == "all" else queryset.filter(state__in=OPEN)


class RequestAdmin(OfBrand):
    list_display = ("page", "kind", "state", "received_on", "due", "left", "target", "via")
    list_display_links = None
    list_filter = (OpenOnes, "kind", "state", "via")
    ordering = (F("until").asc(nulls_last=True), "pk")
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return False

    def may_work(self, request: HttpRequest) -> bool:
        return request.user.has_perm("requests.work_request")

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        return [
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
        act = request.POST.get("act", "") if request.method == "POST" and self.may_work(request) else ""
        forms = forms_for(found, request.POST, act) if self.may_work(request) else {}
        if act in forms and forms[act].is_valid() and self._done(request, found, forms[act]):
            return SeeOther(request.path)
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
            "forms": [(name, form, offered.get(name, [])) for name, form in forms.items()],
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/request.html", context, status=422 if act else 200)

    def _done(self, request: HttpRequest, found: Request, form: Any) -> bool:
        try:
            form.act(found, by(request))
        except (NotPossible, NotExtendable) as refused:
            self.message_user(request, gettext("That is not possible: %(why)s.") % {"why": refused}, messages.ERROR)
        else:
            self.message_user(request, gettext("Done."))
        return True

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


class SystemForm(OfSystem):
    """Django leaves out a constraint over a column that is not in the form, which the brand is not: asked here."""

    brand: ClassVar[Brand]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        others = System.objects.filter(brand=self.brand).exclude(pk=self.instance.pk)
        for name in ("key", "name"):
            value = values.get(name)
            if value and (value in OURS or others.filter(**{name: value}).exists()):
                self.add_error(name, gettext("There is one of this name already."))
        return values


class SystemAdmin(OfBrand):
    """The brand's other systems, each asked with every copy. One that is not asked any more stays, for what it answered."""

    list_display = ("name", "key", "in_use")
    fields = ("name", "key", "how", "in_use")
    form = SystemForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"brand": brand_of(request)})

    def get_readonly_fields(self, request: HttpRequest, obj: System | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: System | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: System, form: Any, change: bool) -> None:
        actions.name_system(obj, brand=brand_of(request), by=by(request))


ADMINS: tuple[tuple[type[Any], type[OfBrand]], ...] = ((Request, RequestAdmin), (System, SystemAdmin))
