"""The brand's figures on requests, where it shows them to everybody (mandatory for some: CCPA regulations 7102)."""

from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from brands.http import BrandRequest
from data_requests.figures import Figures, as_csv, public_figures, years


@require_safe
def page(request: BrandRequest, year: int | None = None) -> HttpResponse:
    found, known = _of(request, year)
    return render(request, "requests/figures.html", {"figures": found, "years": known})


@require_safe
def csv_file(request: BrandRequest, year: int) -> HttpResponseBase:
    found, _known = _of(request, year)
    return csv_response(found)


def csv_response(found: Figures) -> HttpResponseBase:
    response = StreamingHttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="requests-{found.year}.csv"'
    return response


def _of(request: BrandRequest, year: int | None) -> tuple[Figures, list[int]]:
    known = years(request.brand)
    year = year or known[0]
    if not request.brand.shows_figures or year not in known:
        raise Http404
    return public_figures(request.brand, year), known
