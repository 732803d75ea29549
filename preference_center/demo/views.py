from __future__ import annotations

from csp.decorators import csp_replace
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from brands.flash import flash
from brands.http import BrandRequest, SeeOther
from preference_center.demo import mailbox, newsletter


@require_safe
def inbox(request: BrandRequest) -> HttpResponse:
    return render(request, "demo/mailbox.html", {"mails": mailbox.mails(request.brand), "newsletter": request.brand.topics.exists()})


@require_safe
def mail(request: BrandRequest, name: str) -> HttpResponse:
    return render(request, "demo/mail.html", {"mail": _found(request, name)})


@require_safe
@csp_replace({"style-src": ["'unsafe-inline'"], "script-src": ["'none'"]})  # type: ignore[arg-type]  # its stub knows views without arguments only
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The mail's own HTML on a page of its own: its styles stand inside it, as mail programs want them."""
    return HttpResponse(_found(request, name).html)


@require_POST
def send_newsletter(request: BrandRequest) -> HttpResponse:
    """The newsletter now, on the brand's first topic, to whoever may get it at this moment."""
    topic = request.brand.topics.first()
    if topic is None:
        raise Http404
    with transaction.atomic():
        newsletter.send(request.brand, topic)
    flash(request, "good", _("The newsletter is on its way."), _("It goes to those who allow it. Load this page again in a moment."))
    return SeeOther(reverse("demo:mailbox"))


def _found(request: HttpRequest, name: str) -> mailbox.Mail:
    found = mailbox.find(request.brand, name)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found
