"""What a prompt on a page of the brand posts to: without a sign-in, by the signed pass to one showing."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from brands.dress import dress
from brands.http import BrandRequest, SeeOther
from consents.decide import decide
from profiles import actions, fragments
from profiles.actions.answering import Result
from profiles.actions.asking import By, Gone, Way
from profiles.cards import card, context
from profiles.forms import AnswerForm
from profiles.fragments import BadPass, Noticed
from profiles.kinds import WrongAnswer
from profiles.models import Ask
from profiles.published import PublishedQuestion, questions


@csrf_exempt  # the form stands on a page of the brand: the pass says which showing it answers, and for whom
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: BrandRequest, token: str) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    back = asked.get("back", "")
    try:
        ask = fragments.read_pass(request.brand, token, back)
    except BadPass:
        return _over(request, "")
    with translation.override(ask.language):  # in which it was put
        return _answered(request, ask, back)


def _answered(request: BrandRequest, ask: Ask, back: str) -> HttpResponse:
    question, do = questions(request.brand).questions.get(ask.question.key), request.POST.get("do", "")
    if question is None or question.version != ask.version:
        return _over(request, back)
    if request.method != "POST":
        return _page(request, ask, question, back)
    try:
        if do == "undo":
            return _undo(request, ask, back)
        if do in set(Way):
            actions.turn_down(ask.customer, question.key, Way(do), By("brand", ask.language), ask=ask.pk)
            return _done(request, ask, back)
        return _save(request, ask, question, back)
    except (Gone, WrongAnswer):  # it was retired, or published anew, a moment ago
        return _over(request, back)


def _save(request: BrandRequest, ask: Ask, question: PublishedQuestion, back: str) -> HttpResponse:
    """Whoever holds a pass learns nothing of an answer that stands: neither what it is nor whether it was guessed."""
    if ask.state == Ask.State.ANSWERED and ask.receipt is not None:  # by this very form: pressed twice
        return _done(request, ask, back)
    if ask.state == Ask.State.ANSWERED:
        return _answered_already(request, back)
    if ask.state != Ask.State.OPEN:
        return _notice(request, fragments.what_it_became(ask), back)
    form = AnswerForm(question, ask.language, request.POST)
    if not form.is_valid():
        return _page(request, ask, question, back, given=True)
    outcome = actions.answer(ask.customer, question.key, form.value, By("brand", ask.language), version=ask.version, ask=ask.pk)
    if outcome.result is Result.OTHER_WORDING:
        return _over(request, back)
    if outcome.result in {Result.CHANGED_MEANWHILE, Result.STANDS}:
        return _answered_already(request, back)
    if outcome.result is Result.NOT_ALLOWED:
        text = _("You don’t allow the use that this answer would be for, so nobody could read it.")
        return _notice(request, Noticed(_("Nothing was saved"), text, undo=False), back)
    return _done(request, ask, back)


def _answered_already(request: BrandRequest, back: str) -> HttpResponse:
    text = _("You have answered this already. Sign in to change it under “What you told us”.")
    return _notice(request, Noticed(_("Nothing was saved"), text, undo=False), back)


def _undo(request: BrandRequest, ask: Ask, back: str) -> HttpResponse:
    by = By("brand", ask.language)
    if not fragments.may_undo(ask):
        return _done(request, ask, back)
    if ask.state == Ask.State.NEVER:
        actions.ask_again(ask.customer, ask.question.key, by)
    else:
        actions.take_back(ask.customer, str(ask.receipt), by)
    return _done(request, ask, back)


def _done(request: BrandRequest, ask: Ask, back: str) -> HttpResponse:
    """To the page of the brand that included it, which shows what the card became. A form that stood on our own page stays with us: its
    policy lets no form lead elsewhere."""
    if back and "here" not in request.POST:
        return SeeOther(back)
    ask.refresh_from_db(fields=["state", "acted_at", "receipt"])
    if ask.state == Ask.State.OPEN:
        return _notice(request, Noticed(_("Taken back"), _("Your answer was deleted."), undo=False), back)
    return _notice(request, fragments.what_it_became(ask), back)


def _page(request: BrandRequest, ask: Ask, question: PublishedQuestion, back: str, *, given: bool = False) -> HttpResponse:
    if ask.state != Ask.State.OPEN:
        return _notice(request, fragments.what_it_became(ask), back)
    hidden = [("here", "1"), *([("back", back)] if back else [])]
    found = card(request.brand, question, ask.language, action=request.path, hidden=hidden, given=request.POST if given else None)
    allowed = decide(ask.customer, question.purpose).allowed
    values = {**context(found), "allowed": allowed, "back": back}
    return render(request, "profiles/by_link.html", values, status=422 if found.form.errors else 200)


def _notice(request: BrandRequest, noticed: Noticed, back: str) -> HttpResponse:
    return render(request, "profiles/by_link_done.html", {"done": noticed, "back": back})


def _over(request: BrandRequest, back: str) -> HttpResponse:
    noticed = Noticed(_("This question has gone; nothing was saved"), _("It is not asked any more."), undo=False)
    return render(request, "profiles/by_link_done.html", {"done": noticed, "back": back}, status=410)


@require_safe
def look(request: BrandRequest) -> HttpResponse:
    """The style sheet of an included prompt: the brand's tokens and the rules of the card, none of which reaches beyond the card. A page of
    another origin loads it: it says nothing about anybody."""
    tokens = dress(request.brand).css.replace(":root", ".pc-prompt").replace("@layer brand ", "@layer pc-brand ")
    response = HttpResponse(tokens + RULES.read_text(encoding="utf-8"), content_type="text/css; charset=utf-8")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "public, max-age=3600"
    return response


RULES = Path(__file__).resolve().parents[1] / "prompt.css"
