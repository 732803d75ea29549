"""The questions of the wizards, one a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from data_requests.actions.intake import LONGEST_TEXT
from data_requests.kinds import KINDS


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


class MessageForm(forms.Form):
    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your message")},
    )
