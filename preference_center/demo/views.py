from __future__ import annotations

import re
import secrets

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from brands.flash import flash
from brands.http import BrandRequest, SeeOther, mail_page
from preference_center.demo import mailbox, newsletter

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


def _found(request: BrandRequest, name: str) -> mailbox.Mail:
    found = mailbox.find(request.brand, name)
    if found is None:
        raise Http404
    return found
