"""What every page of the catalogue's desk shares: rows of the brand at hand, refusals told, parts open while their version is a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy

from catalogue.admin.readable import Readable, columns, readable
from catalogue.models.frozen import Version
from catalogue.problems import Refused

if TYPE_CHECKING:
    from brands.models import Brand

    Admin = admin.ModelAdmin[Any]
    Inline = admin.StackedInline[Any, Any]
else:
    Admin, Inline = admin.ModelAdmin, admin.StackedInline


def brand_of(request: HttpRequest) -> Brand:
    brand: Brand = request.brand  # type: ignore[attr-defined]
    return brand


def by(request: HttpRequest) -> str:
    return f"staff:{request.user.reference}"  # type: ignore[union-attr]


class OfBrand(Readable, Admin):
    """Rows of the brand at hand; what an action refuses is told, not raised."""

    brand_path: ClassVar[str] = "brand"
    show_facets = admin.ShowFacets.NEVER  # each would count through the whole table

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(**{self.brand_path: brand_of(request)})

    @admin.display(description=gettext_lazy("Fingerprint"), empty_value="–")
    def fingerprint(self, version: Any) -> str | None:
        """Enough of it to tell two apart; the whole stands on the version's own page."""
        return version.sha256[:12] or None

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = super().get_actions(request)
        offered.pop("delete_selected", None)
        return offered

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_tell(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_tell(request, super().delete_view, *args, **kwargs)

    def _or_tell(self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            self.tell(request, refused)
            return HttpResponseRedirect(request.path)

    def tell(self, request: HttpRequest, refused: Refused, about: str = "") -> None:
        for problem in refused.problems:
            self.message_user(request, f"{about}: {problem}" if about else str(problem), messages.ERROR)

    def attempt(self, request: HttpRequest, rows: Iterable[Any], act: Callable[[Any], object]) -> int:
        """Each row on its own; the number of those that were not refused."""
        done = 0
        for row in rows:
            try:
                act(row)
                done += 1
            except Refused as refused:
                self.tell(request, refused, str(row))
        return done


class Published(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("state"), "published"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", gettext_lazy("draft")), ("yes", gettext_lazy("published"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(number__isnull=self.value() == "no") if self.value() else queryset


class PartInline(Readable, Inline):
    """Parts follow their version: who may change the draft may change them, and nobody what was published."""

    app: ClassVar[str] = "catalogue"
    version_model: ClassVar[str]  # "purposeversion"

    def _open(self, request: HttpRequest, obj: Version | None) -> bool:
        return bool(obj and obj.number is None and request.user.has_perm(f"{self.app}.change_{self.version_model}"))

    def get_readonly_fields(self, request: HttpRequest, obj: Version | None = None) -> Any:
        """What is made for showing alone is no field of a form."""
        shown = () if self._open(request, obj) else (readable(self.model, name) for name in columns(self.model))
        return [*super().get_readonly_fields(request, obj), *shown]

    def has_add_permission(self, request: HttpRequest, obj: Version | None = None) -> bool:
        return self._open(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Version | None = None) -> bool:
        return self._open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Version | None = None) -> bool:
        return self._open(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Version | None = None) -> bool:
        return request.user.has_perm(f"{self.app}.view_{self.version_model}") or self._open(request, obj)
