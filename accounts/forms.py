from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.addresses import AddressField
from accounts.factors import LONGEST_NAME
from brands.languages import spoken
from brands.models import Brand

SIX_DIGITS = _("Enter the six digits from the email.")


class AddressForm(forms.Form):
    """Asks for the address and nothing else."""

    email = AddressField(
        label=_("Email address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username webauthn", "inputmode": "email", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("The one you use with %(brand)s. We send a code; there is no password.") % {"brand": brand.name}


class CodeForm(forms.Form):
    """Takes the digits as people paste them: with spaces, or a hyphen in the middle."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        error_messages={"required": SIX_DIGITS, "max_length": SIX_DIGITS},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*"}),
    )

    def clean_code(self) -> str:
        digits = re.sub(r"[\s-]", "", self.cleaned_data["code"])
        if not re.fullmatch(rf"[0-9]{{{settings.CODE_DIGITS}}}", digits):
            raise ValidationError(SIX_DIGITS, code="invalid")
        return digits


class TokenForm(forms.Form):
    """The number an authenticator app shows, or one recovery code."""

    token = forms.CharField(
        label=_("Code from your app, or a recovery code"),
        max_length=40,
        error_messages={"required": _("Enter a code."), "max_length": _("That code is too long.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )

    def clean_token(self) -> str:
        return re.sub(r"[\s-]", "", self.cleaned_data["token"])


class AppCodeForm(CodeForm):
    """The first number of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code that the app shows now")


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = spoken(brand)


def _countries() -> Iterator[tuple[str, str]]:
    return ((code, str(name)) for code, name in countries)


class PlaceForm(forms.Form):
    """Where the person lives: it decides which law protects them."""

    country = forms.ChoiceField(label=_("Country you live in"), choices=_countries)
    region = forms.CharField(
        label=_("State or province, if your country has them"),
        help_text=_("Two or three letters, like CA for California."),
        required=False,
        max_length=6,
        error_messages={"max_length": _("Use the two or three letters of its code.")},
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        region = str(values.get("region", "")).upper().removeprefix(f"{values.get('country', '')}-")
        if not re.fullmatch("[A-Z0-9]{0,3}", region):
            self.add_error("region", _("Use the two or three letters of its code."))
        values["region"] = region
        return values


class PasskeyNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, error_messages={"required": _("Give the passkey a name.")})


class CustomerNameForm(forms.Form):
    """How somebody is called. Left empty, they are greeted without."""

    name = forms.CharField(label=_("Your name"), required=False, max_length=200)
