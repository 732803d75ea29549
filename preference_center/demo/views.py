from __future__ import annotations

import json
import re
import secrets
from typing import Any

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from brands.flash import flash
from brands.http import BrandRequest, SeeOther, mail_page
from preference_center.demo import mailbox, newsletter, partners
from propagation.models import Partner
from propagation.webhooks.signing import NotSigned

ISSUE = re.compile(r"[0-9a-f]{16}")


@require_safe
def inbox(request: BrandRequest) -> HttpResponse:
    issue = secrets.token_hex(8) if request.brand.topics.exists() else ""
    return render(request, "demo/mailbox.html", {"mails": mailbox.mails(request.brand), "issue": issue})


@require_safe
def mail(request: BrandRequest, name: str) -> HttpResponse:
    return render(request, "demo/mail.html", {"mail": _found(request, name)})


@require_safe
def mail_html(request: BrandRequest, name: str) -> HttpResponseBase:
    return mail_page(request, _found(request, name).html)


@require_POST
def send_newsletter(request: BrandRequest) -> HttpResponse:
    """The newsletter now, on the brand's first topic, to whoever may get it at this moment. One press of a page's button is one issue."""
    topic, issue = request.brand.topics.first(), request.POST.get("issue", "")
    if topic is None:
        raise Http404
    if not ISSUE.fullmatch(issue):
        raise BadRequest("no issue of the newsletter")
    with transaction.atomic():
        newsletter.send(topic, issue)
    flash(request, "good", _("The newsletter is on its way."), _("It goes to those who allow it. Load this page again in a moment."))
    return SeeOther(reverse("demo:mailbox"))


@require_safe
def partners_page(request: BrandRequest) -> HttpResponse:
    """What the partners' own servers have got."""
    rows = [
        {"name": each.name, "confirms": partners.PARTNERS[each.key], "events": [_shown(event) for event in partners.taken(each.key)]}
        for each in Partner.objects.filter(brand=request.brand, key__in=partners.PARTNERS)
    ]
    return render(request, "demo/partners.html", {"partners": rows})


def _shown(event: dict[str, Any]) -> dict[str, Any]:
    at = parse_datetime(event["timestamp"])
    return {"type": event["type"], "at": at, "number": event["number"], "data": json.dumps(event["data"], indent=1, ensure_ascii=False)}


@csrf_exempt  # no browser comes here: the signature says who it is
@require_POST
def partner_hook(request: BrandRequest, key: str) -> HttpResponse:
    """A partner's own server, as it would be elsewhere."""
    if key not in partners.PARTNERS:
        raise Http404
    try:
        partners.take(key, {name.lower(): value for name, value in request.headers.items()}, request.body)
    except NotSigned:
        return HttpResponse(status=401)
    return HttpResponse(status=204)


def _found(request: BrandRequest, name: str) -> mailbox.Mail:
    found = mailbox.find(request.brand, name)
    if found is None:
        raise Http404
    return found
