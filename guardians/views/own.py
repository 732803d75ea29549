"""The child's own page: opened by a link, remembered by this browser. Whoever holds it may see, ask and turn off, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import codes, mailed
from accounts.codes import Outcome as Guess
from accounts.forms import CodeForm
from accounts.http import PersonRequest
from accounts.models import Challenge, Customer
from accounts.views.sign_in import words_for
from brands.flash import flash
from brands.http import BrandRequest, SeeOther
from consents import actions as consents
from consents.forms import Page
from consents.grounds import decides_alone
from consents.saying import Said
from consents.standing import UnknownPurpose
from consents.states import How, Where
from guardians import actions, links
from guardians.actions.claiming_page import TooYoung
from guardians.forms import AddressForm, NoteForm
from guardians.models import Wish
from guardians.own import own_page
from guardians.views.family import PAGES, language, with_minors

OWN = "guardians:own"
CLAIMING = "claiming"
CLAIM = Challenge.Purpose.CHILD


class ChildRequest(PersonRequest):
    child: Customer


def by_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For the browser that opened the link. The link is looked at anew each time: a replaced one ends here."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.child = links.child_of(request.brand, request.COOKIES.get(links.COOKIE, ""))
        if request.child is None:
            return render(request, "guardians/own_over.html", status=404)
        return view(request, *args, **kwargs)

    return with_minors(guarded)


@never_cache
@require_safe
@with_minors
def open_link(request: BrandRequest, token: str) -> HttpResponse:
    """Remembers the link in this browser, until it is closed, and goes where the address shows nothing of it."""
    if links.child_of(request.brand, token) is None:
        return render(request, "guardians/own_over.html", status=404)
    response = SeeOther(reverse(OWN))
    response.set_cookie(links.COOKIE, token, secure=settings.HTTPS, httponly=True, samesite="Lax")
    return response


@require_POST
@with_minors
def leave(request: BrandRequest) -> HttpResponse:
    response = render(request, "guardians/own_left.html")
    response.delete_cookie(links.COOKIE)
    response["Clear-Site-Data"] = '"cache"'
    return response


@never_cache
@require_safe
@by_link
def page(request: ChildRequest) -> HttpResponse:
    shown = own_page(request.child, language(), words=request.GET.get("words", ""))
    return render(request, "guardians/own.html", {"page": shown, "no_sign_in": True})


@require_POST
@by_link
def use(request: ChildRequest, purpose: str, channel: str = "") -> HttpResponse:
    """Turn off, which works at once; or ask, take the wish back, remind."""
    act, note = request.POST.get("act", ""), NoteForm(request.POST)
    if not note.is_valid():
        return _too_long(request)
    words = note.cleaned_data["note"].strip()
    try:
        told = {"off": _off, "ask": _ask, "back": _back, "remind": _remind}[act](request.child, purpose, channel, words, request)
    except (KeyError, UnknownPurpose):
        raise Http404 from None
    flash(request, "good", told)
    return SeeOther(f"{reverse(OWN)}#use-{purpose}{'-' + channel if channel else ''}")


def _too_long(request: ChildRequest) -> HttpResponse:
    flash(request, "bad", _("You wrote more than 300 letters. Nothing was sent."))
    return SeeOther(reverse(OWN))


def _off(child: Customer, purpose: str, channel: str, words: str, request: HttpRequest) -> str:
    said = Said(f"self:{child.subject}", child.subject, How.LINK, Where.CHILD, "IV1", language())
    page = Page.parse(request.POST.get("page", ""))
    if page is not None:
        said = replace(said, language=page.language, version=page.version, shown=page.shown)
    consents.turn_off(child, purpose, channel, said)
    return _("It is off. It worked right away.")


def _ask(child: Customer, purpose: str, channel: str, words: str, request: HttpRequest) -> str:
    page = request.POST.get("page", "")
    actions.make_wish(child, Wish.What.ALLOW, purpose=purpose, channel=channel, note=words, page=page if Page.parse(page) else "")
    return _("We asked. You see the answer here.")


def _back(child: Customer, purpose: str, channel: str, words: str, request: HttpRequest) -> str:
    for wish in child.wishes.open().filter(what=Wish.What.ALLOW, purpose=purpose, channel=channel):
        wish.child = child
        actions.take_wish_back(wish)
    return _("You took it back. Nothing was turned on.")


def _remind(child: Customer, purpose: str, channel: str, words: str, request: HttpRequest) -> str:
    wish = child.wishes.open().filter(what=Wish.What.ALLOW, purpose=purpose, channel=channel).first()
    if wish is not None:
        wish.child = child
        if actions.remind(wish):
            return _("We wrote to them once more.")
    return _("We wrote to them today already.")


@require_POST
@by_link
def wish(request: ChildRequest) -> HttpResponse:
    """What is about no use: see everything, something is wrong, delete my data."""
    what, note = request.POST.get("what", ""), NoteForm(request.POST)
    if what not in {Wish.What.COPY, Wish.What.CORRECT, Wish.What.DELETE}:
        raise Http404
    if not note.is_valid():
        return _too_long(request)
    actions.make_wish(request.child, what, note=note.cleaned_data["note"].strip())
    flash(request, "good", _("We asked. You see the answer here."))
    return SeeOther(f"{reverse(OWN)}#more")


# ── Making the page one's own ───────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(PAGES)
@by_link
def claim(request: ChildRequest) -> HttpResponse:
    """At the age: an address, a code to it, and then an adult agrees."""
    if not decides_alone(request.child):
        raise Http404
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        address = form.cleaned_data["address"]
        request.session[CLAIMING] = request.child.code  # two siblings may share a browser
        then = reverse("guardians:claim_code")
        return mailed.ask(request, purpose=CLAIM, canonical=address, address=address, then=then, back=reverse(OWN))
    return render(request, "guardians/claim.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(PAGES)
@by_link
def claim_code(request: ChildRequest) -> HttpResponse:
    if not decides_alone(request.child) or request.session.get(CLAIMING) != request.child.code:
        raise Http404
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        answer = codes.prove(browser=codes.browser_of(request), brand=request.brand, purpose=CLAIM, code=form.cleaned_data["code"])
        if answer.outcome is Guess.PROVEN:
            try:
                actions.ask_for_page(request.child, answer.canonical)
            except TooYoung:
                raise Http404 from None
            flash(request, "good", _("The address is yours. Now an adult agrees, and you sign in with it."))
            return SeeOther(reverse(OWN))
        form.add_error("code", words_for(answer))
    asked = codes.asked(codes.browser_of(request), request.brand, CLAIM)
    context = {"form": form, "address": asked.address if asked else "", "minutes": codes.minutes_valid()}
    return render(request, "guardians/claim_code.html", context, status=422 if form.is_bound else 200)
