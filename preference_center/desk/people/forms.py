"""What a colleague may do for a customer, one form an act. Each calls the verb of its name with `by`, and says what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import actions as account
from accounts.actions.details import LONGEST_NAME, correct
from accounts.actions.looking import LONGEST_NOTE, REASONS
from accounts.holds import held_until
from accounts.models import Customer
from accounts.uploads import NotAPicture, looked_through
from brands.languages import spoken
from consents import actions as consents
from consents.saying import Result, form_key
from consents.states import How, Scope, Verb
from data_requests.desk_receive import ReceiveForm
from notifications.actions import NotRepeatable, send_again
from notifications.models import Message
from preference_center.desk.people.mails import repeatable

HOW = [(How.PHONE.value, _("By phone")), (How.PAPER.value, _("On paper"))]
WORDS = forms.Textarea(attrs={"rows": 4, "cols": 80})
TYPES = ".pdf,.jpg,.jpeg,.png"


class FindForm(forms.Form):
    typed = forms.CharField(label=_("Email address, phone number, name, code, your own number, or number of a request"), max_length=254)


class LookForm(forms.Form):
    """Why a record is opened. The customer reads it."""

    reason = forms.ChoiceField(label=_("Why"), choices=[])
    note = forms.CharField(label=_("In your words, if that says more"), max_length=LONGEST_NOTE, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("Choose a reason")), *((key, gettext(words)) for key, words in REASONS.items())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reason") == "other" and not data.get("note", "").strip():
            self.add_error("note", gettext("Say which reason."))
        return data


class ActForm(forms.Form):
    """`rows`: (purpose/channel, label) of what the customer can decide. Each has an `act(by)`: in a sentence what came of it, or
    ValidationError for what the verb refuses."""

    title: Any = ""
    button: Any = ""
    help: Any = ""
    is_of_use = True  # there is something it could be done to

    def __init__(self, *args: Any, customer: Customer, rows: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        for name in {"what", "row"} & self.fields.keys():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(rows)


class NoForm(ActForm):
    title, button = _("They said no"), _("Record “Don’t allow”")
    help = _("Counts at once. The customer gets a mail that says what was recorded, and by whom.")
    what = forms.MultipleChoiceField(label=_("What they don’t allow"), widget=forms.CheckboxSelectMultiple)
    how = forms.ChoiceField(label=_("How they told us"), choices=HOW)

    def act(self, by: str) -> str:
        uses = [(purpose, channel) for purpose, _slash, channel in (each.partition("/") for each in self.cleaned_data["what"])]
        saved = sum(each.saved for each in consents.record_no(self.customer, uses, by=by, how=How(self.cleaned_data["how"])))
        if not saved:
            return gettext("It stood so already.")
        return ngettext("%(n)d no was recorded.", "%(n)d noes were recorded.", saved) % {"n": saved}


class StopForm(ActForm):
    title, button = _("They want one thing stopped altogether"), _("Record the stop")
    help = _("Binds every use of its kind, those still to come as well.")
    SCOPES = (
        (Scope.MARKETING.value, _("All marketing")), (Scope.SALE.value, _("Selling and sharing their data")),
        (Scope.SENSITIVE.value, _("Using sensitive data beyond what is needed")),
    )  # fmt: skip
    scope = forms.ChoiceField(label=_("What stops"), choices=SCOPES)
    how = forms.ChoiceField(label=_("How they told us"), choices=HOW)

    def act(self, by: str) -> str:
        entry = consents.record_stop(self.customer, Scope(self.cleaned_data["scope"]), by=by, how=How(self.cleaned_data["how"]))
        return gettext("Recorded.") if entry else gettext("It stood so already.")


class YesForm(ActForm):
    title, button = _("They said yes, and there is proof"), _("Record “Allow”")
    help = _(
        "Only with a document that shows it: a signed form, or the written record of the call. The customer gets a mail, with one press to"
        " turn it off. A later no stands against it."
    )
    row = forms.ChoiceField(label=_("What they allow"))
    how = forms.ChoiceField(label=_("How they told us"), choices=HOW)
    wording = forms.CharField(label=_("The words that were read to them, or that they signed"), widget=WORDS, max_length=2000)
    said_at = forms.DateTimeField(label=_("When they said so"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    document = forms.FileField(label=_("The document: PDF, JPEG or PNG, at most 4 MB"), widget=forms.FileInput(attrs={"accept": TYPES}))
    nonce = forms.RegexField(r"^[0-9a-f]{32}\Z", widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))

    def clean_said_at(self) -> datetime:
        said_at: datetime = self.cleaned_data["said_at"]
        if said_at > timezone.now():
            raise ValidationError(gettext("This moment has not come yet."))
        return said_at

    def clean_document(self) -> bytes:
        try:
            return looked_through(self.cleaned_data["document"])
        except NotAPicture as refused:
            raise ValidationError(str(refused)) from None

    def act(self, by: str) -> str:
        data = self.cleaned_data
        purpose, _slash, channel = data["row"].partition("/")
        subject = self.customer.subject
        key = form_key(data["nonce"], subject, subject, purpose, channel, Verb.ALLOW)
        outcome = consents.record_yes(
            self.customer, purpose, channel, by=by, how=How(data["how"]), wording=data["wording"], said_at=data["said_at"],
            document=data["document"], key=key,
        )  # fmt: skip
        return gettext(RESULTS[outcome.result])


RESULTS: Mapping[Result, Any] = {
    Result.SAVED: _("Recorded. Every confirmed address of theirs gets a mail about it."),
    Result.STANDS: _("It stood so already."),
    Result.SUPERSEDED: _("Kept without effect: a later no stands. Only the customer can lift it, in the center."),
    Result.NO_CONTROL: _("Nothing was recorded: nobody can decide this for them here."),
}


class OpenForm(ReceiveForm):
    """A request of this customer's, with the day it really came."""

    title, button = _("They ask for something"), _("Open the request")
    is_of_use = True
    help = _("The law’s time runs from the day it came, not from today. The customer is written to, and proves who they are themselves.")

    def __init__(self, *args: Any, customer: Customer, rows: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, brand=customer.brand, customer=customer, **kwargs)
        del self.fields["code"]

    def act(self, by: str) -> str:
        found = self.receive(by)
        return gettext("Noted: %(number)s. The person was written to.") % {"number": found.number}


class AgainForm(ActForm):
    title, button = _("A mail did not reach them"), _("Send it once more")
    help = _("To the address it went to, as it reads today. To another address nothing is sent from here.")
    message = forms.ChoiceField(label=_("Which mail"))

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, customer=customer, **kwargs)
        field = self.fields["message"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = found = repeatable(customer)
        self.is_of_use = bool(found)

    def act(self, by: str) -> str:
        try:
            again = send_again(Message.objects.get(customer=self.customer, pk=self.cleaned_data["message"]), by=by)
        except NotRepeatable:
            text = gettext("Mail to this address is in vain, or it is theirs no longer. They can confirm another one when they sign in.")
            raise ValidationError(text) from None
        return gettext("It goes out now.") if again else gettext("It is on its way already.")


class CorrectForm(ActForm):
    title, button = _("Something about them is wrong"), _("Correct it")
    help = _("What stood before is kept in their own record alone. An address they change themselves, from a mailbox that they can open.")
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        initial = {"name": customer.name, "language": customer.language}
        super().__init__(*args, customer=customer, initial=initial, **kwargs)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = spoken(customer.brand)

    def act(self, by: str) -> str:
        data = self.cleaned_data
        done = correct(customer=self.customer, by=by, name=data["name"], language=data["language"])
        changed = [f"{self.fields[each.what].label}: {' → '.join(each.words)}" for each in done]
        return "; ".join(changed) or gettext("Nothing was different.")


class SessionsForm(ActForm):
    title, button = _("Somebody else may be signed in"), _("Sign them out everywhere")

    def act(self, by: str) -> str:
        ended = account.sign_out_everywhere(customer=self.customer, by=by)
        return ngettext("%(n)d sign-in was ended.", "%(n)d sign-ins were ended.", ended) % {"n": ended}


class HaltForm(ActForm):
    title, button = _("Their account may be in wrong hands"), _("Halt the account")
    help = _("Ends every sign-in; for seven days no copy leaves and nothing is deleted. The customer gets a mail.")

    def act(self, by: str) -> str:
        if held_until(self.customer, timezone.now()):
            return gettext("Something holds the account already. It is not made longer.")
        account.halt(customer=self.customer, by=by)
        return gettext("Halted: for seven days no copy leaves and nothing is deleted.")


ACTS: Mapping[str, type[Any]] = {
    "no": NoForm, "stop": StopForm, "open": OpenForm, "yes": YesForm, "again": AgainForm, "correct": CorrectForm, "sessions": SessionsForm,
    "halt": HaltForm,
}  # fmt: skip
