"""What somebody at the desk may do for a family, one form an act. Each calls the action of its name; what that refuses is told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import gates
from accounts.actions import correct_birth_date
from accounts.addresses import canonical_email
from accounts.models import Customer, Guardianship
from brands.models import Brand
from data_requests.desk_forms import WORDS, ActForm
from guardians import actions
from guardians.actions.becoming import NotNow
from guardians.forms import BirthDateField
from guardians.models import ChildPage, Dispute, GuardianClaim

SHOWN = _("Which decision of a court or an authority was shown, by its number")
LONGEST = 300  # letters of a reason

Builder = Callable[..., ActForm]


def _sent(wanted: Iterable[tuple[str, Builder]], data: Any, act: str) -> Mapping[str, ActForm]:
    """By the name of the act: those that make sense now. `data` fills the one that was sent."""
    return {name: build(data if name == act else None, auto_id=f"id_{name}_%s") for name, build in wanted}


def named(customer: Customer | None) -> str:
    """The name and the code, by which people at the desk and on the telephone mean the same person."""
    if customer is None:
        return str(_("erased"))
    return f"{customer.name} ({customer.code})" if customer.name else customer.code


class ReadForm(ActForm):
    """Carries what was read: what took its place meanwhile is not agreed to with it."""

    read = forms.CharField(widget=forms.HiddenInput)

    def is_what_was_read(self, mark: str) -> None:
        """Raises NotNow."""
        if self.cleaned_data["read"] != mark:
            raise NotNow


# ── Guardians to verify ─────────────────────────────────────────────────────────────────────────────────────────────


class AcceptForm(ActForm):
    title, button = _("In person or on video"), _("I have seen the adult and their ID")

    def act(self, claim: GuardianClaim, by: str) -> None:
        actions.accept(claim, by=by)


class FirstLookForm(ReadForm):
    title, button = _("A signed form"), _("I looked at it, and it fits")

    def act(self, claim: GuardianClaim, by: str) -> None:
        self.is_what_was_read(claim.evidence_sha256)
        actions.first_look(claim, by=by)


class SecondLookForm(ReadForm):
    title, button = _("The form waits for a second person"), _("I looked too, and it fits")

    def act(self, claim: GuardianClaim, by: str) -> None:
        self.is_what_was_read(claim.evidence_sha256)
        actions.second_look(claim, by=by)


class RefuseForm(ActForm):
    title, button = _("Refuse"), _("Refuse and delete what was shown")
    why = forms.CharField(label=_("Why; the person reads it"), widget=WORDS, max_length=LONGEST)

    def act(self, claim: GuardianClaim, by: str) -> None:
        actions.refuse(claim, self.cleaned_data["why"], by=by)


def of_claim(claim: GuardianClaim, data: Any = None, act: str = "") -> Mapping[str, ActForm]:
    return _sent(_for_claim(claim), data, act)


def _for_claim(claim: GuardianClaim) -> Iterator[tuple[str, Builder]]:
    if claim.decided_at is not None:
        return
    read = {"read": claim.evidence_sha256}
    if claim.method == "in_person":
        yield "accept", AcceptForm
    if claim.state == GuardianClaim.State.FORM_HERE:
        yield "first_look", partial(FirstLookForm, initial=read)
    if claim.state == GuardianClaim.State.LOOKED_AT:
        yield "second_look", partial(SecondLookForm, initial=read)
    yield "refuse", RefuseForm


# ── Disputed families ───────────────────────────────────────────────────────────────────────────────────────────────


class FindForm(forms.Form):
    """A child of the brand, by what somebody on the telephone can say."""

    child = forms.CharField(
        label=_("Code of the child, or code or email address of an adult who decides for them"), max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand

    def clean_child(self) -> Customer:
        found = children_of(self.brand, self.cleaned_data["child"])
        if not found:
            raise forms.ValidationError(_("No child is found by this."))
        if len(found) > 1:
            them = {"children": ", ".join(named(child) for child in found)}
            raise forms.ValidationError(_("This adult decides for several children. Write the code of one: %(children)s."), params=them)
        return found[0]


def children_of(brand: Brand, said: str) -> list[Customer]:
    """Whose code or proven address it is, or for whom they decide. Raises ValidationError for what looks like an address and is none."""
    customers = Customer.objects.at(brand).select_related("brand")
    if "@" in said:
        contacts = brand.contacts.proven().email(canonical_email(said))
        found = customers.filter(pk__in=contacts.values("customer")).first()
    else:
        found = customers.filter(code=said.upper()).first()
    if found is None:
        return []
    return [ward.child for ward in gates.wards_of(found)] or ([found] if found.birth_date is not None else [])


def child_of(brand: Brand, code: str) -> Customer | None:
    return Customer.objects.at(brand).select_related("brand").filter(code=code, birth_date__isnull=False).first()


class OpenForm(FindForm):
    reason = forms.CharField(label=_("What is contested"), widget=WORDS, max_length=LONGEST)

    def clean_child(self) -> Customer:
        found = super().clean_child()
        if not gates.guardians_of(found):
            raise forms.ValidationError(_("Nobody decides for this child."))
        return found

    def open(self, by: str) -> Dispute:
        return actions.open_dispute(self.cleaned_data["child"], self.cleaned_data["reason"], by=by)


class GoOnForm(ActForm):
    title, button = _("Everybody goes on deciding"), _("Propose that everybody goes on")
    shown = forms.CharField(label=SHOWN, max_length=LONGEST, required=False)

    def act(self, dispute: Dispute, by: str) -> None:
        actions.propose(dispute, Dispute.Proposal.GO_ON, by=by, shown=self.cleaned_data["shown"])


class EndForm(ActForm):
    title, button = _("One adult no longer decides"), _("Propose that this adult no longer decides")
    tie = forms.ChoiceField(label=_("Who no longer decides"), widget=forms.RadioSelect)
    shown = forms.CharField(label=SHOWN, max_length=LONGEST)

    def __init__(self, *args: Any, ties: Iterable[Guardianship], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ties = {str(tie.pk): tie for tie in ties}
        field = self.fields["tie"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, named(tie.guardian)) for pk, tie in self.ties.items()]

    def act(self, dispute: Dispute, by: str) -> None:
        said = self.cleaned_data
        actions.propose(dispute, Dispute.Proposal.END, by=by, tie=self.ties[said["tie"]], shown=said["shown"])


class SettleForm(ReadForm):
    title, button = _("A proposal waits for a second person"), _("I agree; settle it so")

    def act(self, dispute: Dispute, by: str) -> None:
        self.is_what_was_read(read_of(dispute))
        actions.settle(dispute, read=actions.mark_of(dispute), by=by)


def read_of(dispute: Dispute) -> str:
    """The mark of the proposal in short: it names a member of staff, whom no page names."""
    return hashlib.sha256(actions.mark_of(dispute).encode()).hexdigest()


def of_dispute(dispute: Dispute, ties: Iterable[Guardianship], data: Any = None, act: str = "") -> Mapping[str, ActForm]:
    return _sent(_for_dispute(dispute, ties), data, act)


def _for_dispute(dispute: Dispute, ties: Iterable[Guardianship]) -> Iterator[tuple[str, Builder]]:
    if dispute.settled_at is not None:
        return
    if dispute.proposal:
        yield "settle", partial(SettleForm, initial={"read": read_of(dispute)})
    yield "go_on", GoOnForm
    yield "end", partial(EndForm, ties=ties)


# ── One child ───────────────────────────────────────────────────────────────────────────────────────────────────────


class BirthDateForm(ActForm):
    title, button = _("Correct the birth date"), _("I have seen the document; correct it")
    birth_date = BirthDateField(label=_("Birth date in the document"))
    document = forms.CharField(label=_("Which document was shown; that you saw one is kept, this is not"), max_length=LONGEST)

    def act(self, child: Customer, by: str) -> None:
        correct_birth_date(child, self.cleaned_data["birth_date"], by=by)


class AgreeForm(ReadForm):
    title, button = _("The address is theirs"), _("They sign in with it from now on")

    def act(self, child: Customer, by: str) -> None:
        self.is_what_was_read(waiting(child))
        if not actions.agree_to_address(child, guardian=None, by=by):
            raise NotNow


class NotTheirsForm(ReadForm):
    title, button = _("The address is not theirs"), _("Do not take this address")

    def act(self, child: Customer, by: str) -> None:
        self.is_what_was_read(waiting(child))
        if not actions.refuse_address(child, guardian=None, by=by):
            raise NotNow


def waiting(child: Customer) -> str:
    """What names the address that waits, without saying it; "" where none does."""
    page = ChildPage.objects.filter(child=child, asked_at__isnull=False).first()
    return hashlib.sha256(page.sealed.encode()).hexdigest() if page is not None else ""


def of_child(child: Customer, data: Any = None, act: str = "") -> Mapping[str, ActForm]:
    return _sent(_for_child(child), data, act)


def _for_child(child: Customer) -> Iterator[tuple[str, Builder]]:
    yield "birth_date", BirthDateForm
    if read := waiting(child):
        yield "agree", partial(AgreeForm, initial={"read": read})
        yield "not_theirs", partial(NotTheirsForm, initial={"read": read})
