"""The record of processing activities (GDPR Art. 30) on the desk: to read, and as files for an authority."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue.admin.of_brand import brand_of
from consents import record_of_processing as record

may_read = permission_required("catalogue.read_record_of_processing", raise_exception=True)


@require_safe
@may_read
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    brand = brand_of(request)
    context = {
        **site.each_context(request),
        "title": _("Record of processing"),
        "activities": record.activities(brand),
        "people": record.people(brand),
        "officer": record.officer(brand),
    }
    return render(request, "admin/record_of_processing.html", context)


@require_safe
@may_read
def csv_file(request: HttpRequest, site: AdminSite) -> StreamingHttpResponse:
    response = StreamingHttpResponse(record.record_csv(brand_of(request)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="record-of-processing.csv"'
    return response


@require_safe
@may_read
def jsonld_file(request: HttpRequest, site: AdminSite) -> HttpResponse:
    response = HttpResponse(record.record_jsonld(brand_of(request)), content_type="application/ld+json")
    response["Content-Disposition"] = 'attachment; filename="record-of-processing.jsonld"'
    return response


# (end of the address, view, name)
PAGES = (
    ("", page, "record_of_processing"),
    ("csv/", csv_file, "record_of_processing_csv"),
    ("jsonld/", jsonld_file, "record_of_processing_jsonld"),
)
