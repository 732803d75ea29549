"""The family page and what a guardian does there. Every view comes through the gate; what it does not open never was."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import gates
from accounts.actions import AddressTaken, NotAChild, change_name, correct_birth_date
from accounts.adapters import picture_of
from accounts.gates import Frozen, NotYours, Ward
from accounts.http import CustomerRequest, customer_only, page_before
from brands.flash import flash
from brands.http import SeeOther
from brands.mail import origin
from catalogue.published import published
from consents import forms as consent_forms
from consents import history
from consents.grounds import decides_alone
from consents.saying import Outcome, Result, Said, form_key
from consents.standing import UnknownPurpose
from consents.states import How, State, Verb, Where
from consents.words import labelled
from guardians import actions, family, links
from guardians.forms import DetailsForm, NoteForm
from guardians.own import own_page
from ledger.receipts import receipt as receipt_bytes

PAGES = {"GET", "HEAD", "POST"}


def with_minors(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A brand without children has no such pages."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.brand.has_minors:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def of_child(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For a guardian in force of this child. Somebody else's child, and one who is theirs no longer, is answered like none."""

    @wraps(view)
    def guarded(request: Any, code: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            ward = gates.ward(request.customer, code)
        except NotYours:
            raise Http404 from None
        try:
            return view(request, ward, *args, **kwargs)
        except NotYours:  # it ended between two statements
            raise Http404 from None
        except Frozen:
            flash(request, "wait", _("Support looks into who may decide. Until then, things can only be turned off."))
            return SeeOther(reverse("guardians:family"))

    return with_minors(customer_only(guarded))


@never_cache
@require_safe
@with_minors
@customer_only
def page(request: CustomerRequest) -> HttpResponse:
    return render(request, "guardians/family.html", {"page": family.family(request.customer, language())})


@never_cache
@require_safe
@of_child
def child(request: CustomerRequest, ward: Ward) -> HttpResponse:
    """One child's choices, where a family has more of them than fit one page."""
    found = family.one_child(request.customer, ward, language())
    return render(request, "guardians/child.html", {"child": found})


# ── Deciding ────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@of_child
def decide(request: CustomerRequest, ward: Ward, purpose: str, channel: str = "") -> HttpResponse:
    """One press of one button, with a note for the child."""
    verb = consent_forms.verb(request.POST.get("decision", ""))
    note = NoteForm(request.POST)
    if verb is None:
        raise BadRequest("the decision is neither allow nor deny")
    if not note.is_valid():
        flash(request, "bad", _("The note has more than 300 letters. Nothing was saved."))
        return _back(request, ward)
    try:
        said = _said(request, ward, purpose, channel, verb)
        outcome = actions.decide(ward.child, request.customer, purpose, channel, verb, said, note=note.cleaned_data["note"].strip())
    except UnknownPurpose:
        raise Http404 from None
    _tell(request, ward, outcome, verb, purpose, channel)
    return _back(request, ward)


def _said(request: CustomerRequest, ward: Ward, purpose: str, channel: str, verb: Verb) -> Said:
    party = request.customer.subject
    said = Said(f"guardian:{party}", party, How.BUTTON, Where.FAMILY, "IV2", language())
    page = consent_forms.Page.parse(request.POST.get("page", ""))
    if page is None:
        return said
    key = form_key(page.nonce, ward.child.subject, party, purpose, channel, verb.value)
    return replace(said, language=page.language, seen=page.seen, version=page.version, shown=page.shown, key=key)


def _tell(request: CustomerRequest, ward: Ward, outcome: Outcome, verb: Verb, purpose: str, channel: str) -> None:
    found, name = published(request.brand).get(purpose), family.called(ward.child)
    title = labelled(found.for_language(language()).title if found else purpose, channel)
    what = {"what": title, "name": name}
    if outcome.result is Result.SAVED and outcome.entry is not None and outcome.entry.act["state"] == State.UNSET and verb is Verb.ALLOW:
        flash(request, "good", _("Saved. Your no is lifted: %(what)s") % what, _("%(name)s decides.") % what)
    elif outcome.result is Result.SAVED:
        text = _("It takes effect now. %(name)s sees it on their own page.") % what
        saved = _("Saved. You allow for %(name)s: %(what)s") if verb is Verb.ALLOW else _("Saved. You don’t allow for %(name)s: %(what)s")
        flash(request, "good", saved % what, text)
    elif outcome.result is Result.STANDS:
        flash(request, "", _("It stands so already: %(what)s") % what, _("Nothing was changed."))
    elif outcome.result is Result.WEAK_PROOF:
        text = _("How you were confirmed does not cover passing data on. Show us an ID or send a signed form, and you can allow it.")
        flash(request, "wait", _("Not saved: %(what)s") % what, text)
    elif outcome.result is Result.NO_CONTROL:
        flash(request, "wait", _("This is not for you to switch: %(what)s") % what, _("Nothing was changed."))
    else:
        text = _("Nothing was saved. Here is how it stands now. If you still want it, press the button again.")
        flash(request, "wait", _("This changed in the meantime: %(what)s") % what, text)


@require_POST
@of_child
def deny_all(request: CustomerRequest, ward: Ward) -> HttpResponse:
    party = request.customer.subject
    said = Said(f"guardian:{party}", party, How.BUTTON, Where.FAMILY, "IV2", language())
    actions.deny_all(ward.child, request.customer, said)
    name = {"name": family.called(ward.child)}
    flash(request, "good", _("Saved. You allow nothing optional for %(name)s.") % name, _("It takes effect now."))
    return _back(request, ward)


@require_POST
@of_child
def answer(request: CustomerRequest, ward: Ward, wish: int) -> HttpResponse:
    """“Not this time” to a wish that is about no use."""
    found, note = ward.child.wishes.filter(pk=wish).first(), NoteForm(request.POST)
    if found is None:
        raise Http404
    found.child = ward.child
    words = note.cleaned_data["note"].strip() if note.is_valid() else ""
    if actions.answer_other(found, request.customer, allowed=False, note=words):
        flash(request, "good", _("Saved. %(name)s sees your answer.") % {"name": family.called(ward.child)})
    return _back(request, ward)


# ── The child's page, its link, its history ─────────────────────────────────────────────────────────────────────────


@never_cache
@require_safe
@of_child
def preview(request: CustomerRequest, ward: Ward) -> HttpResponse:
    """What the child sees; nothing on it can be pressed here."""
    still_decides(ward)
    shown = own_page(ward.child, language(), words=request.GET.get("words", ""))
    return render(request, "guardians/own.html", {"page": shown, "preview": True, "code": ward.child.code})


@never_cache
@require_http_methods(PAGES)
@of_child
def link(request: CustomerRequest, ward: Ward) -> HttpResponse:
    """The link to hand over, also as a square to scan. A new one makes the one before worthless."""
    still_decides(ward)
    if request.method == "POST":
        actions.replace_link(request.customer, ward.child)
        flash(request, "good", _("There is a new link. The one before opens nothing any more."))
        return SeeOther(reverse("guardians:link", args=[ward.child.code]))
    url = f"{origin(request.brand)}{reverse('guardians:open', args=[links.token_of(ward.child)])}"
    context = {"child": ward.child, "name": family.called(ward.child), "url": url, "qr": picture_of(url)}
    return render(request, "guardians/link.html", context)


@never_cache
@require_safe
@of_child
def record(request: CustomerRequest, ward: Ward) -> HttpResponse:
    """What was decided and asked for this child, as the guardian may read it: not after the child decides alone."""
    before = request.GET.get("before", "")
    if before and not (before.isdecimal() and len(before) < 10):
        raise Http404
    still_decides(ward)
    shown = history.page(ward.child, group="choices", before=int(before) if before else None, reader=request.customer.subject)
    months = [history.Month(month.name, [replace(line, receipt_url="", change_url="") for line in month.entries]) for month in shown.months]
    context = {"page": history.HistoryPage(months, shown.older), "name": family.called(ward.child)}
    return render(request, "guardians/history.html", context)


@require_safe
@of_child
def receipt(request: CustomerRequest, ward: Ward, receipt: uuid.UUID) -> HttpResponse:
    """The proof of a decision of one's own."""
    entry = history.find(ward.child, receipt)
    if entry is None or entry.act.get("party") != request.customer.subject:
        raise Http404
    disposition = f'attachment; filename="receipt-{entry.number}.json"'
    return HttpResponse(receipt_bytes(entry), content_type="application/json", headers={"Content-Disposition": disposition})


def still_decides(ward: Ward) -> None:
    """Not in a dispute, and not for who decides and asks alone by now. Raises Frozen, NotYours."""
    if ward.is_frozen:
        raise Frozen
    if decides_alone(ward.child):
        raise NotYours


# ── Details, leaving, the page's own sign-in ────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(PAGES)
@of_child
def details(request: CustomerRequest, ward: Ward) -> HttpResponse:
    still_decides(ward)
    initial = {"name": ward.child.name, "birth_date": ward.child.birth_date}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid() and _corrected(request, ward, form):
        flash(request, "good", _("Saved."))
        return SeeOther(reverse("guardians:family"))
    context = {"form": form, "name": family.called(ward.child)}
    return render(request, "guardians/details.html", context, status=422 if form.is_bound else 200)


def _corrected(request: CustomerRequest, ward: Ward, form: DetailsForm) -> bool:
    said, by = form.cleaned_data, f"guardian:{request.customer.subject}"
    try:
        correct_birth_date(ward.child, said["birth_date"], by=by)
    except NotYours:
        form.add_error("birth_date", _("That would make the child older. Show us a document, and we change it."))
        return False
    except NotAChild:
        form.add_error("birth_date", _("With this birth date the child would be of age."))
        return False
    change_name(customer=ward.child, name=said["name"], by=by)
    return True


@never_cache
@require_http_methods(PAGES)
@of_child
def resign(request: CustomerRequest, ward: Ward) -> HttpResponse:
    if request.method == "POST":
        actions.resign(request.customer, ward.child)
        name = {"name": family.called(ward.child)}
        flash(request, "good", _("You no longer decide for %(name)s, and see nothing any more.") % name)
        return SeeOther(reverse("guardians:family"))
    others = len(gates.guardians_of(ward.child)) - 1
    return render(request, "guardians/resign.html", {"name": family.called(ward.child), "others": others})


@require_POST
@of_child
def address(request: CustomerRequest, ward: Ward) -> HttpResponse:
    """Whether the address that waits on the child's page is theirs."""
    by, name = f"guardian:{request.customer.subject}", {"name": family.called(ward.child)}
    agreed = request.POST.get("decision") == "agree"
    try:
        done = (actions.agree_to_address if agreed else actions.refuse_address)(ward.child, guardian=request.customer, by=by)
    except AddressTaken:
        flash(request, "bad", _("That address belongs to another account here."), _("Nothing was changed."))
        return _back(request, ward)
    if done:
        told = _("From now on %(name)s signs in with the address.") if agreed else _("The address was not taken.")
        flash(request, "good", told % name if agreed else told)
    return _back(request, ward)


def language() -> str:
    return get_language() or "en"


def _back(request: CustomerRequest, ward: Ward) -> HttpResponse:
    """To the page that held the form: the child's own, or the family's."""
    own = reverse("guardians:child", args=[ward.child.code])
    return SeeOther(own if page_before(request) == own else f"{reverse('guardians:family')}#{ward.child.code}")
