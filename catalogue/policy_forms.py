"""The desk's forms for the draft of a policy. They gather a PolicyContent; what is written is written by the actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue import outline
from catalogue.models import PolicyText, PolicyVersion
from catalogue.policy_content import ClauseContent, PolicyContent, PolicyWords
from catalogue.problems import Refused

if TYPE_CHECKING:
    VersionModelForm = forms.ModelForm[PolicyVersion]
    TextModelForm = forms.ModelForm[PolicyText]
else:
    VersionModelForm = TextModelForm = forms.ModelForm


class PolicyDraftForm(VersionModelForm):
    removed = forms.CharField(
        required=False,
        label=_("Clauses given up"),
        help_text=_("The anchors of clauses that were published and go with this version, with spaces between them."),
    )

    class Meta:
        model = PolicyVersion
        fields = ("removed",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["removed"] = " ".join(self.instance.removed)

    def clean_removed(self) -> list[str]:
        return sorted(self.cleaned_data["removed"].split())


class PolicyTextForm(TextModelForm):
    clauses = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 40}),
        label=_("Clauses"),
        help_text=_(
            "Markdown. Each clause begins with its heading and anchor: ## Who gets it {#recipients}. Below it: ### Parcels {#parcels}."
        ),
    )

    class Meta:
        model = PolicyText
        fields = ("language", "title", "summary")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["clauses"] = sheet(self.instance)

    def clean_clauses(self) -> tuple[ClauseContent, ...]:
        try:
            return outline.read(self.cleaned_data["clauses"])
        except Refused as refused:
            raise forms.ValidationError([str(problem) for problem in refused.problems]) from refused


def sheet(text: PolicyText) -> str:
    words = PolicyContent.of(text.version).texts[text.language]
    return outline.write(words.clauses)


def content(form: PolicyDraftForm, texts: forms.BaseModelFormSet[Any, Any]) -> PolicyContent:
    filled = [each.cleaned_data for each in texts.forms if each.cleaned_data and not each.cleaned_data.get("DELETE")]
    return PolicyContent(
        texts={row["language"]: PolicyWords(row["title"], row["summary"], row["clauses"]) for row in filled},
        removed=tuple(form.cleaned_data["removed"]),
    )
