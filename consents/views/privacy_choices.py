from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest
from brands.flash import flash
from brands.http import SeeOther
from catalogue.published import published
from consents import privacy_choices, signals
from consents.judging import covering
from consents.state_line import day
from consents.states import SCOPE_COLUMN, How, Scope
from ledger.models import Entry


@dataclass(frozen=True)
class Row:
    """One of the three wide words. `uses` are the titles it stops, `names` who gets nothing any more."""

    scope: str
    title: str
    text: str
    button: str
    uses: list[str]
    names: list[str]
    since: str  # "" while it does not stand
    by_signal: bool
    signalled: bool  # the browser says it of itself, now and for as long as it goes on


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: PersonRequest) -> HttpResponse:
    """Opt out of selling, sharing and targeted advertising, limit sensitive data, stop all marketing: no sign-in, no question."""
    if request.method == "POST":
        return _opt_out(request)
    context = {"rows": [_row(request, scope) for scope in Scope], "gpc": request.gpc, "known": request.customer is not None}  # type: ignore[attr-defined]
    return render(request, "consents/privacy_choices.html", context)


def _opt_out(request: PersonRequest) -> HttpResponse:
    name = request.POST.get("scope", "")
    if name not in set(Scope):
        raise BadRequest("no such privacy choice")
    response = SeeOther(f"{reverse('consents:privacy_choices')}#{name}")
    if request.customer is None:
        privacy_choices.opt_out_here(request, response, Scope(name))
        text = _("It counts in this browser from now on. Sign in, and it counts on every device.")
        flash(request, "good", _("Your opt-out is honoured"), text)
        return response
    entry = privacy_choices.opt_out(request.customer, Scope(name), get_language() or "en")
    receipt = reverse("consents:receipt", args=[entry.public_id]) if entry else None
    flash(
        request,
        "good",
        _("Your opt-out is honoured"),
        _("It takes effect now, on every device and with every partner."),
        receipt_url=receipt,
    )
    return response


def _row(request: PersonRequest, scope: Scope) -> Row:
    title, text, button = _words(scope)
    language = get_language() or "en"
    now = timezone.now()
    covered = [each for each in published(request.brand, now).values() if covering(each, [(scope, 1)]) and _live(each, now)]
    names = {path.recipient_name for each in covered for path in each.uses if path.third_party or path.sold or path.shared}
    since, by_signal = _since(request, scope)
    return Row(
        scope.value, title, text, button, [each.for_language(language).title for each in covered], sorted(filter(None, names)),
        day(since, now) if since else "", by_signal, scope in signals.sent(request),
    )  # fmt: skip


def _live(purpose: object, now: datetime) -> bool:
    retired = getattr(purpose, "retired_at", None)
    return retired is None or retired > now


def _since(request: PersonRequest, scope: Scope) -> tuple[datetime | None, bool]:
    """When it began to stand, and whether a signal set it: of the account when somebody is signed in, else of this browser."""
    if request.customer is None:
        return privacy_choices.opted_out_here(request).get(scope), False
    seq = getattr(request.customer, SCOPE_COLUMN[scope])
    entry = Entry.objects.of(request.customer.subject).filter(seq=seq).first() if seq is not None else None
    return (entry.recorded_at, entry.act.get("how") == How.SIGNAL) if entry else (None, False)


def _words(scope: Scope) -> tuple[str, str, str]:
    return {
        Scope.SALE: (
            _("Do not sell or share my data"),
            _("No selling, no passing on to others for their own ends, no advertising chosen from what you do elsewhere."),
            _("Don’t sell or share"),
        ),
        Scope.SENSITIVE: (
            _("Limit the use of my sensitive data"),
            _("Health, beliefs, origin and the like are used for what you asked for, and for nothing else."),
            _("Limit it"),
        ),
        Scope.MARKETING: (
            _("Stop all marketing"),
            _("Every channel, in one step. Messages you need, such as about an order or a booking, keep coming."),
            _("Stop all marketing"),
        ),
    }[scope]
