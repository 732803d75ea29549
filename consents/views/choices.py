from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import AddressForm
from accounts.http import CustomerRequest, PersonRequest, customer_only, safe_next, to_sign_in
from accounts.models import Customer
from brands.flash import Undo, flash
from brands.http import SeeOther
from catalogue.published import Published, published
from consents import actions, forms, history, screens
from consents.asking import months_to_wait
from consents.conflict import conflict, conflict_here
from consents.effects import told_now
from consents.models import Choice
from consents.saying import Outcome, Result, Said
from consents.standing import UnknownPurpose, months_after, offered_by
from consents.states import How, Scope, State, Verb, Where
from consents.taste_form import taste_form
from consents.undoing import may_undo
from consents.views import prospects
from consents.words import labelled


@require_safe
def choices(request: PersonRequest) -> HttpResponse:
    """The same purposes for everybody; signed in, with how each stands."""
    if request.customer is None:
        context = {"page": screens.prospect_page(request.brand, language()), "prospect": True, "come_in": AddressForm(brand=request.brand)}
        return render(request, "consents/choices.html", context | {"held": signalled(request), "signalled": signalled(request)})
    page = screens.choices_page(request.customer, language())
    context = {"page": page, "taste": taste_form(request.customer, page), "held": _held_by_signal(request, request.customer)}
    context["signalled"] = signalled(request)
    return render(request, "consents/choices.html", context)


@require_POST
def decide(request: PersonRequest, purpose: str, channel: str = "") -> HttpResponse:
    """One press of one button: allow or deny one use, on one channel."""
    if request.customer is None:
        return _signed_out(request, purpose, channel)
    return _decide(request, purpose, channel)  # type: ignore[arg-type]


def _signed_out(request: PersonRequest, purpose: str, channel: str) -> HttpResponse:
    verb = forms.verb(request.POST.get("decision", ""))
    if verb is None:
        raise BadRequest("the decision is neither allow nor deny")
    try:
        offered_by(request.brand, purpose, channel)
    except UnknownPurpose:
        raise Http404 from None
    if settings.SESSION_COOKIE_NAME in request.COOKIES:  # their session has ended while the page was open
        return to_sign_in(request)
    if verb is Verb.DENY:
        return prospects.not_signed_in(request)
    if against := conflict_here(request, request.brand, purpose, channel):
        return render(request, "consents/conflict.html", {"conflict": against})
    return prospects.ask_address(request, purpose, channel, forms.Page.parse(request.POST.get("page", "")))


def _decide(request: CustomerRequest, purpose: str, channel: str) -> HttpResponse:
    verb = forms.verb(request.POST.get("decision", ""))
    if verb is None:
        raise BadRequest("the decision is neither allow nor deny")
    customer = request.customer
    page = forms.Page.parse(request.POST.get("page", ""))
    if verb is Verb.ALLOW and (against := conflict(customer, purpose, channel, request.POST)):
        return render(request, "consents/conflict.html", {"conflict": against})
    where, back = _page_of(request)
    said = replace(forms.said(customer.subject, page, purpose, channel, verb, language()), where=where)
    try:
        outcome = actions.say(customer, purpose, channel, verb, said)
    except UnknownPurpose:
        raise Http404 from None
    tell(request, outcome, verb, published(request.brand)[purpose], channel)
    return SeeOther(f"{back}#{purpose}")


def _page_of(request: CustomerRequest) -> tuple[Where, str]:
    """The page that held the form, and where to go back to."""
    where = request.POST.get("where", "")
    if where == Where.MAP:
        return Where.MAP, reverse("consents:practices")
    if where == Where.CHANGE:
        return Where.CHANGE, safe_next(request, reverse("consents:choices"))
    return Where.CHOICES, reverse("consents:choices")


@require_POST
@customer_only
def undo(request: CustomerRequest) -> HttpResponse:
    outcome = actions.undo(request.customer, request.POST.get("receipt", ""), own_word(request))
    if outcome.choice is not None and outcome.entry is not None:
        receipt = reverse("consents:receipt", args=[outcome.entry.public_id])
        flash(request, "good", _("Undone. It stands as it did before."), _("It takes effect now."), receipt_url=receipt)
        return SeeOther(f"{reverse('consents:choices')}#{outcome.choice.purpose}")
    late = _("The time for undoing it is over, or something newer stands. Nothing was changed. You can decide anew here.")
    flash(request, "wait", _("This can’t be undone any more"), late)
    return SeeOther(reverse("consents:choices"))


@require_POST
@customer_only
def deny_all(request: CustomerRequest) -> HttpResponse:
    count = len(actions.deny_all(request.customer, own_word(request)))
    if count:
        done = ngettext("%(count)d choice was set to “Don’t allow”.", "%(count)d choices were set to “Don’t allow”.", count)
        text = _("It takes effect now. Each has its own receipt in your history, and you can allow each again.")
        flash(request, "good", f"{_('Saved.')} {done % {'count': count}}", text, receipt_url=reverse("consents:history"))
    else:
        flash(request, "", _("Nothing to change: you allow none of these."))
    return SeeOther(reverse("consents:choices"))


@require_POST
@customer_only
def marketing(request: CustomerRequest) -> HttpResponse:
    """Stops all marketing; or lifts that stop, where the form says so and had seen it."""
    customer = request.customer
    if request.POST.get("state") == "off":
        entry = actions.lift(customer, Scope.MARKETING, own_word(request))
        title, text = _("Saved. The stop of all marketing is lifted."), _("Each use stands again as you decided it.")
    else:
        entry = actions.stop(customer, Scope.MARKETING, own_word(request))
        title = _("Saved. All marketing has stopped.")
        text = _("It takes effect now, on every channel. Messages you need, such as about an order or a booking, keep coming.")
    if entry is None:
        flash(request, "", _("It stands so already. Nothing was changed."))
    else:
        flash(request, "good", title, text, receipt_url=reverse("consents:receipt", args=[entry.public_id]))
    return SeeOther(reverse("consents:choices"))


def _held_by_signal(request: PersonRequest, customer: Customer) -> bool:
    """Whether the browser's signal set, or sends right now, the no to selling and sharing."""
    entry = history.entry_at(customer, customer.sale_stopped_seq)
    return signalled(request) or (entry is not None and entry.act.get("how") == How.SIGNAL)


def signalled(request: PersonRequest) -> bool:
    return bool(getattr(request, "gpc", False))


def language() -> str:
    return get_language() or "en"


def own_word(request: CustomerRequest) -> Said:
    """The signed-in customer's own word, with what their page had seen where the form says it."""
    subject = request.customer.subject
    seen = request.POST.get("seen", "")
    return Said(f"self:{subject}", subject, language=language(), seen=int(seen) if seen.isdecimal() and len(seen) < 10 else None)


def tell(request: CustomerRequest, outcome: Outcome, verb: Verb, purpose: Published, channel: str) -> None:
    """The outcome at the top of the next page: what happened, from when, the undo and the receipt."""
    label = labelled(purpose.for_language(language()).title, channel)
    if outcome.saved and outcome.entry is not None and outcome.choice is not None:
        receipt = reverse("consents:receipt", args=[outcome.entry.public_id])
        undo = Undo(url=reverse("consents:undo"), receipt=str(outcome.entry.public_id))
        may = may_undo(outcome.choice, outcome.entry.recorded_at)
        passed = told_now(purpose) if outcome.entry.act["before"] == State.GRANTED else ""
        text = " ".join(filter(None, [_effect(verb, purpose), passed, _rest(outcome.choice, purpose)]))
        flash(request, "good", _saved(outcome.choice.state, label), text, undo if may else None, receipt)
    elif outcome.result is Result.STANDS:
        flash(request, "", _("It stands so already: %(what)s") % {"what": label}, _("Nothing was changed."))
    elif outcome.result is Result.NO_CONTROL:
        flash(request, "wait", _("This is not for you to switch: %(what)s") % {"what": label}, _("Nothing was changed."))
    else:
        text = _("Nothing was saved. Here is how it stands now. If you still want it, press the button again.")
        flash(request, "wait", _("This changed in the meantime: %(what)s") % {"what": label}, text)


def _saved(state: str, label: str) -> str:
    return {
        State.GRANTED: _("Saved. You allow: %(what)s"),
        State.REFUSED: _("Saved. You don’t allow: %(what)s"),
        State.WITHDRAWN: _("Saved. It has stopped: %(what)s"),
        State.OBJECTED: _("Saved. You object, and we have stopped: %(what)s"),
        State.OPTED_OUT: _("Saved. You have opted out: %(what)s"),
    }.get(State(state), _("Saved: %(what)s")) % {"what": label}


def _effect(verb: Verb, purpose: Published) -> str:
    if verb is Verb.DENY and screens.is_marketing(purpose):
        return _("It takes effect now. A message already on its way may still arrive today.")
    return _("It takes effect now.")


def _rest(choice: Choice, purpose: Published) -> str:
    """How long this use will not be put to the person again; nothing where it would never be."""
    if choice.state not in {State.REFUSED, State.WITHDRAWN, State.OPTED_OUT}:
        return ""
    day = date_format(timezone.localtime(months_after(choice.recorded_at, months_to_wait(purpose))), "DATE_FORMAT")
    return _("We won’t ask you about it before %(day)s.") % {"day": day}
