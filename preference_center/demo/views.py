from __future__ import annotations

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from brands.http import BrandRequest
from preference_center.demo import mailbox


@require_safe
def inbox(request: BrandRequest) -> HttpResponse:
    return render(request, "demo/mailbox.html", {"mails": mailbox.mails(request.brand)})


@require_safe
def mail(request: BrandRequest, name: str) -> HttpResponse:
    return render(request, "demo/mail.html", {"mail": _found(request, name)})


@require_safe
@csp_replace({"style-src": ["'unsafe-inline'"], "script-src": ["'none'"]})  # type: ignore[arg-type]  # its stub knows views without arguments only
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The mail's own HTML on a page of its own: its styles stand inside it, as mail programs want them."""
    return HttpResponse(_found(request, name).html)


def _found(request: HttpRequest, name: str) -> mailbox.Mail:
    found = mailbox.find(request.brand, name)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found
