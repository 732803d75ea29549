"""The questions of the wizards, one a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from data_requests.actions.intake import LONGEST_TEXT
from data_requests.erasing.scope import FROM_SYSTEM, MESSAGES
from data_requests.kinds import KINDS
from data_requests.models import System
from data_requests.parts import PARTS, SYSTEMS, Part, Scope


class WordsForm(forms.Form):
    """What somebody wants, in their own words."""

    text = forms.CharField(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write a few words, so that a person knows what you mean")},
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["text"]
        field.label = KINDS[kind].question
        field.help_text = _("Write no passwords and no card numbers. Nobody here needs them.")
        if kind == "limit":
            field.required = False
            field.label = _("Is there anything we should know? You can leave this empty.")

    def asked(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"].strip()}


EARLIEST = 1970


@dataclass(frozen=True)
class Box:
    part: Part
    ticked: bool


class CopyForm(forms.Form):
    """What the copy includes. The boxes begin ticked: leaving one out is the exception. `systems`: whether the brand has others."""

    parts = forms.MultipleChoiceField(
        label=_("Include"),
        choices=[(part.key, part.title) for part in PARTS.values()],
        initial=list(PARTS),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one")},
    )
    portable = forms.ChoiceField(
        label=_("Form"),
        choices=[
            ("", _("To read and to keep: everything, as a page and as files")),
            ("yes", _("To take elsewhere: what you gave us, as files")),
        ],
        initial="",
        required=False,
        widget=forms.RadioSelect,
    )
    since = forms.DateField(
        label=_("From when on?"),
        help_text=_("Leave it empty for all time."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Enter the day")},
    )

    def __init__(self, *args: Any, systems: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [part for part in PARTS.values() if systems or part.key != SYSTEMS]

    @property
    def boxes(self) -> list[Box]:
        ticked = self["parts"].value() or []
        return [Box(part, part.key in ticked) for part in self.offered]

    def clean_since(self) -> date | None:
        day: date | None = self.cleaned_data["since"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day if day is None or day.year >= EARLIEST else None  # before there were computers: all time

    def asked(self) -> dict[str, Any]:
        """As a request keeps it: nothing where everything is asked for."""
        said = self.cleaned_data
        found: dict[str, Any] = {}
        if not {part.key for part in self.offered} <= set(said["parts"]):
            found["parts"] = sorted(said["parts"])
        if said["since"]:
            found["since"] = said["since"].isoformat()
        if said["portable"]:
            found["portable"] = True
        return found


class DeleteForm(forms.Form):
    """What is deleted. Nothing is chosen before the person chooses. `systems`: those whose part can go alone."""

    what = forms.ChoiceField(
        label=_("What should we delete?"),
        choices=[("all", _("Everything you can")), ("some", _("Only some of it"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you want us to delete")},
    )
    only = forms.MultipleChoiceField(label=_("If only some: which?"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, systems: Iterable[System], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["only"]
        assert isinstance(field, forms.MultipleChoiceField)
        named = [(f"{FROM_SYSTEM}{system.key}", _("What “%(system)s” holds of you") % {"system": system.name}) for system in systems]
        field.choices = self.parts = [(MESSAGES, _("The list of what we wrote to you")), *named]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("what") == "some" and not said.get("only") and "only" not in self.errors:
            self.add_error("only", _("Choose at least one, or everything"))
        return said

    def asked(self) -> dict[str, Any]:
        """As a request keeps it: nothing where everything is asked for."""
        return {"only": sorted(self.cleaned_data["only"])} if self.cleaned_data["what"] == "some" else {}


class MessageForm(forms.Form):
    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your message")},
    )


def as_ticked(scope: Scope) -> dict[str, Any]:
    """What the boxes begin with, of what was chosen before."""
    return {"parts": sorted(scope.parts), "since": scope.since, "portable": "yes" if scope.portable else ""}
