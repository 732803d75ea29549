"""The desk's forms of questions, stages and moments. They gather plain values; what is written is written by the actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from catalogue.forms import NAMES, InLanguages
from profiles.content import Content, Labels, TextFacts
from profiles.eligibility import FACTS, RELATIONS, Row
from profiles.models import Condition, Moment, QuestionText, QuestionVersion, Stage

if TYPE_CHECKING:
    VersionModelForm = forms.ModelForm[QuestionVersion]
    TextModelForm = forms.ModelForm[QuestionText]
    ConditionModelForm = forms.ModelForm[Condition]
else:
    VersionModelForm = TextModelForm = ConditionModelForm = forms.ModelForm


def _moments(choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, required=False, label=_("Asked after"))


class DraftForm(VersionModelForm):
    moments = _moments([])

    class Meta:
        model = QuestionVersion
        fields = ("kind", "purpose", "category", "retention_days", "stage", "moments", "least", "most")

    @classmethod
    def of(cls, brand: Brand) -> type[DraftForm]:
        """With the moments of this brand alone."""
        return type(cls.__name__, (cls,), {"moments": _moments([(row.key, row.key) for row in Moment.objects.filter(brand=brand)])})


class LinesField(forms.CharField):
    """One option a line, “key: label”."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 40})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, help_text=_("One a line: a short key, a colon, the words. The keys are the same in every language."), **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else "\n".join(f"{key}: {label}" for key, label in value or ())

    def clean(self, value: Any) -> list[list[str]]:
        pairs = [line.partition(":") for line in str(value or "").splitlines() if line.strip()]
        if any(not (colon and key.strip() and label.strip()) for key, colon, label in pairs):
            raise forms.ValidationError(_("Each line is a key, a colon and the words, such as “s: Small”."))
        return [[key.strip(), label.strip()] for key, _colon, label in pairs]


class TextForm(TextModelForm):
    options = LinesField(label=_("Options"))
    columns = LinesField(label=_("Columns"))

    class Meta:
        model = QuestionText
        fields = ("language", "title", "why_now", "benefit", "if_not", "used_by", "save_label", "unit", "options", "columns")
        widgets: ClassVar = {name: forms.TextInput(attrs={"size": 70}) for name in ("title", "benefit", "if_not", "used_by")}


class ConditionForm(ConditionModelForm):
    """Fact, of what, is, value."""

    fact = forms.ChoiceField(label=_("Fact"), choices=[("", "–"), *FACTS.items()])
    about = forms.CharField(label=_("of what"), required=False, help_text=_("The key of a question, a stage or a use (“news/email”)."))
    relation = forms.ChoiceField(
        label=_("is"), choices=[("", "–"), *((FACTS[fact], list(words.items())) for fact, words in RELATIONS.items())]
    )
    value = forms.CharField(label=_("value"), required=False, help_text=_("Years, countries (“PL, DE”) or a day (2026-12-24)."))

    class Meta:
        model = Condition
        fields = ("fact", "about", "relation", "value")


class PublishForm(ActionForm):
    """Beside the list's “Publish”."""

    sensitive_reason = forms.CharField(required=False, label=_("Only for a sensitive kind of data: why it is asked"))

    def reason(self) -> str:
        del self.fields["action"]  # it is why we are here
        self.is_valid()
        return str(self.cleaned_data["sensitive_reason"])


def content(form: DraftForm, texts: forms.BaseModelFormSet[Any, Any], conditions: forms.BaseModelFormSet[Any, Any]) -> Content:
    said = form.cleaned_data
    return Content(
        kind=said["kind"],
        purpose=said["purpose"].key,
        category=said["category"].key,
        retention_days=said["retention_days"],
        texts={row["language"]: _text(row) for row in _filled(texts)},
        moments=tuple(said["moments"]),
        stage=said["stage"].key if said["stage"] else "",
        least=said["least"],
        most=said["most"],
        conditions=tuple(Row(row["fact"], row["relation"], row["about"].strip(), row["value"].strip()) for row in _filled(conditions)),
    )


def _filled(formset: forms.BaseModelFormSet[Any, Any]) -> list[dict[str, Any]]:
    return [form.cleaned_data for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]


def _text(row: dict[str, Any]) -> TextFacts:
    prose = {name: row[name] for name in TextForm.Meta.fields if name not in {"language", "options", "columns"}}
    return TextFacts(**prose, options=_labels(row["options"]), columns=_labels(row["columns"]))


def _labels(pairs: list[list[str]]) -> Labels:
    return tuple((key, label) for key, label in pairs)


# ── Stages and moments ──────────────────────────────────────────────────────────────────────────────────────────────


class MomentForm(InLanguages):
    said = NAMES

    class Meta:
        model = Moment
        fields: ClassVar = ("key", "days", "on_the_way_to_pay")


class StageForm(InLanguages):
    said = NAMES

    class Meta:
        model = Stage
        fields: ClassVar = ("key", "order", "opens_on")
