"""The desk's forms for the draft of a policy. They gather a PolicyContent; what is written is written by the actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from catalogue import outline
from catalogue.models import Change, PolicyText, PolicyVersion
from catalogue.policy_content import ChangeContent, ClauseContent, PolicyContent, PolicyWords
from catalogue.problems import Refused
from catalogue.published import published

if TYPE_CHECKING:
    VersionModelForm = forms.ModelForm[PolicyVersion]
    TextModelForm = forms.ModelForm[PolicyText]
    ChangeModelForm = forms.ModelForm[Change]
    Formset = forms.BaseModelFormSet[Any, Any]
else:
    VersionModelForm = TextModelForm = ChangeModelForm = forms.ModelForm

TOLD = {"title": "titles", "for_you": "for_you"}  # what the page asks for in each language, and the field that holds it
AT_THE_END = 10_000


class PolicyDraftForm(VersionModelForm):
    removed = forms.CharField(
        required=False,
        label=_("Clauses given up"),
        help_text=_("The anchors of clauses that were published and go with this version, with spaces between them."),
    )
    propose = forms.BooleanField(
        required=False,
        label=_("Propose the changes from the text"),
        help_text=_("When you save: one for each clause that reads otherwise than before and that no change tells of yet."),
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


class ChangeForm(ChangeModelForm):
    """`of` adds a title and a "for you" in each language of the brand, and what there is to tick."""

    offered: ClassVar[Mapping[str, Mapping[str, str]]] = {"anchors": {}, "purposes": {}}
    place = forms.IntegerField(required=False, min_value=1, max_value=999, label=_("Place in the order"))
    anchors = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False, label=_("Clauses that say it"))
    purposes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False, label=_("Uses that it touches"))
    countries = forms.CharField(
        required=False,
        label=_("Only for people in"),
        help_text=_("Countries by their two letters (PL DE), with spaces between them. Empty: everywhere."),
    )

    class Meta:
        model = Change
        fields = ("key", "kind", "materiality", "favourable", "audience")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        self.initial.update(place=row.order, anchors=row.anchors, purposes=row.purposes, countries=" ".join(row.countries))
        for asked, held in TOLD.items():
            self.initial.update({f"{asked}_{language}": words for language, words in getattr(row, held).items()})
        for name, offered in self.offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            # What was ticked once does not vanish unseen.
            field.choices = list((dict(offered) | {key: key for key in getattr(row, name) if key not in offered}).items())

    def clean_countries(self) -> list[str]:
        return list(dict.fromkeys(self.cleaned_data["countries"].upper().split()))

    @classmethod
    def of(cls, draft: PolicyVersion) -> type[ChangeForm]:
        """The form as this draft needs it."""
        brand = draft.policy.brand
        fields: dict[str, Any] = {"offered": {"anchors": _clauses(draft), "purposes": _uses(brand)}}
        for language in brand.languages:
            fields[f"title_{language}"] = forms.CharField(
                required=False,
                label=_("Title (%(language)s)") % {"language": language},
                widget=forms.TextInput({"class": "vLargeTextField"}),
            )
            fields[f"for_you_{language}"] = forms.CharField(
                required=False,
                label=_("What it means for the reader (%(language)s)") % {"language": language},
                widget=forms.Textarea({"rows": 2, "class": "vLargeTextField"}),
            )
        return type("ChangeFormOfDraft", (cls,), fields)


def _clauses(draft: PolicyVersion) -> dict[str, str]:
    """The clauses that differ from the newest version, by anchor, with their headings in the brand's first language."""
    newest = draft.policy.newest
    assert newest
    now, was = PolicyContent.of(draft), PolicyContent.of(newest)
    headings = {
        clause.anchor: clause.heading
        for each in (was, now)
        for language in (*each.texts, draft.policy.brand.default_language)
        if language in each.texts
        for clause in each.texts[language].clauses
    }
    return {anchor: f"{headings[anchor]} ({anchor})" for anchor in now.differing(was)}


def _uses(brand: Brand) -> dict[str, str]:
    going_on = ((key, each) for key, each in published(brand).items() if each.retired_at is None)
    return {key: f"{each.for_language(brand.default_language).title} ({key})" for key, each in going_on}


def content(form: PolicyDraftForm, texts: Formset, changes: Formset | None) -> PolicyContent:
    """`changes` is None on the first version, which changes nothing."""
    rows = _filled(changes) if changes else []
    return PolicyContent(
        texts={row["language"]: PolicyWords(row["title"], row["summary"], row["clauses"]) for row in _filled(texts)},
        removed=tuple(form.cleaned_data["removed"]),
        changes=tuple(_change(row) for row in sorted(rows, key=lambda row: row["place"] or AT_THE_END)),
    )


def _filled(formset: Formset) -> list[dict[str, Any]]:
    return [each.cleaned_data for each in formset.forms if each.cleaned_data and not each.cleaned_data.get("DELETE")]


def _change(row: Mapping[str, Any]) -> ChangeContent:
    said: dict[str, Any] = {
        held: {name.removeprefix(f"{asked}_"): words for name, words in row.items() if name.startswith(f"{asked}_")}
        for asked, held in TOLD.items()
    }
    lists: dict[str, Any] = {name: tuple(row[name]) for name in ("anchors", "purposes", "countries")}
    return ChangeContent(**{name: row[name] for name in ChangeForm.Meta.fields}, **said, **lists)
