"""From a mail, without a sign-in: how a request stands, the confirmation that a link is enough for, and a code that opens the rest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.assurance import BY_LINK
from accounts.http import PersonRequest
from accounts.links import masked
from accounts.models import Contact
from brands.flash import flash
from brands.http import SeeOther
from data_requests import actions, links, tracking
from data_requests.erasing.certificate import entry_of, shown
from data_requests.kinds import DELETE
from data_requests.models import Mandate, Request
from data_requests.states import RELEASED, UNVERIFIED
from data_requests.views import by_code
from ledger.receipts import receipt as receipt_bytes


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: PersonRequest, reference: str, follows: str) -> HttpResponse:
    """`follows`: the signature of the link."""
    found = _signed(request, reference, follows)
    if request.method == "POST" and not _is_over(found) and found.customer is not None:
        return _confirm(request, found, follows) if "confirm" in request.POST else _send_code(request, found)
    pending = found.state in UNVERIFIED
    context = {
        "page": tracking.page(found, settings.PACKAGE_DOWNLOADS, timezone.now()),
        "over": _is_over(found),
        "mandate": Mandate.objects.filter(request=found).first(),
        "opens": pending and BY_LINK.opens(found.kind, found.regime),
        "not_me": links.signature(request.brand.key, found.number),
        "keeps": links.signature(request.brand.key, found.number, links.KEEP),
        "certificate": None if _is_over(found) else shown(found),
        "erased": found.customer is None,
        "signature": follows,
    }
    return render(request, "requests/follow.html", context)


def _signed(request: PersonRequest, reference: str, signature: str) -> Request:
    """A link that nobody signed is answered like one of a request that never was."""
    if not links.is_signed(request.brand.key, reference, signature, links.FOLLOW):
        raise Http404
    found = Request.objects.filter(brand=request.brand, number=reference).select_related("customer__brand", "brand").first()
    if found is None or (found.customer is None and not (found.kind == DELETE and found.state in RELEASED)):
        raise Http404
    return found


@never_cache
@require_safe
def certificate(request: PersonRequest, reference: str, follows: str) -> HttpResponse:
    """The file that proves itself, for whoever has the link of the mail."""
    found = _signed(request, reference, follows)
    entry = None if _is_over(found) else entry_of(found)
    if entry is None:
        raise Http404
    name = f'attachment; filename="{reference}.json"'
    return HttpResponse(receipt_bytes(entry), content_type="application/json", headers={"Content-Disposition": name})


def _is_over(found: Request) -> bool:
    return found.closed_at is not None and found.closed_at + settings.FOLLOW_LINK_KEPT < timezone.now()


def _confirm(request: PersonRequest, found: Request, signature: str) -> HttpResponse:
    verified = actions.verify(found, BY_LINK, by=f"link:{found.subject}")
    if verified.is_open and verified.verified_at is not None:
        flash(request, "good", _("Confirmed. We are at work on it."))
    elif verified.is_open:
        flash(request, "wait", _("That is not enough yet. Nothing has changed."))
    return SeeOther(reverse("requests:follow", args=[found.number, signature]))


def _send_code(request: PersonRequest, found: Request) -> HttpResponse:
    """To the newest address that has proven to be theirs."""
    assert found.customer
    contact = found.customer.contacts.proven().filter(channel=Contact.Channel.EMAIL).order_by("-proven_at").first()
    if contact is None:
        raise Http404
    waiting = {"for": by_code.FOLLOW, "number": found.number, "shown": masked(contact.address)}
    return by_code.ask(request, contact.canonical, waiting)


def proven(request: PersonRequest, reference: str) -> HttpResponse:
    by_code.remember(request, reference)
    return SeeOther(reverse("requests:one", args=[reference]))


@never_cache
@require_safe
def mandate(request: PersonRequest, mandate: str, agent: str) -> HttpResponse:
    """For the agent: how far it is, and no more (CCPA regulations 7063). Whether somebody has that address stays open. `mandate`: its
    number; `agent`: the signature of the link."""
    found = Mandate.objects.filter(brand=request.brand, number=mandate).select_related("request").first()
    if found is None or not links.is_signed(request.brand.key, mandate, agent, links.AGENT):
        raise Http404
    asked = found.request
    # Only what the person did themselves tells anything: a limit happens to whom it happens, and what nobody proved ends like nothing.
    known = asked if asked is not None and asked.verified_at is not None and asked.kind != "limit" else None
    if known is None and found.created_at + settings.UNVERIFIED_KEPT < timezone.now():
        raise Http404
    context: dict[str, Any] = {"mandate": found, "request_of": known, "kind": found.get_kind_display()}
    return render(request, "requests/mandate.html", context)
