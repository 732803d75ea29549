"""Asking without an account, for oneself or for somebody else: three questions, a code to the address of who asks. Nobody is looked up
before the code; known and unknown addresses are answered by the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_countries import countries

from accounts.actions import AddressRetired, meet
from accounts.assurance import BY_ADDRESS
from accounts.http import PersonRequest
from accounts.sealed import seal
from brands.flash import flash
from brands.http import SeeOther
from data_requests import actions, drafts, links
from data_requests.asking_forms import AgentForm, DeclareForm, SelfForm, WhatForm
from data_requests.converters import FOR_SOMEBODY_ELSE, WITHOUT_ACCOUNT
from data_requests.kinds import KINDS
from data_requests.models import Claim
from data_requests.views import by_code
from data_requests.views.own import tell_received
from jobs.actions import enqueue

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGES = {"GET", "HEAD", "POST"}


@dataclass(frozen=True)
class Asker:
    key: str
    title: StrOrPromise
    who: StrOrPromise
    form: type[forms.Form]
    declares: StrOrPromise


ASKERS: Mapping[str, Asker] = {
    asker.key: asker
    for asker in (
        Asker(
            WITHOUT_ACCOUNT, gettext_lazy("Ask without an account"), gettext_lazy("Who are you?"), SelfForm,
            gettext_lazy("I declare that I am this person, and that what I wrote is true."),
        ),
        Asker(
            FOR_SOMEBODY_ELSE, gettext_lazy("Ask for somebody else"), gettext_lazy("Who are you, and whom do you ask for?"), AgentForm,
            gettext_lazy("I declare that I hold this person’s signed permission, and will show it when asked."),
        ),
    )
}  # fmt: skip


@never_cache
@require_http_methods(PAGES)
def what(request: PersonRequest, asker: str) -> HttpResponse:
    """Step 1 of 3."""
    before = _answers(request, asker)
    form = WhatForm(request.POST if request.method == "POST" else None, initial=before)
    if form.is_bound and form.is_valid():
        drafts.keep_sealed(request, asker, before | form.cleaned_data)
        return SeeOther(reverse("requests:asking_who", args=[asker]))
    return _page(request, "requests/asking.html", asker, form, step=1, back=reverse("requests:hub"))


@never_cache
@require_http_methods(PAGES)
def who(request: PersonRequest, asker: str) -> HttpResponse:
    """Step 2 of 3."""
    before = _answers(request, asker)
    if "kind" not in before:
        return redirect("requests:asking", asker)
    form = ASKERS[asker].form(request.POST if request.method == "POST" else None, initial={"country": request.brand.country} | before)
    if form.is_bound and form.is_valid():
        drafts.keep_sealed(request, asker, before | {name: _plain(value) for name, value in form.cleaned_data.items()})
        return SeeOther(reverse("requests:asking_check", args=[asker]))
    return _page(request, "requests/asking.html", asker, form, step=2, back=reverse("requests:asking", args=[asker]))


@never_cache
@require_http_methods(PAGES)
def check(request: PersonRequest, asker: str) -> HttpResponse:
    """Step 3 of 3: the answers again, and the declaration."""
    answers, nonce = drafts.sealed_draft(request, asker) or ({}, "")
    if "email" not in answers:
        return redirect("requests:asking_who", asker)
    form = DeclareForm(request.POST if request.method == "POST" else None, sentence=ASKERS[asker].declares)
    if form.is_bound and form.is_valid():
        return _send(request, asker, answers, nonce)
    by_itself = asker == WITHOUT_ACCOUNT and answers["kind"] == "limit"
    context = {"facts": _facts(answers), "by_itself": by_itself}
    return _page(request, "requests/asking_check.html", asker, form, step=3, back=reverse("requests:asking_who", args=[asker]), **context)


@never_cache
@require_safe
def limited(request: PersonRequest) -> HttpResponse:
    return render(request, "requests/limited.html")


def _send(request: PersonRequest, asker: str, answers: dict[str, Any], nonce: str) -> HttpResponse:
    """A limit asks for no proof, not even of the address; everything else for a code."""
    if asker == WITHOUT_ACCOUNT and answers["kind"] == "limit":
        asked = {"brand": request.brand.key, "address": answers["email"], "text": answers["text"], "nonce": nonce}
        enqueue("data_requests.limit", {"sealed": seal(asked)})
        drafts.forget(request, asker)
        return SeeOther(reverse("requests:limited"))
    return by_code.ask(request, answers["email"], {"for": asker})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _answers(request: PersonRequest, asker: str) -> dict[str, Any]:
    draft = drafts.sealed_draft(request, asker)
    return draft[0] if draft else {}


def _facts(answers: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Label, answer, and the step that changes it."""
    said = [
        (_("You ask for"), KINDS[answers["kind"]].title, "asking"),
        (_("In your words"), answers["text"], "asking"),
        (_("Your name"), answers["name"], "asking_who"),
        (_("Your organisation"), answers.get("organisation"), "asking_who"),
        (_("Your email address"), answers["email"], "asking_who"),
        (_("Something that only you and we know"), answers.get("shown"), "asking_who"),
        (_("Country you live in"), countries.name(answers["country"]) if "country" in answers else "", "asking_who"),
        (_("Email address of the person you ask for"), answers.get("person"), "asking_who"),
    ]
    day = answers.get("permission_on")
    if day:
        said.append((_("Permission signed on"), date_format(date.fromisoformat(day), "DATE_FORMAT"), "asking_who"))
    return [(label, str(answer), step) for label, answer, step in said if answer]


def _page(request: PersonRequest, template: str, asker: str, form: forms.Form, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"asker": ASKERS[asker], "form": form, **context}, status=status)


# ── When the code was right ─────────────────────────────────────────────────────────────────────────────────────────


def proven(request: PersonRequest, asker: str, canonical: str) -> HttpResponse:
    """The address of who asks has answered: what they asked for is written down, and its page opens."""
    draft = drafts.sealed_draft(request, asker)
    if draft is None or draft[0].get("email") != canonical:
        flash(request, "wait", _("Your answers have run out. Nothing was sent."))
        return SeeOther(reverse("requests:asking", args=[asker]))
    return (_for_themselves if asker == WITHOUT_ACCOUNT else _for_another)(request, *draft)


def _for_themselves(request: PersonRequest, answers: dict[str, Any], nonce: str) -> HttpResponse:
    language = get_language() or request.brand.default_language
    place = {"country": answers["country"], "region": answers["region"]}
    try:
        customer = meet(brand=request.brand, address=answers["email"], language=language, **place)
    except AddressRetired:
        flash(request, "bad", _("This address is no longer in use here. Use your newer one."), _("Nothing was sent."))
        return SeeOther(reverse("requests:asking_who", args=[WITHOUT_ACCOUNT]))
    customer.brand = request.brand
    claim = Claim(name=answers["name"], shown=answers["shown"])
    received = actions.receive(
        customer, answers["kind"], {"text": answers["text"]}, BY_ADDRESS, by=f"self:{customer.subject}", nonce=nonce, claim=claim
    )
    drafts.forget(request, WITHOUT_ACCOUNT)
    by_code.remember(request, received.request.number)
    tell_received(request, received)
    return SeeOther(reverse("requests:one", args=[received.request.number]))


def _for_another(request: PersonRequest, answers: dict[str, Any], _nonce: str) -> HttpResponse:
    mandate = actions.ask_for(
        request.brand, answers["kind"], {"text": answers["text"]}, person=answers["person"], agent=answers["name"],
        organisation=answers["organisation"], address=answers["email"], permission_on=date.fromisoformat(answers["permission_on"]),
        language=get_language() or request.brand.default_language,
    )  # fmt: skip
    drafts.forget(request, FOR_SOMEBODY_ELSE)
    flash(request, "good", _("We have your request."), _("Its number is %(number)s.") % {"number": mandate.number})
    return SeeOther(reverse("requests:mandate", args=[mandate.number, links.signature(request.brand.key, mandate.number, links.AGENT)]))
