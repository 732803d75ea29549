from __future__ import annotations

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonRequest
from brands.http import BrandRequest
from notifications import actions, change_page, hooks


@require_safe
def change(request: PersonRequest, day: date) -> HttpResponse:
    """What changes on that day: public. A signed-in customer decides here, and that they had it before them is noted once."""
    found = change_page.find(request.brand, day)
    if found is None:
        raise Http404
    old, new = found
    page = change_page.page(request.brand, request.customer, old, new, get_language() or request.brand.default_language)
    if request.customer is not None and request.method == "GET" and not request.customer.changes_seen.filter(version=new.pk).exists():
        actions.see(request.customer, change_page.version_of(new))
    return render(request, "notifications/change.html", {"page": page})


@csrf_exempt  # the signature is the authority
@require_POST
def mail_hook(request: BrandRequest) -> HttpResponse:
    """What came back of our mail, told by whoever sends it. Can only reduce mailing."""
    return hooks.answer(request)
