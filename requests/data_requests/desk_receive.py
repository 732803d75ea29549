"""A request that came another way, as the desk writes it down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.assurance import NOTHING
from accounts.models import Customer
from brands.models import Brand
from data_requests import actions
from data_requests.kinds import BY_MACHINE, LISTED
from data_requests.models import Request

WORDS = forms.Textarea(attrs={"rows": 5, "cols": 80})
LONGEST_AGO = timedelta(days=366)
NOT_HERE = {Request.Via.CENTER, Request.Via.AGENT}  # these have pages of their own


class ReceiveForm(forms.Form):
    """A request that came by telephone, by post or over the counter. It waits for proof like every other: nobody here can give it.
    `customer`: where the page says who it is, and the form does not ask."""

    code = forms.CharField(label=_("Customer’s code"), max_length=10)
    kind = forms.ChoiceField(label=_("Kind"), choices=[(key, kind.title) for key, kind in LISTED.items()])
    via = forms.ChoiceField(label=_("How it came"), choices=[each for each in Request.Via.choices if each[0] not in NOT_HERE])
    received_on = forms.DateField(label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(label=_("In the person’s words"), widget=WORDS, max_length=5000)

    def __init__(self, *args: Any, brand: Brand, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand, self.customer = brand, customer

    def clean_code(self) -> Customer:
        found = (
            Customer.objects.at(self.brand).select_related("brand", "person").filter(code=self.cleaned_data["code"].strip().upper()).first()
        )
        if found is None:
            raise forms.ValidationError(_("Nobody here has this code."))
        return found

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        if day < timezone.localdate() - LONGEST_AGO:
            raise forms.ValidationError(_("This day is more than a year ago. Is the year right?"))
        return day

    def clean(self) -> dict[str, Any] | None:
        """Two copies and two deletions are one: whoever asks again is told how the first one stands."""
        data, customer = super().clean(), self.customer or self.cleaned_data.get("code")
        if customer is not None and self.cleaned_data.get("kind") in BY_MACHINE:
            there = Request.objects.of(customer).open().filter(kind=self.cleaned_data["kind"]).order_by("pk").first()
            if there is not None:
                raise forms.ValidationError(_("There is an open one already: %(number)s.") % {"number": there.number})
        return data

    def receive(self, by: str) -> Request:
        data, whose = self.cleaned_data, self.customer or self.cleaned_data["code"]
        asked = {"text": data["text"]}
        return actions.receive(whose, data["kind"], asked, NOTHING, by=by, via=data["via"], received_on=data["received_on"]).request
