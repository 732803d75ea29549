"""What an agent may do with a request, one form an act. Each calls the action of its name; what that refuses is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.assurance import NOTHING
from accounts.models import Customer
from brands.models import Brand
from data_requests import actions
from data_requests.kinds import COPY, KINDS
from data_requests.models import Item, Request
from data_requests.refusals import GROUNDS
from data_requests.states import UNVERIFIED, WORKING, State

WORDS = forms.Textarea(attrs={"rows": 5, "cols": 80})


class ActForm(forms.Form):
    """Each has an `act(request, by)`."""

    title: Any = ""
    button: Any = ""

    def offer(self, choices: Iterable[tuple[str, Any]]) -> None:
        """What may be chosen as a ground."""
        field = self.fields["ground"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class WriteForm(ActForm):
    title, button = _("Write to the person"), _("Send")
    text = forms.CharField(label=_("Message"), widget=WORDS)

    def act(self, request: Request, by: str) -> None:
        actions.write(request, self.cleaned_data["text"], by=by, from_person=False)


class ExtendForm(ActForm):
    title, button = _("Extend, once"), _("Extend and tell the person")
    reason = forms.CharField(label=_("Why it takes longer; the person reads it"), widget=WORDS)

    def act(self, request: Request, by: str) -> None:
        actions.extend(request, self.cleaned_data["reason"], by=by)


class FulfilForm(ActForm):
    title, button = _("Answer"), _("Answer and close")
    answer = forms.CharField(label=_("What was done; the person reads it"), widget=WORDS)
    ground = forms.ChoiceField(label=_("Done in part? Why not all"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rest = [(code, ground.title) for code, ground in GROUNDS.items() if not ground.abuse and not ground.unproven]
        self.offer([("", _("Everything was done")), *rest])

    def act(self, request: Request, by: str) -> None:
        ground = self.cleaned_data["ground"]
        actions.fulfil(request, self.cleaned_data["answer"], by=by, in_part=bool(ground), ground=ground)


class RefuseForm(ActForm):
    title, button = _("Refuse"), _("Refuse and close")
    ground = forms.ChoiceField(label=_("Ground"))
    answer = forms.CharField(label=_("Why, and what is not refused; the person reads it"), widget=WORDS)

    def __init__(self, *args: Any, unproven: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer((code, f"{ground.title} ({ground.law})") for code, ground in GROUNDS.items() if ground.unproven == unproven)

    def act(self, request: Request, by: str) -> None:
        ground, answer = self.cleaned_data["ground"], self.cleaned_data["answer"]
        verb = actions.propose_refusal if GROUNDS[ground].abuse else actions.refuse
        verb(request, ground, answer, by=by)


class ApproveForm(ActForm):
    title, button = _("A refusal waits for a second person"), _("Approve the refusal")

    def act(self, request: Request, by: str) -> None:
        actions.approve_refusal(request, by=by)


class ItemForm(ActForm):
    title, button = _("A system has answered"), _("Save")
    item = forms.ModelChoiceField(Item.objects.none(), label=_("System"), to_field_name="system")
    outcome = forms.ChoiceField(label=_("Outcome"), choices=[each for each in Item.Outcome.choices if each[0] != Item.Outcome.OPEN])
    count = forms.IntegerField(label=_("Rows"), min_value=0, max_value=10**12, initial=0)
    note = forms.CharField(label=_("Note; the person reads it"), required=False, widget=WORDS)

    def __init__(self, *args: Any, items: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["item"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = items

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") in {Item.Outcome.KEPT, Item.Outcome.FAILED} and not cleaned.get("note"):
            self.add_error("note", _("Say why."))
        return cleaned

    def act(self, request: Request, by: str) -> None:
        data = self.cleaned_data
        actions.item_done(data["item"], data["outcome"], by=by, count=data["count"], note=data["note"])


Builder = Callable[..., ActForm]


def forms_for(request: Request, data: Any = None, act: str = "") -> Mapping[str, ActForm]:
    """By the name of the act: those that make sense now. `data` fills the one that was sent."""
    state = State(request.state)
    wanted: dict[str, Builder] = {}
    if request.is_open:
        wanted["write"] = WriteForm
    manual = request.items.exclude(system="center")
    if state in WORKING and manual.exists():
        wanted["item"] = partial(ItemForm, items=manual)
    if state == State.IN_PROGRESS:
        wanted["extend"] = ExtendForm
    if state in WORKING and request.kind != COPY:
        wanted["fulfil"] = FulfilForm
    if request.is_open and state != State.RECEIVED:
        wanted["refuse"] = partial(RefuseForm, unproven=state in UNVERIFIED)
    if request.is_open and request.proposed_by:
        wanted["approve"] = ApproveForm
    return {name: build(data if name == act else None, auto_id=f"id_{name}_%s") for name, build in wanted.items()}


class ReceiveForm(forms.Form):
    """A request that came by telephone, by post or over the counter. It waits for proof like every other: nobody here can give it."""

    code = forms.CharField(label=_("Customer’s code"), max_length=10)
    kind = forms.ChoiceField(label=_("Kind"), choices=[(key, kind.title) for key, kind in KINDS.items()])
    via = forms.ChoiceField(label=_("How it came"), choices=[each for each in Request.Via.choices if each[0] != Request.Via.CENTER])
    received_on = forms.DateField(label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(label=_("In the person’s words"), widget=WORDS, max_length=5000)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand

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
        return day

    def receive(self, by: str) -> Request:
        data = self.cleaned_data
        return actions.receive(
            data["code"], data["kind"], {"text": data["text"]}, NOTHING, by=by, via=data["via"], received_on=data["received_on"]
        ).request
