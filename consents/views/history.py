from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import CustomerRequest, customer_only
from consents import history, jsonld
from ledger.models import Entry
from ledger.receipts import receipt as receipt_bytes

# The filters of the page, as the kinds name their group.
GROUPS = ("", "choices", "answers", "requests", "sign_ins", "account")


@require_safe
@customer_only
def record(request: CustomerRequest) -> HttpResponse:
    group = request.GET.get("show", "")
    before = request.GET.get("before", "")
    if group not in GROUPS or (before and not (before.isdecimal() and len(before) < 10)):
        raise Http404
    page = history.page(request.customer, group=group, before=int(before) if before else None)
    names = {
        "": _("All"), "choices": _("Choices"), "answers": _("Questions"), "requests": _("Requests"), "sign_ins": _("Sign-ins"),
        "account": _("Account"),
    }  # fmt: skip
    views = [{"url": f"?show={name}" if name else "?", "label": names[name], "current": name == group} for name in GROUPS]
    return render(request, "consents/history.html", {"page": page, "views": views, "group": group})


@require_safe
@customer_only
def receipt(request: CustomerRequest, receipt: uuid.UUID) -> HttpResponse:
    return render(request, "consents/receipt.html", {"page": history.receipt_page(request.customer, _own(request, receipt))})


@require_safe
@customer_only
def receipt_json(request: CustomerRequest, receipt: uuid.UUID) -> HttpResponse:
    """The file that proves itself: exactly its canonical bytes."""
    entry = _own(request, receipt)
    return _download(receipt_bytes(entry), "application/json", f"receipt-{entry.number}.json")


@require_safe
@customer_only
def receipt_jsonld(request: CustomerRequest, receipt: uuid.UUID) -> HttpResponse:
    entry = _own(request, receipt)
    return _download(jsonld.jsonld(entry, request.brand), "application/ld+json", f"receipt-{entry.number}.jsonld")


def _own(request: CustomerRequest, receipt: uuid.UUID) -> Entry:
    """Somebody else's receipt is answered like one that never was."""
    entry = history.find(request.customer, receipt)
    if entry is None:
        raise Http404
    return entry


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
