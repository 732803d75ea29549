"""The page of one request, for whose it is: in a session, or by a code; and “this was not me”, by a link."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import gates
from accounts.assurance import FRESH_CODE, SESSION, Proof, proof_of
from accounts.holds import held_until, worth
from accounts.http import PersonRequest, to_sign_in
from accounts.models import Customer
from brands.flash import flash
from brands.http import SeeOther
from consents.grounds import decides_alone
from data_requests import actions, links, tracking
from data_requests.actions.answering import has_begun
from data_requests.actions.appealing import appeal_of
from data_requests.actions.delivering import is_enough
from data_requests.erasing.plan import Plan, plan_of
from data_requests.erasing.scope import deletion_of
from data_requests.forms import MessageForm
from data_requests.kinds import DELETE, KINDS
from data_requests.models import Mandate, Request
from data_requests.parts import scope_of
from data_requests.pausing import holds_pause
from data_requests.states import NotPossible, State
from data_requests.views import by_code
from data_requests.views.own import by, identity


@dataclass(frozen=True)
class Theirs:
    """A request, and what whoever looks at it has shown. `guest`: a code opened it, and nobody is signed in. `guardian`: who looks at it
    for their child."""

    request: Request
    customer: Customer
    proof: Proof
    guest: bool
    guardian: Customer | None = None

    @property
    def asker(self) -> Customer:
        """Whose proof it is that counts."""
        return self.guardian or self.customer

    @property
    def by(self) -> str:
        return f"guardian:{self.guardian.subject}" if self.guardian else by(self.customer)


def theirs(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For whose request it is: signed in, or by a code that was mailed to them a short while ago. Somebody else's is answered like one
    that never was."""

    @wraps(view)
    def guarded(request: PersonRequest, reference: str) -> HttpResponseBase:
        if request.customer is not None:
            found = Request.objects.of(request.customer).filter(number=reference).first()
            if found is not None:
                found.customer, found.brand = request.customer, request.brand
                return view(request, Theirs(found, request.customer, proof_of(request), guest=False))
            of_ward = _of_ward(request, request.customer, reference)
            if of_ward is not None:
                return view(request, of_ward)
        if by_code.is_opened(request, reference):
            opened = Request.objects.filter(brand=request.brand, number=reference).select_related("customer__brand", "brand").first()
            if opened is None or opened.customer is None:
                raise Http404
            return view(request, Theirs(opened, opened.customer, FRESH_CODE, guest=True))
        if by_code.was_opened(request, reference):
            flash(request, "wait", _("Your code has run out. Ask for a new one, and go on."))
            return SeeOther(reverse("requests:follow", args=[reference, links.signature(request.brand.key, reference, links.FOLLOW)]))
        if request.customer is not None:
            raise Http404
        return to_sign_in(request)

    return guarded


def _of_ward(request: PersonRequest, guardian: Customer, reference: str) -> Theirs | None:
    """A request for a child, while the guardianship is in force and undisputed, and the child too young to ask alone."""
    wards = {ward.child.pk: ward for ward in gates.wards_of(guardian) if not ward.is_frozen and not decides_alone(ward.child)}
    found = Request.objects.filter(brand=request.brand, number=reference, customer__in=wards).first() if wards else None
    if found is None or found.customer_id is None:
        return None
    child = wards[found.customer_id].child
    found.customer, found.brand = child, request.brand
    return Theirs(found, child, _of_guardian(request, guardian), guest=False, guardian=guardian)


def _of_guardian(request: PersonRequest, guardian: Customer) -> Proof:
    """What holds the guardian's own copies and deletions holds the child's."""
    now = timezone.now()
    return SESSION if held_until(guardian, now) else worth(guardian, proof_of(request), now)


@never_cache
@require_safe
@theirs
def one(request: PersonRequest, mine: Theirs) -> HttpResponse:
    return _page(request, mine, MessageForm())


def _page(request: PersonRequest, mine: Theirs, form: MessageForm) -> HttpResponse:
    found = mine.request
    back = reverse("requests:one", args=[found.number])
    context = {
        "page": tracking.page(found, settings.PACKAGE_DOWNLOADS, timezone.now()),
        "letters": list(found.letters.all()),
        "mandate": Mandate.objects.filter(request=found).first(),
        "form": form,
        "guest": mine.guest,
        "scope": scope_of(found.asked),
        "deletes": found.kind == DELETE,
        "whole": deletion_of(found.asked).is_whole,
        "begun": has_begun(found),
        "plan": _plan(found, mine.customer),
        "waits": found.not_before is not None and found.not_before > timezone.now(),
        "may_appeal": actions.may_appeal(found),
        "appeal": appeal_of(found),
        "paused": not found.is_open and holds_pause(found),
        "nonce": secrets.token_hex(16),
        "ready_to_fetch": is_enough(found, worth(mine.asker, mine.proof, timezone.now())),
        "whose": mine.customer.name if mine.guardian else "",
        **identity(request, mine.asker, mine.proof, found.kind, back),
    }
    return render(request, "requests/one.html", context, status=422 if form.is_bound else 200)


def _plan(found: Request, customer: Customer) -> Plan | None:
    """What goes and what stays, for whoever has not read it yet: somebody who asked by telephone, or without an account."""
    waits = found.kind == DELETE and found.state == State.IDENTITY_PENDING
    return plan_of(customer, deletion_of(found.asked), timezone.localdate()) if waits else None


@require_POST
@theirs
def prove(request: PersonRequest, mine: Theirs) -> HttpResponse:
    """A request that waits for proof, and a session that has more to show. A code without a sign-in is not more: see actions.claiming."""
    if mine.guest:
        raise Http404
    reference = mine.request.number
    if actions.verify(mine.request, mine.proof, by=mine.by).verified_at is None:
        flash(request, "wait", _("That is not enough yet. Nothing has changed."))
    return SeeOther(reverse("requests:one", args=[reference]))


@require_POST
@theirs
def withdraw(request: PersonRequest, mine: Theirs) -> HttpResponse:
    if actions.withdraw(mine.request, by=mine.by):
        flash(request, "good", _("Withdrawn. You can ask again at any time."))
    return SeeOther(reverse("requests:one", args=[mine.request.number]))


@require_POST
@theirs
def end_pause(request: PersonRequest, mine: Theirs) -> HttpResponse:
    if actions.end_own_pause(mine.request, by=mine.by):
        flash(request, "good", _("The pause has ended. What you allow goes on."))
    return SeeOther(reverse("requests:one", args=[mine.request.number]))


@require_POST
@theirs
def message(request: PersonRequest, mine: Theirs) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _page(request, mine, form)
    try:
        actions.write(mine.request, form.cleaned_data["text"], by=mine.by, from_person=True)
        flash(request, "good", _("We have your message."))
    except NotPossible:
        flash(request, "bad", _("This request is closed. Your message was not sent."))
    return SeeOther(reverse("requests:one", args=[mine.request.number]))


@never_cache
@require_POST
@theirs
def fetch(request: PersonRequest, mine: Theirs) -> HttpResponseBase:
    """The file itself. Two factors, or a fresh code for what has waited; each press counts, and once."""
    reference = mine.request.number
    try:
        content = actions.download(mine.request, mine.proof, by=mine.by, nonce=request.POST.get("nonce", ""))
    except NotPossible:
        flash(request, "wait", _("Nothing was downloaded."), _("Look at what the page says below."))
        return SeeOther(f"{reverse('requests:one', args=[reference])}#get")
    response = StreamingHttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{reference}.zip"'
    response["Cache-Control"] = "no-store"
    return response


# ── “This was not me” ───────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: PersonRequest, reference: str, signature: str) -> HttpResponse:
    """From a mail about a request, without a sign-in. GET shows, POST stops; a link that nobody signed is answered like none."""
    if not links.is_signed(request.brand.key, reference, signature):
        raise Http404
    found = Request.objects.filter(brand=request.brand, number=reference).select_related("customer__brand").first()
    if found is None or found.customer is None:
        raise Http404
    if request.method == "POST":
        actions.not_me(found.customer, by=f"link:{found.subject}")
    context = {"done": request.method == "POST", "days": settings.HOLD_AFTER_NOT_ME.days, "kind": KINDS[found.kind], "number": reference}
    return render(request, "requests/not_me.html", context)
