"""The questions to somebody without an account, and to somebody who asks for another, one page each."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from accounts.forms import PlaceForm
from data_requests.actions.intake import LONGEST_TEXT
from data_requests.kinds import COPY, DELETE, LISTED
from data_requests.models import Claim

NAME = forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"})
EMAIL = {"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
WORD = r"(?:[^\W\d_]+|\d+)"
NAMES = re.compile(rf"{WORD}(?:(?: |, |\. | & |[-’']){WORD})*\.?")  # no dot within a word: mail programs make links of those
NAMELESS = _("Write the name")
WORDLESS = frozenset({COPY, DELETE, "limit"})  # these say by themselves what is wanted


def a_name(text: str) -> None:
    """It goes into a mail that the brand signs: letters, and nothing that is an address or a place."""
    if not NAMES.fullmatch(text):
        raise forms.ValidationError(_("Write a name in letters, without addresses and signs"))


class WhatForm(forms.Form):
    """Which right, and what of it."""

    kind = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[(key, kind.title) for key, kind in LISTED.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about")},
    )
    text = forms.CharField(
        label=_("What should we know or do?"),
        help_text=_("Of a copy, a deletion or a limit, you can leave this empty. Write no passwords and no card numbers."),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind") not in {*WORDLESS, None} and not values.get("text"):
            self.add_error("text", _("Write a few words, so that a person knows what you mean"))
        return values


class SelfForm(PlaceForm):
    """Who they are, and what only they and the brand know."""

    name = forms.CharField(label=_("Your name"), max_length=Claim._meta.get_field("name").max_length, widget=NAME)
    email = AddressField(
        label=_("Email address"),
        help_text=_("The one you gave us when you bought or wrote. We mail it a code."),
        widget=forms.EmailInput(attrs=EMAIL),
    )
    shown = forms.CharField(
        label=_("Something that only you and we know"),
        help_text=_("Such as an order number and what you paid. Two people compare it, then it is deleted. No papers, no pictures."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("name", "email", "shown", "country", "region")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].error_messages["required"] = NAMELESS


class AgentForm(forms.Form):
    """Who asks, and for whom."""

    name = forms.CharField(label=_("Your name"), max_length=60, widget=NAME, error_messages={"required": NAMELESS}, validators=[a_name])
    organisation = forms.CharField(label=_("Your organisation, if you ask for one"), max_length=60, required=False, validators=[a_name])
    email = AddressField(
        label=_("Your email address"),
        help_text=_("We mail it a code, and then where you see how far it is."),
        widget=forms.EmailInput(attrs=EMAIL),
    )
    person = AddressField(
        label=_("Email address of the person you ask for"),
        help_text=_("The one they gave us."),
        widget=forms.EmailInput(attrs=EMAIL | {"autocomplete": "off"}),
    )
    permission_on = forms.DateField(
        label=_("Day on which they signed their permission"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Enter the day"), "invalid": _("Enter the day")},
    )

    def clean_permission_on(self) -> Any:
        day = self.cleaned_data["permission_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("email") and values.get("email") == values.get("person"):
            self.add_error("person", _("This is your own address. For yourself, ask in your own name."))
        return values


class DeclareForm(forms.Form):
    """What they put their name to."""

    declared = forms.BooleanField(error_messages={"required": _("Without this we cannot go on")})

    def __init__(self, *args: Any, sentence: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["declared"].label = sentence
