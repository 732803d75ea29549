"""The desk's forms for a draft. They gather a Content; what is written is written by the actions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.utils.translation import gettext_lazy as _

from catalogue.content import Content, TextFacts, UseFacts
from catalogue.models import PurposeText, PurposeVersion, Use
from regimes.resolver import known_classes

if TYPE_CHECKING:
    VersionModelForm = forms.ModelForm[PurposeVersion]
    TextModelForm = forms.ModelForm[PurposeText]
    UseModelForm = forms.ModelForm[Use]
else:
    VersionModelForm = TextModelForm = UseModelForm = forms.ModelForm


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
