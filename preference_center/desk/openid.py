"""The brand's own sign-in, as an officer sets it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import save_provider
from accounts.models import OpenIdProvider
from accounts.openid import Refused, callback_url, discover
from catalogue.admin.of_brand import OfBrand, brand_of, by
from preference_center.desk.forms import Address

if TYPE_CHECKING:
    ProviderForm = forms.ModelForm[OpenIdProvider]
else:
    ProviderForm = forms.ModelForm


class OpenIdForm(ProviderForm):
    """The provider is asked for its addresses before anything is saved."""

    given_secret = forms.CharField(
        label=gettext_lazy("client secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept encrypted, and never shown. Empty leaves the one there is."),
    )

    class Meta:
        model = OpenIdProvider
        fields = ("label", "issuer", "client_id", "in_use")
        field_classes: ClassVar[dict[str, Any]] = {"issuer": Address}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                values["addresses"] = discover(values["issuer"])
            except Refused as refused:
                self.add_error("issuer", _("The provider could not be asked: %(why)s.") % {"why": refused})
        return values


class OpenIdAdmin(OfBrand):
    form = OpenIdForm
    list_display = ("label", "issuer", "in_use")
    readonly_fields = ("redirect_address",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not OpenIdProvider.objects.filter(brand=brand_of(request)).exists()

    def has_delete_permission(self, request: HttpRequest, obj: OpenIdProvider | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("address to register at the provider"))
    def redirect_address(self, provider: OpenIdProvider) -> str:
        """What the provider is told: where it may send browsers back to."""
        return callback_url(provider.brand) if provider.pk else "–"

    def save_model(self, request: HttpRequest, obj: OpenIdProvider, form: Any, change: bool) -> None:
        said = form.cleaned_data
        save_provider(obj, said["addresses"], brand=brand_of(request), secret=said["given_secret"], by=by(request))


ADMINS: tuple[tuple[type[Any], type[OfBrand]], ...] = ((OpenIdProvider, OpenIdAdmin),)
