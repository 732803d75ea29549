"""What an agent may do with a request, one form an act. Each calls the action of its name; what that refuses is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.details import LONGEST_NAME
from accounts.models import Customer
from brands.languages import spoken
from data_requests import actions
from data_requests.actions.answering import refusal_mark
from data_requests.actions.systems import LONGEST
from data_requests.connectors.base import Table
from data_requests.desk_texts import unfilled
from data_requests.kinds import BY_MACHINE, COPY, DELETE
from data_requests.models import Claim, Item, Request, Wait
from data_requests.models.systems import OURS
from data_requests.pausing import holds_pause
from data_requests.refusals import GROUNDS
from data_requests.states import RELEASED, UNVERIFIED, WORKING, NotPossible, State

WORDS = forms.Textarea(attrs={"rows": 5, "cols": 80})


class ActForm(forms.Form):
    """Each has an `act(request, by)`. `words`: the field that the person reads."""

    title: Any = ""
    button: Any = ""
    words: str = ""
    did = True  # something is different now

    def clean(self) -> dict[str, Any]:
        """A text to begin with that was sent as it came would say “[day]” to somebody."""
        cleaned = super().clean() or {}
        if blanks := unfilled(cleaned.get(self.words, "")):
            self.add_error(self.words, gettext("Fill in what is in brackets: %(blanks)s") % {"blanks": ", ".join(blanks)})
        return cleaned

    def offer(self, choices: Iterable[tuple[str, Any]]) -> None:
        """What may be chosen as a ground."""
        field = self.fields["ground"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class WriteForm(ActForm):
    title, button, words = _("Write to the person"), _("Send"), "text"
    text = forms.CharField(label=_("Message"), widget=WORDS)

    def act(self, request: Request, by: str) -> None:
        actions.write(request, self.cleaned_data["text"], by=by, from_person=False)


class ExtendForm(ActForm):
    title, button, words = _("Extend, once"), _("Extend and tell the person"), "reason"
    reason = forms.CharField(label=_("Why it takes longer; the person reads it"), widget=WORDS)

    def act(self, request: Request, by: str) -> None:
        actions.extend(request, self.cleaned_data["reason"], by=by)


class FulfilForm(ActForm):
    title, button, words = _("Answer"), _("Answer and close"), "answer"
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
    title, button, words = _("Refuse"), _("Refuse and close"), "answer"
    ground = forms.ChoiceField(label=_("Ground"))
    answer = forms.CharField(label=_("Why, and what is not refused; the person reads it"), widget=WORDS)

    def __init__(self, *args: Any, unproven: bool = False, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fits = [(code, ground) for code, ground in GROUNDS.items() if ground.unproven == unproven and kind not in ground.not_of]
        self.offer((code, f"{ground.title} ({ground.law})") for code, ground in fits)

    def act(self, request: Request, by: str) -> None:
        ground, answer = self.cleaned_data["ground"], self.cleaned_data["answer"]
        verb = actions.propose_refusal if GROUNDS[ground].abuse else actions.refuse
        verb(request, ground, answer, by=by)


class ApproveForm(ActForm):
    """Carries what was read: a refusal that was changed meanwhile is not approved with it."""

    title, button = _("A refusal waits for a second person"), _("Approve the refusal")
    read = forms.CharField(widget=forms.HiddenInput)

    def act(self, request: Request, by: str) -> None:
        actions.approve_refusal(request, read=self.cleaned_data["read"], by=by)


class AskForm(ActForm):
    title, button, words = _("Ask the person"), _("Ask; the clock waits where the law lets it"), "text"
    text = forms.CharField(label=_("Question; the person reads it"), widget=WORDS)

    def act(self, request: Request, by: str) -> None:
        why = Wait.Why.IDENTITY if request.state in UNVERIFIED else Wait.Why.CLARIFICATION
        actions.ask(request, why, self.cleaned_data["text"], by=by)


class EndPauseForm(ActForm):
    title, button, words = _("End the pause"), _("Tell the person, and end it then"), "text"
    text = forms.CharField(label=_("Why the pause ends; the person reads it"), widget=WORDS)

    def act(self, request: Request, by: str) -> None:
        actions.announce_end_of_pause(request, self.cleaned_data["text"], by=by)


class CompareForm(ActForm):
    """The first look at what somebody without an account knows."""

    title, button = _("Compare it with our records"), _("Save what came of it")
    compared = forms.MultipleChoiceField(label=_("What was compared"), choices=Claim.Compared.choices, widget=forms.CheckboxSelectMultiple)
    finding = forms.ChoiceField(label=_("What came of it"), choices=[each for each in Claim.Finding.choices if each[0]])
    carries_address = forms.BooleanField(label=_("The record carries the proven address"), required=False)

    def act(self, request: Request, by: str) -> None:
        data = self.cleaned_data
        actions.compare(request, data["finding"], data["compared"], carries_address=data["carries_address"], by=by)


class AgreeForm(ActForm):
    title, button = _("A comparison waits for a second person"), _("I looked too, and it matches")

    def act(self, request: Request, by: str) -> None:
        actions.agree(request, by=by)


class ItemForm(ActForm):
    title, button = _("A system has answered"), _("Save")
    item = forms.ModelChoiceField(Item.objects.none(), label=_("System"), to_field_name="system")
    outcome = forms.ChoiceField(label=_("Outcome"), choices=[each for each in Item.Outcome.choices if each[0] != Item.Outcome.OPEN])
    count = forms.IntegerField(label=_("Rows"), min_value=0, max_value=10**12, initial=0)
    note = forms.CharField(label=_("Note, and what of others was masked and why; the person reads it"), required=False, widget=WORDS)
    until = forms.DateField(
        label=_("Kept until, of a deletion"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )  # fmt: skip
    law = forms.CharField(label=_("By which law, of a deletion"), required=False, max_length=200)
    held = forms.CharField(label=_("What it holds, as JSON or CSV; goes into the copy"), required=False, widget=WORDS, max_length=LONGEST)

    def __init__(self, *args: Any, items: Any, deletes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deletes = deletes
        for name in ("held",) if deletes else ("until", "law"):
            del self.fields[name]
        field = self.fields["item"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = items

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") in {Item.Outcome.KEPT, Item.Outcome.FAILED} and not cleaned.get("note"):
            self.add_error("note", _("Say why."))
        if self.deletes and cleaned.get("outcome") == Item.Outcome.KEPT:
            for name in ("until", "law"):
                if not cleaned.get(name):
                    self.add_error(name, _("What stays at a deletion has a law and a day."))
        return cleaned

    def act(self, request: Request, by: str) -> None:
        data = self.cleaned_data
        if data.get("held"):
            if request.kind != COPY:
                raise NotPossible("only a copy takes what a system holds")
            actions.attach(data["item"], data["held"], by=by)
        tables = [_kept(data)] if self.deletes and data["outcome"] == Item.Outcome.KEPT else []
        actions.item_done(data["item"], data["outcome"], by=by, count=data["count"], note=data["note"], tables=tables)


class CorrectForm(ActForm):
    """What the center holds itself. First what would change, then the press that changes it."""

    title, button = _("Correct what we hold here"), _("Correct it")
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"name": customer.name, "language": customer.language}} | kwargs)
        self.customer = customer
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = spoken(customer.brand)

    def changes(self) -> list[tuple[str, str, str]]:
        """(what, before, now) of what was filled in."""
        found = actions.changes(self.customer, name=self.cleaned_data["name"], language=self.cleaned_data["language"])
        return [(str(self.fields[each.what].label), *each.words) for each in found]

    def act(self, request: Request, by: str) -> None:
        self.did = bool(actions.correct(request, name=self.cleaned_data["name"], language=self.cleaned_data["language"], by=by))


def _kept(data: Mapping[str, Any]) -> Table:
    """What a person says that a law keeps, as a program would say it."""
    count, name = data["count"] or 1, data["item"].system
    return Table(
        name, {"en": name}, count, kept=count, ground={"en": data["note"].rstrip(".")}, law={"en": data["law"]}, until=data["until"],
        first=data["until"],
    )  # fmt: skip


Builder = Callable[..., ActForm]


def forms_for(request: Request, data: Any = None, act: str = "") -> Mapping[str, ActForm]:
    """By the name of the act: those that make sense now. `data` fills the one that was sent."""
    wanted = dict(_wanted(request, State(request.state)))
    return {name: build(data if name == act else None, auto_id=f"id_{name}_%s") for name, build in wanted.items()}


def _wanted(request: Request, state: State) -> Iterator[tuple[str, Builder]]:
    if request.is_open:
        yield "write", WriteForm
        if not request.waits.filter(answered_on=None).exists():
            yield "ask", AskForm
    yield from _of_a_claim(request, state)
    manual = request.items.exclude(system__in=OURS if request.kind == COPY else ["center"])
    if state in WORKING and manual.exists():
        yield "item", partial(ItemForm, items=manual, deletes=request.kind == DELETE)
    if state == State.IN_PROGRESS:
        yield "extend", ExtendForm
    if state in WORKING and request.kind == "correct" and request.customer is not None:
        yield "correct", partial(CorrectForm, customer=request.customer)
    if state in WORKING and request.kind not in BY_MACHINE:
        yield "fulfil", FulfilForm
    if request.is_open and state != State.RECEIVED:
        yield "refuse", partial(RefuseForm, unproven=state in UNVERIFIED, kind=request.kind)
    if request.is_open and request.proposed_by:
        yield "approve", partial(ApproveForm, initial={"read": refusal_mark(request)})
    if state in RELEASED and holds_pause(request) and request.lift_on is None:
        yield "end_pause", EndPauseForm


def _of_a_claim(request: Request, state: State) -> Iterator[tuple[str, Builder]]:
    claim = Claim.objects.filter(request=request).first()
    if claim is not None and state == State.IDENTITY_PENDING:
        yield "compare", CompareForm
        if claim.finding == Claim.Finding.MATCHES:
            yield "agree", AgreeForm
