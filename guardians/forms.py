from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions import NoBirthDate
from accounts.actions.families import checked
from accounts.addresses import canonical_email
from accounts.uploads import NotAPicture, looked_through
from guardians.actions.wishing import LONGEST
from guardians.methods import METHODS

CLAIM_CHOICES = (
    ("mother", _("I am the child’s mother")),
    ("father", _("I am the child’s father")),
    ("parent", _("I am a parent of the child")),
    ("guardian", _("I am the child’s legal guardian")),
)


class BirthDateField(forms.DateField):
    """A day that has come, on which somebody alive may have been born."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date", **kwargs.pop("attrs", {})}), **kwargs)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is None:
            return None
        try:
            return checked(day)
        except NoBirthDate:
            raise forms.ValidationError(_("Write a birth date that has come already, such as 12 March 2015.")) from None


class NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> str:
        name = str(super().clean(value))
        # It stands in mails to addresses that nobody has proven: nothing there may look like an address or a link.
        if not name.isprintable() or any(each in name for each in "@:/\\<>") or "www." in name.lower():
            raise forms.ValidationError(_("Write the name alone, on one line, in at most 60 letters."))
        return name


class ChildForm(forms.Form):
    """A child whom nobody has entered yet."""

    name = NameField(label=_("First name of the child"))
    birth_date = BirthDateField(
        label=_("Birth date of the child"), help_text=_("So that what passes to the child passes on the right day. Used for nothing else.")
    )
    claim = forms.ChoiceField(label=_("Who are you to the child?"), choices=CLAIM_CHOICES, widget=forms.RadioSelect)


class MethodForm(forms.Form):
    method = forms.ChoiceField(
        label=_("How can we make sure that you are an adult?"),
        choices=[(key, method.title) for key, method in METHODS.items()],
        widget=forms.RadioSelect,
    )


class BeginForm(ChildForm, MethodForm):
    """The first child, and how the adult is verified."""


class AcceptForm(MethodForm):
    claim = forms.ChoiceField(label=_("Who are you to the child?"), choices=CLAIM_CHOICES, widget=forms.RadioSelect)
    field_order = ["claim", "method"]


class InviteForm(forms.Form):
    name = NameField(label=_("Name of the adult"))
    address = forms.CharField(
        label=_("Their email address"), max_length=254, required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Leave it empty to get a code that you hand over yourself."),
    )  # fmt: skip
    children = forms.MultipleChoiceField(label=_("For which children?"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, children: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["children"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = children

    def clean_address(self) -> str:
        return _canonical(self.cleaned_data["address"])


def _canonical(address: str) -> str:
    return canonical_email(address) if address else ""


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code of the invitation"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class PaperForm(forms.Form):
    """A signed form, as a picture or PDF. What it holds is looked at by people, never served to a browser as it came."""

    paper = forms.FileField(label=_("Picture or PDF of the signed form"), help_text=_("JPEG, PNG or PDF, at most 4 MB."))

    def clean_paper(self) -> bytes:
        try:
            return looked_through(self.cleaned_data["paper"])
        except NotAPicture as refused:
            raise forms.ValidationError(str(refused)) from None


class DetailsForm(forms.Form):
    name = NameField(label=_("First name of the child"))
    birth_date = BirthDateField(
        label=_("Birth date of the child"), help_text=_("An earlier date makes the child older: for that, show us a document.")
    )


class NoteForm(forms.Form):
    note = forms.CharField(max_length=LONGEST, required=False)


class GateForm(forms.Form):
    """The same question to everybody, without a hint of what it is asked for."""

    birth_date = BirthDateField(label=_("When were you born?"), attrs={"autocomplete": "bday"})


class AdultForm(forms.Form):
    """Who was too young names an adult."""

    name = NameField(label=_("Your first name"))
    address = forms.CharField(
        label=_("Email address of your mum, dad or guardian"), max_length=254, required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}), help_text=_("Leave it empty to get a code that you hand over yourself."),
    )  # fmt: skip

    def clean_address(self) -> str:
        return _canonical(self.cleaned_data["address"])


class AddressForm(forms.Form):
    address = forms.CharField(label=_("Your email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def clean_address(self) -> str:
        return _canonical(self.cleaned_data["address"])
