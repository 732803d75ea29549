"""Partners, keys and endpoints at the desk. What is secret is shown on the page that answers, once."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from brands.models import Brand
from catalogue.admin.of_brand import OfBrand, brand_of, by
from catalogue.published import published
from propagation import actions
from propagation.models import ApiKey, Delivery, Endpoint, Partner
from propagation.verbs import EVERY_PURPOSE, VERBS
from propagation.webhooks.events import TYPES
from propagation.webhooks.guard import Refused, check_typed

if TYPE_CHECKING:
    from django.contrib import admin

    OfPartner = forms.ModelForm[Partner]
    OfKey = forms.ModelForm[ApiKey]
    OfEndpoint = forms.ModelForm[Endpoint]
else:
    from django.contrib import admin

    OfPartner = OfKey = OfEndpoint = forms.ModelForm

DAYS = 365  # that a key lasts where nobody says otherwise


class OfThisBrand:
    """A form's choices are of the brand at hand: `brand` is set on a class of its own for each request."""

    brand: ClassVar[Brand]


class PartnerForm(OfThisBrand, OfPartner):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"].queryset = self.brand.recipients.order_by("name")  # type: ignore[attr-defined]

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if Partner.objects.filter(brand=self.brand, key=key).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("There is one of this name already."))
        return key


class KeyForm(OfThisBrand, OfKey):
    verbs = forms.MultipleChoiceField(label=gettext_lazy("May"), widget=forms.CheckboxSelectMultiple, choices=list(VERBS.items()))
    expires_on = forms.DateField(label=gettext_lazy("Expires on"), widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        model = ApiKey
        fields = ("partner", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Partner.objects.filter(brand=self.brand)  # type: ignore[attr-defined]
        self.fields["expires_on"].initial = timezone.localdate() + timedelta(days=DAYS)
        language = get_language() or self.brand.default_language
        titles = [(key, f"{each.for_language(language).title} ({key})") for key, each in published(self.brand).items()]
        keys = [(EVERY_PURPOSE, gettext("Every purpose")), *titles]
        self.fields["purposes"] = forms.MultipleChoiceField(
            label=gettext("For the purposes"), widget=forms.CheckboxSelectMultiple, choices=keys
        )

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        today = timezone.localdate()
        if not today < day <= today + actions.LONGEST:
            raise forms.ValidationError(gettext("A key ends after today, and within two years."))
        return day


class EndpointForm(OfThisBrand, OfEndpoint):
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Told of"), widget=forms.CheckboxSelectMultiple, required=False, choices=[(kind, kind) for kind in TYPES],
        help_text=gettext_lazy("None ticked: of everything that concerns it."),
    )  # fmt: skip

    class Meta:
        model = Endpoint
        fields = ("partner", "url", "events", "full", "reconciles")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Partner.objects.filter(brand=self.brand)  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            check_typed(url)
        except Refused as refused:
            raise forms.ValidationError(gettext("This is no address of an endpoint: https://host/path.")) from refused
        return url


class Partners(OfBrand):
    """What the three have in common: forms of the brand at hand, nothing deleted."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return type(self.form.__name__, (super().get_form(request, obj, change, **kwargs),), {"brand": brand_of(request)})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """None: the stock list would answer ?secret__startswith=… letter by letter."""
        return False

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("propagation.change_partner")

    def shown_once(self, request: HttpRequest, title: str, secret: str, note: str) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": title, "secret": secret, "note": note, "opts": self.model._meta}
        return TemplateResponse(request, "admin/secret_once.html", context, headers={"Cache-Control": "no-store"})


class PartnerAdmin(Partners):
    list_display = ("name", "key", "recipient", "names_people_by", "confirms_within_hours", "in_use")
    list_select_related = ("recipient",)
    fields = ("name", "key", "recipient", "names_people_by", "confirms_within_hours", "in_use")
    form = PartnerForm

    def get_readonly_fields(self, request: HttpRequest, obj: Partner | None = None) -> tuple[str, ...]:
        return ("key", "recipient") if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:  # what cannot be changed has no field to look after
            return OfBrand.get_form(self, request, obj, change, form=OfPartner, **kwargs)
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Partner, form: Any, change: bool) -> None:
        actions.name_partner(obj, brand=brand_of(request), by=by(request))


class ApiKeyAdmin(Partners):
    """Each with what it may do, and how often it has."""

    brand_path = "partner__brand"
    list_display = ("name", "number", "partner", "may", "expires_at", "revoked_at", "last_used", "calls")
    list_display_links = None
    list_select_related = ("partner",)
    actions = ("revoke",)
    form = KeyForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        keys: QuerySet[ApiKey] = super().get_queryset(request)
        return keys.annotate(used_at=Max("uses__last_at"), used=Sum("uses__calls"), asked=Sum("uses__people"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["partner", "name", "verbs", "purposes", "expires_on"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)

    @admin.display(description=gettext_lazy("May"))
    def may(self, key: ApiKey) -> str:
        purposes = gettext("every purpose") if EVERY_PURPOSE in key.purposes else ", ".join(key.purposes)
        return f"{', '.join(key.verbs)} ({purposes})"

    @admin.display(description=gettext_lazy("Last used"), empty_value="–")
    def last_used(self, key: ApiKey) -> Any:
        return key.used_at  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("Calls, people asked about"))
    def calls(self, key: ApiKey) -> str:
        return f"{key.used or 0}, {key.asked or 0}"  # type: ignore[attr-defined]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().add_view(request, form_url, {**(extra_context or {}), **ONE_BUTTON})

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        said = form.cleaned_data
        until = timezone.make_aware(datetime.combine(said["expires_on"], time.min))
        row, key = actions.issue_key(
            said["partner"], name=said["name"], verbs=said["verbs"], purposes=said["purposes"], expires_at=until, by=by(request)
        )
        obj.pk, request.issued = row.pk, key  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        note = gettext("It opens the API as “Authorization: Bearer …”. We keep its fingerprint alone: nobody can show it again.")
        return self.shown_once(request, gettext("The key"), request.issued, note)  # type: ignore[attr-defined]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The brand's record says it already."""

    @admin.action(description=gettext_lazy("Revoke at once"), permissions=["run"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        done = sum(actions.revoke_key(key, by=by(request)) for key in queryset.select_related("partner__brand"))
        self.message_user(request, ngettext("%(n)s key was revoked.", "%(n)s keys were revoked.", done) % {"n": done})


ONE_BUTTON = {"show_save_and_add_another": False, "show_save_and_continue": False}


class EndpointAdmin(Partners):
    brand_path = "partner__brand"
    list_display = ("partner", "url", "stands", "waiting", "delivered_at", "failing_since")
    list_display_links = None
    list_select_related = ("partner",)
    actions = ("test", "replay", "rotate", "close")
    form = EndpointForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["partner", "url", "events", "full", "reconciles"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)

    @admin.display(description=gettext_lazy("State"))
    def stands(self, endpoint: Endpoint) -> str:
        if endpoint.closed_why:
            return endpoint.get_closed_why_display()
        if endpoint.failures:
            return ngettext("failed %(n)s time", "failed %(n)s times in a row", endpoint.failures) % {"n": endpoint.failures}
        return gettext("open")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        waits = Delivery.objects.waiting().filter(endpoint=OuterRef("pk")).order_by().values("endpoint").annotate(n=Count("pk"))
        endpoints: QuerySet[Endpoint] = super().get_queryset(request)
        return endpoints.annotate(waits=Coalesce(Subquery(waits.values("n")), 0))

    @admin.display(description=gettext_lazy("Waiting"))
    def waiting(self, endpoint: Endpoint) -> int:
        return endpoint.waits  # type: ignore[attr-defined, no-any-return]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().add_view(request, form_url, {**(extra_context or {}), **ONE_BUTTON})

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        said = form.cleaned_data
        row, secret = actions.open_endpoint(
            said["partner"], said["url"], kinds=said["events"], full=said["full"], reconciles=said["reconciles"], by=by(request)
        )
        obj.pk, request.issued = row.pk, secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None) -> HttpResponse:
        return self._secret(request, request.issued)  # type: ignore[attr-defined]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The brand's record says it already."""

    @admin.action(description=gettext_lazy("Send a test"), permissions=["run"])
    def test(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in _whole(queryset):
            actions.test_endpoint(endpoint, by=by(request))
        self.message_user(request, gettext("On its way. The list of deliveries shows what it answers."))

    @admin.action(description=gettext_lazy("Open, and send again what waits or was given up"), permissions=["run"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        count = sum(actions.replay(endpoint, by=by(request)) for endpoint in _whole(queryset))
        self.message_user(request, ngettext("%(n)s event is on its way.", "%(n)s events are on their way.", count) % {"n": count})

    @admin.action(description=gettext_lazy("Exchange the secret"), permissions=["run"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> HttpResponse | None:
        chosen = list(_whole(queryset))
        if len(chosen) != 1:
            self.message_user(request, gettext("One endpoint at a time: its new secret is shown once."))
            return None
        return self._secret(request, actions.rotate_secret(chosen[0], by=by(request)))

    @admin.action(description=gettext_lazy("Switch off"), permissions=["run"])
    def close(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        done = sum(actions.close_endpoint(endpoint, by=by(request)) for endpoint in _whole(queryset))
        self.message_user(request, ngettext("%(n)s endpoint was switched off.", "%(n)s endpoints were switched off.", done) % {"n": done})

    def _secret(self, request: HttpRequest, secret: str) -> HttpResponse:
        note = gettext("It signs what is sent there (Standard Webhooks). One that was there before signs beside it for two days.")
        return self.shown_once(request, gettext("The secret"), secret, note)


def _whole(queryset: QuerySet[Endpoint]) -> QuerySet[Endpoint]:
    return queryset.select_related("partner__brand", "partner__recipient")
