"""Purposes and the words they are written in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.forms import MultipleChoiceField
from django.http import HttpRequest
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from catalogue import actions, forms
from catalogue.admin.of_brand import OfBrand, PartInline, Published, brand_of, by
from catalogue.admin.readable import readable
from catalogue.content import Content
from catalogue.models import Purpose, PurposeText, PurposeVersion, Use
from catalogue.published import published


class WordAdmin(OfBrand):
    """Words are declared, never deleted; those in published use only gain languages."""

    form: type[Any]
    shown: ClassVar[tuple[str, ...]] = ("names",)  # what is said of a word beside its key, where it is only shown

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("called", "key", *(name for name in self.shown if name not in self.form.said))

    @admin.display(description=gettext_lazy("Called"))
    def called(self, word: Any) -> str:
        return str(word.name_in(get_language() or ""))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return forms.in_languages(self.form, brand_of(request), new=obj is None)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is not None and not self.has_change_permission(request, obj):
            return ["key", *(readable(self.model, name) for name in self.shown)]
        return forms.fields_in_languages(self.form, brand_of(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = {name: form.in_languages(name) if name in form.said else getattr(obj, name) for name in self.shown}
        obj.pk = actions.declare(brand_of(request), type(obj), obj.key, **said).pk


class DataCategoryAdmin(WordAdmin):
    form = forms.DataCategoryForm
    shown = ("names", "sensitive")


class SourceAdmin(WordAdmin):
    form = forms.SourceForm
    shown = ("names", "kind", "since")


class RecipientAdmin(WordAdmin):
    form = forms.RecipientForm
    shown = ("name", "country", "role", "third_party", "what_for")

    @admin.display(description=gettext_lazy("What for"))
    def called(self, word: Any) -> str:
        return str(word.what_for_in(get_language() or ""))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", "called", "country", "role", "third_party", "key")


class SafeguardAdmin(WordAdmin):
    form = forms.SafeguardForm


class PurposeAdmin(OfBrand):
    list_display = ("titled", "key", "order", "parent", "retired_at")
    list_select_related = ("brand", "parent")
    fields = ("key", "order", "parent")
    actions = ("revise", "retire")

    @admin.display(description=gettext_lazy("Title"))
    def titled(self, purpose: Purpose) -> str:
        """Of what is published; a draft has its words on a page of its own."""
        found = published(purpose.brand).get(purpose.key)
        return found.for_language(get_language() or "").title if found else gettext("a draft")

    def has_change_permission(self, request: HttpRequest, obj: Purpose | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Purpose | None = None) -> bool:
        return False

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalogue.publish_purpose")

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, queryset=brand_of(request).purposes.all(), **kwargs)

    def save_model(self, request: HttpRequest, obj: Purpose, form: Any, change: bool) -> None:
        """A new purpose begins with an empty draft on its legal ground; the draft's own page asks for the rest."""
        empty = Content(basis=PurposeVersion.Basis.CONSENT, classes=(), texts={}, uses=())
        parent = obj.parent.key if obj.parent else ""
        obj.pk = actions.draft_purpose(
            brand_of(request), key=obj.key, content=empty, order=obj.order, parent=parent, by=by(request)
        ).purpose_id

    @admin.action(description=gettext_lazy("Begin a new version"), permissions=["change"])
    def revise(self, request: HttpRequest, queryset: QuerySet[Purpose]) -> None:
        done = self.attempt(request, queryset, lambda purpose: actions.revise(purpose, by=by(request)))
        if done:
            self.message_user(request, ngettext("%(n)s draft is on the desk.", "%(n)s drafts are on the desk.", done) % {"n": done})

    @admin.action(description=gettext_lazy("End for everybody"), permissions=["publish"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Purpose]) -> None:
        done = self.attempt(request, queryset, lambda purpose: actions.retire(purpose, by=by(request)))
        if done:
            self.message_user(request, ngettext("%(n)s purpose has ended.", "%(n)s purposes have ended.", done) % {"n": done})


class TextInline(PartInline):
    version_model = "purposeversion"
    model = PurposeText
    form = forms.TextForm

    def get_extra(self, request: HttpRequest, obj: PurposeVersion | None = None, **kwargs: Any) -> int:
        return max(0, len(brand_of(request).languages) - obj.texts.count()) if obj else 0


class UseInline(PartInline):
    version_model = "purposeversion"
    model = Use
    form = forms.UseForm
    extra = 2

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        rows = db_field.remote_field.model._default_manager.filter(brand=brand_of(request))
        return super().formfield_for_foreignkey(db_field, request, queryset=rows, **kwargs)

    def get_formset(self, request: HttpRequest, obj: PurposeVersion | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        field = formset.form.base_fields.get("safeguards")
        if isinstance(field, MultipleChoiceField):
            field.choices = [(row.key, row.key) for row in brand_of(request).safeguards.order_by("key")]
        return formset


class PurposeVersionAdmin(OfBrand):
    brand_path = "purpose__brand"
    form = forms.DraftForm
    inlines = (TextInline, UseInline)
    list_display = ("purpose", "number", "basis", "published_at", "in_force_from", "fingerprint")
    list_filter = (Published, "basis", "audience")
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
        return list(self.as_words(request, obj, [*forms.DraftForm.Meta.fields, *recorded]))

    def save_model(self, request: HttpRequest, obj: PurposeVersion, form: Any, change: bool) -> None:
        """Texts and uses belong to it: all is written at once, below."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        texts, uses = formsets
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        actions.revise(form.instance.purpose, content=forms.content(form, texts, uses), by=by(request))

    def delete_model(self, request: HttpRequest, obj: PurposeVersion) -> None:
        actions.discard(obj)

    @admin.action(description=gettext_lazy("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[PurposeVersion]) -> None:
        said = forms.PublishForm(request.POST)
        start = said.start()
        vouched = said.cleaned_data["says_the_same"] and request.user.has_perm("catalogue.vouch_for_prose")
        done = self.attempt(
            request,
            queryset,
            lambda version: actions.publish(version, by=by(request), in_force_from=start, says_the_same=vouched),
        )
        if done:
            self.message_user(request, ngettext("%(n)s version is published.", "%(n)s versions are published.", done) % {"n": done})
