"""A brand's own matters on the desk. Everything is saved by the actions of `brands`, which write the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from brands import actions
from brands.models import Brand, Logo, Theme, Wording
from brands.wording import DEFAULTS
from catalogue.admin.of_brand import brand_of, by
from preference_center.desk import forms

if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
else:
    Admin = admin.ModelAdmin


class OfBrand(Admin):
    """Rows of the brand at hand, made with it and gone with it."""

    brand_path: ClassVar[str] = "brand"
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(**{self.brand_path: brand_of(request).pk})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows its brand: what may be said depends on the languages of that."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"brand": brand_of(request)})


class BrandAdmin(OfBrand):
    brand_path = "pk"
    form = forms.BrandForm
    list_display = ("name", "key", "host")
    fieldsets = (
        (_("Name, host, languages"), {"fields": ("key", *Brand.IDENTITY)}),
        (_("Who is responsible"), {"fields": Brand.LEGAL}),
    )
    readonly_fields = ("key",)

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:
        said = form.cleaned_data
        actions.change_identity(obj, details={name: said[name] for name in Brand.IDENTITY}, by=by(request))
        actions.change_legal_details(obj, details={name: said[name] for name in Brand.LEGAL}, by=by(request))


class ThemeAdmin(OfBrand):
    form = forms.ThemeForm
    list_display = ("brand",)

    def save_model(self, request: HttpRequest, obj: Theme, form: Any, change: bool) -> None:
        actions.restyle(obj.brand, theme_values=form.cleaned_data, by=by(request))


class WordingAdmin(OfBrand):
    form = forms.WordingForm
    list_display = ("key", "language", "text")
    list_filter = ("language",)
    readonly_fields = ("ours",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("brands.add_wording")

    def has_delete_permission(self, request: HttpRequest, obj: Wording | None = None) -> bool:
        return request.user.has_perm("brands.delete_wording")

    def get_readonly_fields(self, request: HttpRequest, obj: Wording | None = None) -> tuple[str, ...]:
        return ("language", "key", "ours") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Wording | None = None) -> tuple[str, ...]:
        return ("language", "key", "ours", "text") if obj else ("language", "key", "text")

    @admin.display(description=_("our sentence"))
    def ours(self, wording: Wording) -> str:
        with override(wording.language):
            return str(DEFAULTS[wording.key])

    def save_model(self, request: HttpRequest, obj: Wording, form: Any, change: bool) -> None:
        actions.reword(brand_of(request), language=obj.language, key=obj.key, text=obj.text, by=by(request))
        obj.pk = brand_of(request).wordings.get(language=obj.language, key=obj.key).pk

    def delete_model(self, request: HttpRequest, obj: Wording) -> None:
        """Back to our sentence."""
        actions.reword(brand_of(request), language=obj.language, key=obj.key, text="", by=by(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Wording]) -> None:
        for wording in queryset:
            self.delete_model(request, wording)


class LogoAdmin(OfBrand):
    """A new picture takes the place of the old one: uploading is adding."""

    form = forms.LogoForm
    list_display = ("variant", "picture", "size")
    list_display_links = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("brands.add_logo")

    def has_change_permission(self, request: HttpRequest, obj: Logo | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Logo]:
        return super().get_queryset(request).defer("png")

    @admin.display(description=_("picture"))
    def picture(self, logo: Logo) -> SafeString:
        url = reverse("brands:logo", args=[logo.brand.key, logo.sha256[:8]])
        return format_html('<img class="logo" src="{}" alt="" height="32">', url)

    @admin.display(description=_("size in pixels"))
    def size(self, logo: Logo) -> str:
        return f"{logo.width} × {logo.height}"

    def save_model(self, request: HttpRequest, obj: Logo, form: Any, change: bool) -> None:
        brand = brand_of(request)
        actions.set_logo(brand, variant=obj.variant, upload=form.cleaned_data["upload"], by=by(request))
        obj.pk = brand.logos.get(variant=obj.variant).pk


ADMINS: tuple[tuple[type[Any], type[OfBrand]], ...] = (
    (Brand, BrandAdmin),
    (Theme, ThemeAdmin),
    (Wording, WordingAdmin),
    (Logo, LogoAdmin),
)
