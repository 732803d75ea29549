"""The catalogue on the desk. Registered nowhere here: the desk puts these classes on its own site.

What was published is shown, never edited; a draft is edited and published through the actions, which say what is in the way.
Every list starts at the brand of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.db.models import ForeignKey, QuerySet
from django.forms import MultipleChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy, ngettext

from catalogue import actions, forms
from catalogue.content import Content
from catalogue.models import DataCategory, Purpose, PurposeText, PurposeVersion, Recipient, Safeguard, Source, Use
from catalogue.problems import Refused

if TYPE_CHECKING:
    from brands.models import Brand

    Admin = admin.ModelAdmin[Any]
    Inline = admin.StackedInline[Any, Any]
else:
    Admin, Inline = admin.ModelAdmin, admin.StackedInline


def _brand(request: HttpRequest) -> Brand:
    brand: Brand = request.brand  # type: ignore[attr-defined]
    return brand


def _by(request: HttpRequest) -> str:
    return f"staff:{request.user.reference}"  # type: ignore[union-attr]


class OfBrand(Admin):
    """Rows of the brand at hand; what an action refuses is told, not raised."""

    brand_path: ClassVar[str] = "brand"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(**{self.brand_path: _brand(request)})

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = super().get_actions(request)
        offered.pop("delete_selected", None)
        return offered

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
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


class WordAdmin(OfBrand):
    """Words are declared, never deleted; those in published use only gain languages."""

    told: ClassVar[tuple[str, ...]] = ("names",)  # what is said of a word, beside its key

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("key", *self.told)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key", *self.told)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = {name: getattr(obj, name) for name in self.told}
        obj.pk = actions.declare(_brand(request), type(obj), obj.key, **said).pk


class DataCategoryAdmin(WordAdmin):
    told = ("names", "sensitive")


class SourceAdmin(WordAdmin):
    told = ("names", "kind", "since")


class RecipientAdmin(WordAdmin):
    told = ("name", "country", "role", "third_party", "what_for")


class SafeguardAdmin(WordAdmin):
    pass


class PurposeAdmin(OfBrand):
    list_display = ("key", "order", "parent", "retired_at")
    fields = ("key", "order", "parent")
    actions = ("revise", "retire")

    def has_change_permission(self, request: HttpRequest, obj: Purpose | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Purpose | None = None) -> bool:
        return False

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalogue.publish_purpose")

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, queryset=_brand(request).purposes.all(), **kwargs)

    def save_model(self, request: HttpRequest, obj: Purpose, form: Any, change: bool) -> None:
        """A new purpose begins with an empty draft on its legal ground; the draft's own page asks for the rest."""
        empty = Content(basis=PurposeVersion.Basis.CONSENT, classes=(), texts={}, uses=())
        parent = obj.parent.key if obj.parent else ""
        obj.pk = actions.draft_purpose(_brand(request), key=obj.key, content=empty, order=obj.order, parent=parent).purpose_id

    @admin.action(description=gettext_lazy("Begin a new version"), permissions=["change"])
    def revise(self, request: HttpRequest, queryset: QuerySet[Purpose]) -> None:
        done = self.attempt(request, queryset, lambda purpose: actions.revise(purpose))
        if done:
            self.message_user(request, ngettext("%(n)s draft is on the desk.", "%(n)s drafts are on the desk.", done) % {"n": done})

    @admin.action(description=gettext_lazy("End for everybody"), permissions=["publish"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Purpose]) -> None:
        done = self.attempt(request, queryset, lambda purpose: actions.retire(purpose, by=_by(request)))
        if done:
            self.message_user(request, ngettext("%(n)s purpose has ended.", "%(n)s purposes have ended.", done) % {"n": done})


class PartInline(Inline):
    """Texts and uses follow their version: who may change the draft may change them, and nobody what was published."""

    def _open(self, request: HttpRequest, obj: PurposeVersion | None) -> bool:
        return bool(obj and obj.number is None and request.user.has_perm("catalogue.change_purposeversion"))

    def has_add_permission(self, request: HttpRequest, obj: PurposeVersion | None = None) -> bool:
        return self._open(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: PurposeVersion | None = None) -> bool:
        return self._open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: PurposeVersion | None = None) -> bool:
        return self._open(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: PurposeVersion | None = None) -> bool:
        return request.user.has_perm("catalogue.view_purposeversion") or self._open(request, obj)


class TextInline(PartInline):
    model = PurposeText
    form = forms.TextForm

    def get_extra(self, request: HttpRequest, obj: PurposeVersion | None = None, **kwargs: Any) -> int:
        return max(0, len(_brand(request).languages) - obj.texts.count()) if obj else 0


class UseInline(PartInline):
    model = Use
    form = forms.UseForm
    extra = 2

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        rows = db_field.remote_field.model._default_manager.filter(brand=_brand(request))
        return super().formfield_for_foreignkey(db_field, request, queryset=rows, **kwargs)

    def get_formset(self, request: HttpRequest, obj: PurposeVersion | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        field = formset.form.base_fields.get("safeguards")
        if isinstance(field, MultipleChoiceField):
            field.choices = [(row.key, row.key) for row in _brand(request).safeguards.order_by("key")]
        return formset


class PurposeVersionAdmin(OfBrand):
    brand_path = "purpose__brand"
    form = forms.DraftForm
    inlines = (TextInline, UseInline)
    list_display = ("purpose", "number", "basis", "published_at", "in_force_from", "sha256")
    list_filter = ("basis", ("number", admin.EmptyFieldListFilter))
    list_select_related = ("purpose",)
    action_form = forms.PublishForm
    actions = ("publish",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a purpose begins with its first draft; the next ones begin at the purpose

    def has_change_permission(self, request: HttpRequest, obj: PurposeVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.number is None)

    def has_delete_permission(self, request: HttpRequest, obj: PurposeVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.number is None)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalogue.publish_purpose")

    def get_fields(self, request: HttpRequest, obj: PurposeVersion | None = None) -> list[Any]:
        recorded = ["number", "published_at", "in_force_from", "sha256", "body"] if obj and obj.number else []
        return [*forms.DraftForm.Meta.fields, *recorded]

    def save_model(self, request: HttpRequest, obj: PurposeVersion, form: Any, change: bool) -> None:
        """Texts and uses belong to it: all is written at once, below."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        texts, uses = formsets
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        actions.revise(form.instance.purpose, content=forms.content(form, texts, uses))

    def delete_model(self, request: HttpRequest, obj: PurposeVersion) -> None:
        actions.discard(obj)

    @admin.action(description=gettext_lazy("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[PurposeVersion]) -> None:
        said = forms.PublishForm(request.POST)
        del said.fields["action"]  # it is why we are here
        said.is_valid()  # the list refuses a wrong date before it comes here
        vouched = said.cleaned_data["says_the_same"] and request.user.has_perm("catalogue.vouch_for_prose")
        start = said.cleaned_data["in_force_from"]
        done = self.attempt(
            request,
            queryset,
            lambda version: actions.publish(version, by=_by(request), in_force_from=start, says_the_same=vouched),
        )
        if done:
            self.message_user(request, ngettext("%(n)s version is published.", "%(n)s versions are published.", done) % {"n": done})


ADMINS: tuple[tuple[type[Any], type[OfBrand]], ...] = (
    (Purpose, PurposeAdmin),
    (PurposeVersion, PurposeVersionAdmin),
    (DataCategory, DataCategoryAdmin),
    (Source, SourceAdmin),
    (Recipient, RecipientAdmin),
    (Safeguard, SafeguardAdmin),
)
