"""The desk's forms for a draft. They gather a Content; what is written is written by the actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from catalogue.content import Content, TextFacts, UseFacts
from catalogue.models import DataCategory, PurposeText, PurposeVersion, Recipient, Safeguard, Source, Use
from regimes.resolver import known_classes

if TYPE_CHECKING:
    VersionModelForm = forms.ModelForm[PurposeVersion]
    TextModelForm = forms.ModelForm[PurposeText]
    UseModelForm = forms.ModelForm[Use]
    WordModelForm = forms.ModelForm[Any]
else:
    VersionModelForm = TextModelForm = UseModelForm = WordModelForm = forms.ModelForm

LONGEST_WORDS = 200


# ── What is said in every language of the brand ─────────────────────────────────────────────────────────────────────


class InLanguages(WordModelForm):
    """A form with a field for each language. `said`: by column of {language: words}, the name and the label of its fields:
    {"names": ("name", "Name (%(language)s)")} asks with `name_en`, `name_pl`."""

    said: ClassVar[Mapping[str, tuple[str, Any]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in self.said:
            for name, language in self._fields(column):
                self.fields[name].initial = getattr(self.instance, column).get(language, "")

    def _fields(self, column: str) -> Iterator[tuple[str, str]]:
        begin = f"{self.said[column][0]}_"
        return ((name, name.removeprefix(begin)) for name in self.fields if name.startswith(begin))

    def in_languages(self, column: str) -> dict[str, str]:
        """What stood in languages that the brand does not speak any more stays."""
        before: dict[str, str] = getattr(self.instance, column)
        return before | {language: self.cleaned_data[name] for name, language in self._fields(column)}


def in_languages(form: type[Any], brand: Brand, *, new: bool) -> type[Any]:
    """The form with the fields of the brand's languages. The key is given once."""
    asked = [name for name in form.Meta.fields if new or name != "key"]
    fields: dict[str, Any] = {"Meta": type("Meta", (form.Meta,), {"fields": asked})} | {
        f"{begin}_{language}": forms.CharField(max_length=LONGEST_WORDS, label=label % {"language": language})
        for begin, label in form.said.values()
        for language in brand.languages
    }
    return type(form.__name__, (form,), fields)


def fields_in_languages(form: type[Any], brand: Brand) -> list[str]:
    return [*form.base_fields, *(f"{begin}_{language}" for begin, _label in form.said.values() for language in brand.languages)]


NAMES: Mapping[str, tuple[str, Any]] = {"names": ("name", _("Name (%(language)s)"))}


class DataCategoryForm(InLanguages):
    said = NAMES

    class Meta:
        model = DataCategory
        fields = ("key", "sensitive")


class SourceForm(InLanguages):
    said = NAMES

    class Meta:
        model = Source
        fields = ("key", "kind", "since")


class RecipientForm(InLanguages):
    said: ClassVar[Mapping[str, tuple[str, Any]]] = {"what_for": ("what_for", _("What for (%(language)s)"))}

    class Meta:
        model = Recipient
        fields = ("key", "name", "country", "role", "third_party")


class SafeguardForm(InLanguages):
    said = NAMES

    class Meta:
        model = Safeguard
        fields = ("key",)


# ── Drafts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _class_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(known_classes())]


class DraftForm(VersionModelForm):
    classes = forms.MultipleChoiceField(choices=_class_choices, widget=forms.CheckboxSelectMultiple, label=_("Classes of the law"))
    channels = forms.MultipleChoiceField(
        choices=PurposeVersion.Channel.choices, widget=forms.CheckboxSelectMultiple, required=False, label=_("Channels")
    )

    class Meta:
        model = PurposeVersion
        fields = ("basis", "classes", "channels", "lifetime_months", "explicit", "conditional_benefit", "audience", "pictogram")


class TextForm(TextModelForm):
    class Meta:
        model = PurposeText
        fields = ("language", "title", "sentence", "data", "recipients", "sold", "kept", "if_no", "ground", "channel_hints", "for_children")
        help_texts: ClassVar = {
            "for_children": _("For “younger” (8 to 12 years) and “older” (13 to 15): a “title” and a “sentence”, at most 14 words long.")
        }


class UseForm(UseModelForm):
    safeguards = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False, label=_("Safeguards"))

    class Meta:
        model = Use
        fields = (
            "category", "source", "recipient", "role", "sold", "shared", "country", "transfer_ground", "safeguards",
            "retention_days", "retention_after",
        )  # fmt: skip


class StartForm(ActionForm):
    """Beside the list's "Publish"."""

    in_force_from = forms.DateTimeField(required=False, label=_("In force from (empty: at once)"))

    def start(self) -> datetime | None:
        """From when; the list refuses a wrong date before anybody asks here."""
        del self.fields["action"]  # it is why we are here
        self.is_valid()
        start: datetime | None = self.cleaned_data["in_force_from"]
        return start


class PublishForm(StartForm):
    says_the_same = forms.BooleanField(required=False, label=_("Only the wording changed, and it says the same"))


def content(form: DraftForm, texts: forms.BaseModelFormSet[Any, Any], uses: forms.BaseModelFormSet[Any, Any]) -> Content:
    said = form.cleaned_data
    return Content(
        basis=said["basis"],
        classes=tuple(said["classes"]),
        channels=tuple(said["channels"]),
        lifetime_months=said["lifetime_months"],
        explicit=said["explicit"],
        conditional_benefit=said["conditional_benefit"],
        audience=said["audience"],
        pictogram=said["pictogram"],
        texts={row["language"]: _text(row) for row in _filled(texts)},
        uses=tuple(sorted(_use(row) for row in _filled(uses))),
    )


def _filled(formset: forms.BaseModelFormSet[Any, Any]) -> list[dict[str, Any]]:
    return [form.cleaned_data for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]


def _text(row: dict[str, Any]) -> TextFacts:
    return TextFacts(
        **{name: row[name] for name in TextForm.Meta.fields if name not in ("language", "channel_hints", "for_children")},
        channel_hints=row["channel_hints"] or {},
        for_children=row["for_children"] or {},
    )


def _use(row: dict[str, Any]) -> UseFacts:
    named = {
        "category": row["category"].key,
        "source": row["source"].key,
        "recipient": row["recipient"].key if row["recipient"] else "",
        "safeguards": tuple(sorted(row["safeguards"])),
    }
    return UseFacts(**{name: row[name] for name in UseForm.Meta.fields} | named)
