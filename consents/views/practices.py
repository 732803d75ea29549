from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PersonRequest
from brands.http import BrandRequest
from consents import practices as register
from consents.register_files import recipients_csv, register_jsonld


@require_safe
def practices(request: PersonRequest) -> HttpResponse:
    """Public. Signed in, with the reader's own state."""
    by = request.GET.get("by", "purpose")
    if by not in register.VIEWS:
        raise Http404
    found = register.practices(request.brand, request.customer)
    names = {"purpose": _("By purpose"), "company": _("By company"), "data": _("By kind of data"), "source": _("By where it comes from")}
    context = {
        "by": by,
        "known": found.known,
        "selling": found.selling,
        "views": [{"url": f"?by={name}" if name != "purpose" else "?", "label": names[name], "current": name == by} for name in names],
        "flows": register.flows(found) if by == "purpose" else [],
        "companies": register.companies(found, request.customer) if by == "company" else [],
        "kinds": register.kinds_of_data(found) if by == "data" else register.sources(found) if by == "source" else [],
    }
    return render(request, "consents/practices.html", context)


@require_safe
def csv_file(request: BrandRequest) -> StreamingHttpResponse:
    response = StreamingHttpResponse(recipients_csv(request.brand), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="who-receives-data.csv"'
    return response


@require_safe
def jsonld_file(request: BrandRequest) -> HttpResponse:
    return HttpResponse(register_jsonld(request.brand), content_type="application/ld+json")
