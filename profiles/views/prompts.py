"""One question on a page of its own, and what is done about it: answered, put off, refused for ever."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import CustomerRequest, customer_only, safe_next
from brands.flash import Undo, flash
from brands.http import SeeOther
from consents.decide import decide
from profiles import actions
from profiles.actions.answering import Outcome, Result
from profiles.actions.asking import By, Gone, Way
from profiles.cards import Card, card, context, in_words, turned_down
from profiles.forms import AnswerForm
from profiles.kinds import WrongAnswer
from profiles.models import Answer
from profiles.published import PublishedQuestion, questions


@require_http_methods(["GET", "HEAD", "POST"])
@customer_only
def page(request: CustomerRequest, question: str) -> HttpResponse:
    asked = questions(request.brand).questions.get(question)
    if asked is None:
        return _gone(request) if request.method == "POST" else _never_was(request, question)
    if request.method != "POST":
        return _show(request, asked)
    do = request.POST.get("do", "save")
    if do in set(Way):
        return _turn_down(request, asked, Way(do))
    return _save(request, asked)


def _never_was(request: CustomerRequest, key: str) -> HttpResponse:
    """A question that was asked once is gone; any other never was."""
    if not any(asked == key for asked, _number in questions(request.brand).versions):
        raise Http404
    return _gone(request)


def _gone(request: CustomerRequest) -> HttpResponse:
    flash(request, "wait", _("This question has gone; nothing was saved"), _("It is not asked any more."))
    return SeeOther(reverse("profiles:told"))


def _show(request: CustomerRequest, question: PublishedQuestion, found: Card | None = None, **more: object) -> HttpResponse:
    allowed = decide(request.customer, question.purpose).allowed
    answer = Answer.objects.filter(customer=request.customer, question=question.pk).select_related("question").first()
    found = found or card(request.brand, question, language(), hidden=[("next", reverse("profiles:told"))], answer=answer)
    status = 409 if more else 422 if found.form.errors else 200
    return render(request, "profiles/prompt.html", {**context(found), "allowed": allowed, **more}, status=status)


def _save(request: CustomerRequest, question: PublishedQuestion) -> HttpResponse:
    if _number(request, "version") != question.version:
        return _show(request, question, reworded=True)
    form = AnswerForm(question, language(), request.POST)
    if not form.is_valid():
        return _show(request, question, _again(request, question))
    by, seen, ask = By("center", language()), _number(request, "seen"), _number(request, "ask")
    try:
        outcome = actions.answer(request.customer, question.key, form.value, by, version=question.version, seen=seen, ask=ask)
    except (Gone, WrongAnswer):  # it was retired, or published anew, a moment ago
        return _gone(request)
    if outcome.result is Result.OTHER_WORDING:
        return _gone(request)
    if outcome.result is Result.CHANGED_MEANWHILE and outcome.answer is not None:
        found = _again(request, question, outcome.answer)
        return _show(request, question, found, meanwhile=in_words(request.brand, outcome.answer, language()))
    _tell(request, outcome)
    return SeeOther(safe_next(request, reverse("profiles:told")))


def _tell(request: CustomerRequest, outcome: Outcome) -> None:
    if outcome.result is Result.NOT_ALLOWED:
        flash(request, "wait", _("Nothing was saved"), _("You don’t allow the use that this answer would be for, so nobody could read it."))
    elif outcome.result is Result.STANDS or outcome.answer is None:
        flash(request, "", _("We have this answer already"), _("Nothing was changed."))
    else:
        tell_saved(request, outcome.answer, undo=outcome.first)


def tell_saved(request: CustomerRequest, answer: Answer, *, undo: bool) -> None:
    """`undo`: of a first answer alone; what stood before a change is not kept."""
    text = _("Thank you. You can change it under “What you told us”.")
    back = Undo(url=reverse("profiles:undo"), receipt=str(answer.receipt)) if undo else None
    flash(request, "good", _("Saved"), text, back, reverse("consents:receipt", args=[answer.receipt]))


def _again(request: CustomerRequest, question: PublishedQuestion, answer: Answer | None = None) -> Card:
    """The form with everything that was typed; with `answer`, as one that has seen it."""
    carried = [(name, value) for name in ("ask", "next", "seen") if (value := request.POST.get(name)) and not (name == "seen" and answer)]
    hidden = [*carried, *([("seen", str(answer.seq))] if answer else [])]
    return card(request.brand, question, language(), hidden=hidden, given=request.POST)


def _turn_down(request: CustomerRequest, question: PublishedQuestion, way: Way) -> HttpResponse:
    try:
        until = actions.turn_down(request.customer, question.key, way, By("center", language()), ask=_number(request, "ask"))
    except Gone:
        return _gone(request)
    title, text = turned_down(way, date_format(timezone.localtime(until), "DATE_FORMAT") if until else "")
    undo = Undo(url=reverse("profiles:again", args=[question.key]), receipt="") if way is Way.NEVER else None
    flash(request, "", title, text, undo)
    return SeeOther(safe_next(request, reverse("profiles:told")))


@require_POST
@customer_only
def again(request: CustomerRequest, question: str) -> HttpResponse:
    """Takes “don't ask again” back."""
    try:
        done = actions.ask_again(request.customer, question, By("center", language()))
    except Gone:
        return _gone(request)
    if done:
        flash(request, "good", _("We may ask you again"), _("Three times at most in all, and seldom."))
    return SeeOther(safe_next(request, reverse("profiles:told")))


def _number(request: CustomerRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER else None


LONGEST_NUMBER = 18  # digits


def language() -> str:
    return get_language() or "en"
