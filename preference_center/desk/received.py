"""Data that came from others, on the desk: the officer notes it, the people it is about are told at once (GDPR Art. 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.addresses import canonical_email
from accounts.models import Customer
from brands.models import Brand
from catalogue.admin.list_only import ListOnly
from catalogue.admin.of_brand import brand_of, by
from consents import actions
from consents.models import Received
from consents.naming import register_names

if TYPE_CHECKING:
    ReceivedModelForm = forms.ModelForm[Received]
else:
    ReceivedModelForm = forms.ModelForm

MOST = 1000  # addresses at a time: more come in by the files of an import


class ReceivedForm(ReceivedModelForm):
    """`brand` is set on a class of its own for each request: what may be chosen is what that brand has published."""

    brand: ClassVar[Brand]
    received_on = forms.DateField(label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}))
    addresses = forms.CharField(label=_("Email addresses of the people it is about, one a line"), widget=forms.Textarea(attrs={"rows": 8}))

    class Meta:
        model = Received
        fields = ("received_on",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = register_names(self.brand)
        declared = [
            (f"{source}/{category}", f"{names.category(category)}: {names.source(source)}")
            for source, categories in names.by_source.items()
            for category in sorted(categories)
        ]
        what = _("What came, and from whom")
        self.fields["what"] = forms.MultipleChoiceField(label=what, widget=forms.CheckboxSelectMultiple, choices=declared)

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day is still to come."), code="future")
        return day

    def clean_addresses(self) -> list[str]:
        lines = [line for line in self.cleaned_data["addresses"].splitlines() if line.strip()]
        if len(lines) > MOST:
            raise ValidationError(_("At most %(most)d addresses at a time."), code="too_many", params={"most": MOST})
        return sorted({canonical_email(line) for line in lines})


class ReceivedAdmin(ListOnly):
    """What came from whom for which customer, by their public code, and until when they must have been told."""

    list_display = ("code", "source", "received_on", "tell_by", "told_at", "late")
    ordering: ClassVar[tuple[str, ...]] = ("told_at", "tell_by")
    form = ReceivedForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Received]:
        return Received.objects.at(brand_of(request).pk).select_related("customer")

    @admin.display(description=_("Customer"))
    def code(self, received: Received) -> str:
        return received.customer.code

    @admin.display(description=_("late"), empty_value="–")
    def late(self, received: Received) -> SafeString | None:
        """Of what nobody was told in time; nothing of the rest."""
        late = received.told_at is None and received.tell_by < timezone.localdate()
        return format_html('<strong class="is-late">{}</strong>', _("late")) if late else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("consents.add_received")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return type("ReceivedForm", (ReceivedForm,), {"brand": brand_of(request)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["what", "received_on", "addresses"]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One button: there is no page of one row to go on to."""
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_button})

    def save_model(self, request: HttpRequest, obj: Received, form: Any, change: bool) -> None:
        """One turn a person and source. The page answers with numbers, and names only what the officer typed."""
        brand, said = brand_of(request), form.cleaned_data
        by_source: dict[str, list[str]] = {}
        for each in said["what"]:
            source, category = each.split("/")
            by_source.setdefault(source, []).append(category)
        found = {
            contact.canonical: contact.customer
            for contact in brand.contacts.proven().filter(channel="email", canonical__in=said["addresses"]).select_related("customer")
        }
        for customer in found.values():
            self._note(request, customer, brand, by_source, said["received_on"])
        self._answer(request, len(found), [address for address in said["addresses"] if address not in found])

    def _note(self, request: HttpRequest, customer: Customer, brand: Brand, by_source: dict[str, list[str]], received_on: Any) -> None:
        customer.brand = brand
        for source, categories in by_source.items():
            actions.receive(customer, source=source, categories=categories, received_on=received_on, by=by(request))

    def _answer(self, request: HttpRequest, told: int, unknown: list[str]) -> None:
        if told:
            self.message_user(request, ngettext("%(n)d person is told by mail.", "%(n)d people are told by mail.", told) % {"n": told})
        if unknown:
            text = ngettext("%(n)d address belongs to nobody here:", "%(n)d addresses belong to nobody here:", len(unknown))
            self.message_user(request, f"{text % {'n': len(unknown)}} {', '.join(unknown)}", messages.WARNING)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The ledger tells who noted it; a second record would name no row."""

    def response_add(self, request: HttpRequest, obj: Received, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("desk:consents_received_changelist"))


ADMINS: tuple[tuple[type[Any], type[ReceivedAdmin]], ...] = ((Received, ReceivedAdmin),)
