"""The pages of this app alone, whatever else the center has."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def overview(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.customer.code if request.customer else "nobody")  # type: ignore[attr-defined]


urlpatterns = [path("", overview), path("", include("accounts.urls")), path("", include("brands.urls"))]
